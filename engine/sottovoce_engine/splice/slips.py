"""How far a take slips within its handles, so that its words lie where they should."""

import math
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """How far a take moves within its handles, and what still lies outside then."""

    frames: int
    before: int = 0  # samples of speech before the sound's first edge
    after: int = 0  # samples of speech after its last edge
    lost: int = 0  # samples of speech beyond the scene's own ends


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
