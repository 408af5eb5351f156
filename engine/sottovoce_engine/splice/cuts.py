"""Where sound is cut: at the region's edges, unless a word lies there, or where a person wants it.

region A            |.......speech.......|                         picture edge
region B                                 |.......speech........|
words               |  close your   eyes__|_now   then   listen    A's last word runs on under B
sound cut                               >|  |<                     moved into the gap between the words
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sottovoce_engine.splice.cut_wishes import AS_DECIDED, Cut, CutWish, Limit, Room, cut_within
from sottovoce_engine.timing import SAMPLE_RATE, Span

# A fade shorter than 3 ms clicks like none; a breath is worth shrinking the fade to 20 ms for.
MIN_FADE = SAMPLE_RATE * 3 // 1000
_FADE_FOR_A_BREATH = SAMPLE_RATE * 20 // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A take as it lies in the scene, in scene samples."""

    region: str
    voice: str
    picture: Span  # the region itself
    edges: Span  # where its sound is wanted: lead and tail included
    material: Span  # all the take holds
    speech: Span  # first word to last: no fade touches it
    onset: int  # start of the breath that leads into the line; `speech.start` without one
    reach: int  # how far the cut may move ahead of the edge to keep that breath
    source_ends: int | None = None  # where the dialogue that gives way to the take stops by itself
    source_starts: int | None = None  # where the dialogue that follows the take begins
    seam_before: int = 0  # where the take is held to what lies before its region: how far that is heard; else 0
    seam_after: int = 0  # likewise to what lies after it
    runs_into: str = ""  # id of the region whose take is the same sound going on
    asked_in: CutWish | None = None  # None: nothing is asked of that join
    asked_out: CutWish | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """A region's two cuts, and whom it shares them with."""

    cut_in: Cut
    cut_out: Cut
    from_region: str = ""  # id of the region that falls over `fade_in`
    to_region: str = ""  # id of the region that rises over `fade_out`

    @property
    def fade_in(self) -> Span:
        return self.cut_in.fade

    @property
    def fade_out(self) -> Span:
        return self.cut_out.fade

    @property
    def sound(self) -> Span:
        """Between the two cut centres."""
        return Span(self.cut_in.at, max(self.cut_in.at, self.cut_out.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class FadeLengths:
    """Samples the fades take where there is room."""

    rise: int
    fall: int


def cuts_for(laid: Sequence[Laid], lengths: FadeLengths, length_samples: int) -> tuple[Cuts, ...]:
    """The fades of every take, in the order given.

    Two takes whose regions abut share one fade, in the gap between their words. Where their words
    overlap there is no gap: then both are heard, each with fades of its own.
    """
    followers = _followers(laid)
    shared = {
        (before, after): cut
        for before, after in followers.items()
        if (cut := _shared_cut(laid[before], laid[after], lengths)) is not None
    }
    entered = {after: before for before, after in shared}
    found = []
    for index, take in enumerate(laid):
        before, after = entered.get(index), followers.get(index)
        after = after if after is not None and (index, after) in shared else None
        cut_in = shared[before, index] if before is not None else _cut_in(take, lengths.rise)
        cut_out = shared[index, after] if after is not None else _cut_out(take, lengths.fall, length_samples)
        start = max(cut_out.fade.start, cut_in.fade.end)
        found.append(
            Cuts(
                cut_in=cut_in,
                cut_out=replace(cut_out, fade=Span(start, max(start, cut_out.fade.end))),
                from_region=laid[before].region if before is not None else "",
                to_region=laid[after].region if after is not None else "",
            )
        )
    return tuple(found)


def _followers(laid: Sequence[Laid]) -> dict[int, int]:
    """For each take, the one whose region begins where its own ends: of the same voice if there is one."""
    starting: dict[int, list[int]] = {}
    for index, take in enumerate(laid):
        starting.setdefault(take.picture.start, []).append(index)
    found: dict[int, int] = {}
    for index, take in enumerate(laid):
        free = starting.get(take.picture.end, [])
        if free:
            after = min(
                free, key=lambda other: (laid[other].region != take.runs_into, laid[other].voice != take.voice, other)
            )
            free.remove(after)
            found[index] = after
    return found


def _shared_cut(before: Laid, after: Laid, lengths: FadeLengths) -> Cut | None:
    """The one cut between two abutting takes, or None where both are meant, or have, to be heard at once."""
    edge = before.picture.end
    asked = after.asked_in or before.asked_out or AS_DECIDED
    length = max(lengths.rise, lengths.fall)
    if before.runs_into == after.region:  # the same sound on both sides: a fade changes nothing, wherever words lie
        common = before.material.common(after.material) or Span(edge, edge)
        room = Room(span=common, first=Limit.HANDLE, last=Limit.HANDLE)
        return cut_within(room, common, edge, length, asked)
    ends, starts = before.edges.end, after.edges.start
    if starts < edge < ends:
        return None  # an L cut into a J cut: the editor asked for the overlap
    low, first = max((before.speech.end, Limit.WORD), (after.material.start, Limit.HANDLE))
    high = min(before.material.end, _latest(after, low, _FADE_FOR_A_BREATH))
    if high - low < MIN_FADE:
        return None
    end, last = min((before.material.end, Limit.HANDLE), (after.speech.start, Limit.WORD))
    room = Room(span=Span(low, max(high, end)), first=first, last=last)
    return cut_within(room, Span(low, high), ends if ends != edge else starts, length, asked)


def _cut_in(take: Laid, length: int) -> Cut:
    """Around the edge; inside it and over the whole seam where the take is held to what lies before."""
    low, first = max((take.material.start, Limit.HANDLE), (0, Limit.SCENE))
    room = Span(low, max(take.speech.start, low + MIN_FADE))
    if take.seam_before:
        low, length = max(low, take.edges.start), max(length, take.seam_before)
    high = max(_latest(take, max(low, take.reach), length), low + MIN_FADE)
    if take.source_ends is not None and low + MIN_FADE <= take.source_ends < high:
        high = take.source_ends
    return cut_within(
        Room(span=room, first=first), Span(low, high), take.edges.start, length, take.asked_in or AS_DECIDED
    )


def _cut_out(take: Laid, length: int, length_samples: int) -> Cut:
    """Around the edge; inside it and over the whole seam where the take is held to what lies after."""
    high, last = min((take.material.end, Limit.HANDLE), (length_samples, Limit.SCENE))
    room = Span(min(take.speech.end, high - MIN_FADE), high)
    if take.seam_after:
        high, length = min(high, take.edges.end), max(length, take.seam_after)
    low = min(take.speech.end, high - MIN_FADE)
    if take.source_starts is not None and low < take.source_starts <= high - MIN_FADE:
        low = take.source_starts
    return cut_within(Room(span=room, last=last), Span(low, high), take.edges.end, length, take.asked_out or AS_DECIDED)


def _latest(take: Laid, low: int, needed: int) -> int:
    """Where the fade must have ended: before the breath where that leaves `needed` samples after `low`, else the word."""
    return take.onset if take.onset - low >= needed else take.speech.start
