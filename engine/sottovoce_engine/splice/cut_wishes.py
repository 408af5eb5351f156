"""One cut, where a person may want it: moved and faded as asked, so far as there is room.

room        |<---------------------------->|      between the last word before and the first word after, or the handles
decided                 |==fade==|
earlier       |==fade==|<--------                 as far as there is room, and no word is touched
"""

from dataclasses import dataclass
from enum import StrEnum

from sottovoce_engine.timing import SAMPLE_RATE, Span


class Limit(StrEnum):
    """What a fade cannot go beyond."""

    WORD = "a word lies there"
    HANDLE = "the take holds no more"
    SCENE = "the scene ends there"


@dataclass(frozen=True, slots=True, kw_only=True)
class CutWish:
    """What is asked of one cut, in samples."""

    fade: int = 0  # 0: as long as all others
    later: int = 0  # by which the cut lies later than it would; below 0 earlier


AS_DECIDED = CutWish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where a fade may lie, in scene samples, and why not before or after it."""

    span: Span
    first: Limit = Limit.WORD
    last: Limit = Limit.WORD


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One cut with its fade, in scene samples."""

    fade: Span
    unmoved_at: int  # where its centre would lie if nobody moved it
    room: Room
    asked: CutWish = AS_DECIDED

    @property
    def at(self) -> int:
        """The centre of its fade."""
        return (self.fade.start + self.fade.end) // 2

    @property
    def later(self) -> int:
        """By how many samples it was moved."""
        return self.at - self.unmoved_at


def cut_within(room: Room, preferred: Span, centre: int, length: int, asked: CutWish) -> Cut:
    """A cut with a fade of `length`, or as asked for, so far as there is room.

    Args:
        room: Where it may lie at all.
        preferred: Where it lies while nobody asks for anything, such as before a breath.
        centre: Its middle is as near to this as `preferred` allows.
        length: Samples.
        asked: Another length leaves the cut where it is; it may lie anywhere in `room`.
    """
    fade = _within(preferred, centre, length)
    unmoved = (fade.start + fade.end) // 2
    if asked != AS_DECIDED:
        fade = _within(room.span, unmoved + asked.later, asked.fade or length)
    return Cut(fade=fade, unmoved_at=unmoved, room=room, asked=asked)


def wish_notes(cut: Cut) -> tuple[str, ...]:
    """What was asked of a cut and could not be done in full, with the reason."""
    asked, notes = cut.asked, []
    if asked.fade > cut.fade.length:
        notes.append(
            f"a fade of {_ms(asked.fade)} was asked for, and there is room for {_ms(cut.fade.length)}: before it "
            f"{cut.room.first}, after it {cut.room.last}"
        )
    if asked.later not in (0, cut.later):
        earlier = asked.later < 0
        reason = cut.room.first if earlier else cut.room.last
        got = f"lies {_ms(abs(cut.later))} {'earlier' if cut.later < 0 else 'later'}" if cut.later else "stays"
        notes.append(
            f"its cut was moved {_ms(abs(asked.later))} {'earlier' if earlier else 'later'} and {got}: farther on {reason}"
        )
    return tuple(notes)


def _within(room: Span, centre: int, length: int) -> Span:
    """A span of `length` or less in `room`, its middle as near to `centre` as it allows."""
    length = min(length, room.length)
    start = min(max(centre - length // 2, room.start), room.end - length)
    return Span(start, start + length)


def _ms(samples: int) -> str:
    return f"{1000 * samples / SAMPLE_RATE:.0f} ms"
