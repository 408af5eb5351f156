"""Where sound is cut: at the region's edges, unless a word lies there; and how far a take slips for its words.

region A            |.......speech.......|                         picture edge
region B                                 |.......speech........|
words               |  close your   eyes__|_now   then   listen    A's last word runs on under B
sound cut                               >|  |<                     moved into the gap between the words
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at

# A fade shorter than 3 ms clicks like none; a breath is worth shrinking the fade to 20 ms for.
MIN_FADE = SAMPLE_RATE * 3 // 1000
_FADE_FOR_A_BREATH = SAMPLE_RATE * 20 // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """How far a take moves within its handles, and what still lies outside then."""

    frames: int
    before: int = 0  # samples of speech before the sound's first edge
    after: int = 0  # samples of speech after its last edge
    lost: int = 0  # samples of speech beyond the scene's own ends


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """A region's two fades, and whom it shares them with."""

    fade_in: Span
    fade_out: Span
    from_region: str = ""  # id of the region that falls over `fade_in`
    to_region: str = ""  # id of the region that rises over `fade_out`

    @property
    def sound(self) -> Span:
        """Between the two cut centres."""
        start = (self.fade_in.start + self.fade_in.end) // 2
        return Span(start, max(start, (self.fade_out.start + self.fade_out.end) // 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class FadeLengths:
    """Samples the fades take where there is room."""

    rise: int
    fall: int


def slip_for(
    speech: Span,
    *,
    start_frame: int,
    length_frames: int,
    frames: Span,
    edges: Span,
    scene_frames: int,
    rate: Fraction,
    held: bool = False,
) -> Slip:
    """The smallest slip that brings the speech inside the sound's edges, or as near as the handles allow.

    Args:
        speech: From the first word to the last, in samples from the take's start.
        start_frame: The scene frame of the take's first frame, before any slip.
        length_frames: The take's length.
        frames: The region, scene frames: the take goes on covering it.
        edges: The region's sound edges, scene samples.
        scene_frames: The scene's length: words beyond its ends would be lost.
        rate: Of the scene.
        held: It must keep its place, wherever its words lie.
    """
    scene = Span(0, sample_at(scene_frames, rate))

    def laid(slip: int) -> Slip:
        origin = sample_at(start_frame + slip, rate)
        start, end = origin + speech.start, origin + speech.end
        return Slip(
            frames=slip,
            before=max(0, edges.start - start),
            after=max(0, end - edges.end),
            lost=max(0, scene.start - start) + max(0, end - scene.end),
        )

    unmoved = laid(0)
    if held or unmoved.before == unmoved.after == unmoved.lost == 0:
        return unmoved
    earliest, latest = frames.end - start_frame - length_frames, frames.start - start_frame
    if not earliest <= 0 <= latest:
        earliest = latest = 0  # the take does not cover the region as it is: moving it would uncover more
    origin, per_frame = sample_at(start_frame, rate), Fraction(SAMPLE_RATE) / rate
    wanted = [(edge.start - origin - speech.start) / per_frame for edge in (edges, scene)]
    wanted += [(edge.end - origin - speech.end) / per_frame for edge in (edges, scene)]
    near = {0, *(math.floor(slip) + step for slip in wanted for step in (-1, 0, 1, 2))}
    found = [laid(min(max(slip, earliest), latest)) for slip in near]
    return min(found, key=lambda slip: (slip.lost, slip.before + slip.after, abs(slip.frames), slip.frames))


def cuts_for(laid: Sequence[Laid], lengths: FadeLengths, length_samples: int) -> tuple[Cuts, ...]:
    """The fades of every take, in the order given.

    Two takes whose regions abut share one fade, in the gap between their words. Where their words
    overlap there is no gap: then both are heard, each with fades of its own.
    """
    followers = _followers(laid)
    shared = {
        (before, after): span
        for before, after in followers.items()
        if (span := _shared_fade(laid[before], laid[after], lengths)) is not None
    }
    entered = {after: before for before, after in shared}
    found = []
    for index, take in enumerate(laid):
        before, after = entered.get(index), followers.get(index)
        after = after if after is not None and (index, after) in shared else None
        fade_in = shared[before, index] if before is not None else _fade_in(take, lengths.rise)
        fade_out = shared[index, after] if after is not None else _fade_out(take, lengths.fall, length_samples)
        start = max(fade_out.start, fade_in.end)
        found.append(
            Cuts(
                fade_in=fade_in,
                fade_out=Span(start, max(start, fade_out.end)),
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


def _shared_fade(before: Laid, after: Laid, lengths: FadeLengths) -> Span | None:
    """The one fade between two abutting takes, or None where both are meant, or have, to be heard at once."""
    edge = before.picture.end
    if before.runs_into == after.region:  # the same sound on both sides: a fade changes nothing, wherever words lie
        common = before.material.common(after.material) or Span(edge, edge)
        return _within(common.start, common.end, edge, max(lengths.rise, lengths.fall))
    ends, starts = before.edges.end, after.edges.start
    if starts < edge < ends:
        return None  # an L cut into a J cut: the editor asked for the overlap
    low = max(before.speech.end, after.material.start)
    high = min(before.material.end, _latest(after, low, _FADE_FOR_A_BREATH))
    centre = ends if ends != edge else starts
    return _within(low, high, centre, max(lengths.rise, lengths.fall)) if high - low >= MIN_FADE else None


def _fade_in(take: Laid, length: int) -> Span:
    """Around the edge; inside it and over the whole seam where the take is held to what lies before."""
    low = max(0, take.material.start)
    if take.seam_before:
        low, length = max(low, take.edges.start), max(length, take.seam_before)
    high = max(_latest(take, max(low, take.reach), length), low + MIN_FADE)
    if take.source_ends is not None and low + MIN_FADE <= take.source_ends < high:
        high = take.source_ends
    return _within(low, high, take.edges.start, length)


def _fade_out(take: Laid, length: int, length_samples: int) -> Span:
    """Around the edge; inside it and over the whole seam where the take is held to what lies after."""
    high = min(take.material.end, length_samples)
    if take.seam_after:
        high, length = min(high, take.edges.end), max(length, take.seam_after)
    low = min(take.speech.end, high - MIN_FADE)
    if take.source_starts is not None and low < take.source_starts <= high - MIN_FADE:
        low = take.source_starts
    return _within(low, high, take.edges.end, length)


def _latest(take: Laid, low: int, needed: int) -> int:
    """Where the fade must have ended: before the breath where that leaves `needed` samples after `low`, else the word."""
    return take.onset if take.onset - low >= needed else take.speech.start


def _within(low: int, high: int, centre: int, length: int) -> Span:
    """A span of `length` or less between `low` and `high`, its middle as near to `centre` as they allow."""
    length = min(length, high - low)
    start = min(max(centre - length // 2, low), high - length)
    return Span(start, start + length)
