"""Every marker of a timeline that is ours, and where it lies in the scene.

scene                |=========================|
clip, trimmed            |--- clip ---|
its markers          x     [mark]  [mar|k]       x lies in what is trimmed away; the second is cut off

A marker's range counts in its owner's own time. A marker on a clip, a gap or anything trimmed lies in the
scene only as far as its owner does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from sottovoce_otio.layout import Placed, Plain
from sottovoce_otio.said_marks import SaidMark, said_by
from sottovoce_otio.times import exact_clock, second_of, start_and_duration
from sottovoce_otio.vocabulary import DoubtfulText, ToneText, Vocabulary, short

_SLOWEST_FRAMES, _FASTEST_FRAMES = 12, 1000  # other clocks count seconds or samples, so that their 1 is no frame


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMark:
    """A marker that says something, and its place in scene seconds."""

    said: SaidMark | ToneText
    start: Fraction
    end: Fraction
    point: bool  # 0 or 1 frame long: how far it reaches must be guessed
    owner: Placed
    index: int  # in the owner's markers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """What of an owner lies in the scene, in scene seconds; None: no limit."""

    start: Fraction | None = None
    end: Fraction | None = None

    def within(self, placed: Placed) -> "_Window":
        """The window of what lies in `placed`."""
        if placed.is_composition and placed.item.get("source_range") is None:
            return self
        start = placed.start if self.start is None else max(self.start, placed.start)
        end = placed.end if self.end is None else min(self.end, placed.end)
        return _Window(start=start, end=end)


@dataclass(slots=True, kw_only=True)
class MarkFinder:
    """Finds marks in a layout; what it leaves aside it notes."""

    known: Vocabulary
    rate: Fraction
    notes: dict[str, None]  # in order, each once
    unread: bool = False  # a text that is no mark names something before a colon: a voice not known yet?

    def found_in(self, layout: Placed) -> Iterator[FoundMark]:
        """Every mark of the timeline, parents before children.

        Raises:
            InputError: A mark cannot be understood, or its range cannot be.
        """
        yield from self._below(layout, _Window(), live=True)

    def _below(self, placed: Placed, window: _Window, *, live: bool) -> Iterator[FoundMark]:
        inside = window.within(placed)
        live = live and placed.enabled
        for index, marker in enumerate(placed.item.get("markers") or ()):
            said = said_by(marker, self.known)
            self.unread |= (said is None or isinstance(said, DoubtfulText)) and ":" in _whole_text(marker)
            if isinstance(said, DoubtfulText):
                self.notes[said.reason] = None
            elif said is not None and not live:
                self.notes[f"the mark '{_text(marker)}' lies on something disabled and was left out"] = None
            elif said is not None:
                yield from self._found(marker, said, placed, index, inside)
        for child in placed.children:
            yield from self._below(child, inside, live=live)

    def _found(
        self, marker: Plain, said: SaidMark | ToneText, owner: Placed, index: int, window: _Window
    ) -> Iterator[FoundMark]:
        what = f"mark '{_text(marker)}'"
        start, duration = start_and_duration(marker["marked_range"], what)
        start += owner.zero
        end = start + duration
        point = duration * self.rate <= 1 or _is_one_frame(marker["marked_range"]["duration"])
        if (window.start is not None and max(end, start + second_of(1, self.rate)) <= window.start) or (
            window.end is not None and start >= window.end
        ):
            self.notes[f"the mark '{_text(marker)}' lies in a trimmed part of the {owner} and was left out"] = None
            return
        cut_start = start if window.start is None else max(start, window.start)
        cut_end = end if window.end is None else min(end, window.end)
        if not point and (cut_start, cut_end) != (start, end):
            self.notes[f"the mark '{_text(marker)}' reaches beyond the {owner} and was cut off there"] = None
        yield FoundMark(said=said, start=cut_start, end=max(cut_start, cut_end), point=point, owner=owner, index=index)


def counted_from_first_frame(
    marks: list[FoundMark], layout: Placed, global_start: Fraction, notes: dict[str, None]
) -> list[FoundMark]:
    """The marks, those on the stack moved to its start where a host counted them from the timecode of its first frame.

    That is so where all of them lie beyond the end, and would lie on the timeline otherwise.
    """
    on_stack = [mark for mark in marks if not mark.owner.address]
    beyond = all(mark.start >= layout.end and mark.start - global_start < layout.end for mark in on_stack)
    if not on_stack or global_start <= 0 or not beyond or any(mark.start < global_start for mark in on_stack):
        return marks
    notes["the timeline's marks are counted from its timecode; they were moved to its first frame"] = None
    return [
        mark if mark.owner.address else replace(mark, start=mark.start - global_start, end=mark.end - global_start)
        for mark in marks
    ]


def _is_one_frame(duration: Plain) -> bool:
    return bool(duration["value"] <= 1 and _SLOWEST_FRAMES <= exact_clock(duration["rate"]) <= _FASTEST_FRAMES)


def _text(marker: Plain) -> str:
    return short(marker.get("name") or marker.get("comment") or "")


def _whole_text(marker: Plain) -> str:
    return f"{marker.get('name')}{marker.get('comment')}"
