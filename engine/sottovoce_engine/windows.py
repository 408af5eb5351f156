"""What of the timeline is rendered for a region: its window, or the windows of its parts.

    window         |<----------------- model frames x divisor ----------------->|
    holds          |<- handle ->|<- region ->|<- handle ->|<- tail ->|<- up to 8k+1 ->|

Where a picture starts from given frames they take the place of the handle before the region.

A window lasts 20 s at most, so a longer region is split between words.
"""

import itertools
import math
from dataclasses import replace
from fractions import Fraction
from functools import cache

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import PictureMode, Region, Scene
from sottovoce_engine.speaking import parts_of_line, speaking_seconds
from sottovoce_engine.take import Window
from sottovoce_engine.timing import Span

MODEL_MAX_RATE = 30
MODEL_MAX_SECONDS = 20
MIN_HANDLE_FRAMES = 8
DEFAULT_HANDLE_FRAMES = 24
# 97 frames at 24 are 194,000 samples; the vocoder returned 192,480 (measured). Two audio latents of 40 ms cover it.
AUDIO_TAIL_SECONDS = Fraction(2, 25)


def window_for(
    span: Span, rate: Fraction, handle_frames: int = DEFAULT_HANDLE_FRAMES, lead_frames: int | None = None
) -> Window:
    """The window that covers `span` with handles on both sides and the sound's short tail.

    Handles shrink down to 8 frames where 20 s would not hold them.

    Args:
        span: The region, scene frames.
        rate: Of the scene.
        handle_frames: Wanted on both sides.
        lead_frames: Exactly so many before the region instead.

    Raises:
        InputError: The span does not fit into 20 s even so.
    """
    spare = longest_span(rate, MIN_HANDLE_FRAMES if lead_frames is None else lead_frames) - span.length
    if spare < 0:
        raise InputError(
            f"A region of {span.length} frames at {float(rate):g} a second does not fit into one window of at most "
            f"{MODEL_MAX_SECONDS} s with handles. Split it into shorter regions."
        )
    divisor = divisor_for(rate)
    sides = 2 if lead_frames is None else 1
    handle = max(MIN_HANDLE_FRAMES, min(handle_frames, MIN_HANDLE_FRAMES + spare // sides))
    lead = handle if lead_frames is None else lead_frames
    frames = lead + span.length + handle + _tail_frames(rate)
    return Window(start=span.start - lead, model_frames=_up_to_grid(-(-frames // divisor)), divisor=divisor)


def window_over(span: Span, rate: Fraction) -> Window:
    """The smallest window that begins where `span` does and covers it."""
    divisor = divisor_for(rate)
    return Window(start=span.start, model_frames=_up_to_grid(-(-span.length // divisor)), divisor=divisor)


def divisor_for(rate: Fraction) -> int:
    """Scene frames per model frame: 1 up to 30 frames a second, 2 up to 60, and so on."""
    return math.ceil(rate / MODEL_MAX_RATE)


@cache
def longest_span(rate: Fraction, lead_frames: int = MIN_HANDLE_FRAMES) -> int:
    """The longest span, in scene frames, that a window with `lead_frames` and the smallest handle after it holds.

    Raises:
        InputError: At this rate the handles alone fill the window.
    """
    divisor = divisor_for(rate)
    model_frames = (math.floor(MODEL_MAX_SECONDS * rate / divisor) - 1) // 8 * 8 + 1
    longest = model_frames * divisor - lead_frames - MIN_HANDLE_FRAMES - _tail_frames(rate)
    if longest < 1:
        raise InputError(
            f"At {float(rate):g} frames a second, {lead_frames} frames before a region and {MIN_HANDLE_FRAMES} after it "
            f"fill the whole window of {MODEL_MAX_SECONDS} s. Conform the timeline to a rate such as 24."
        )
    return longest


def parts_of_region(region: Region, rate: Fraction, lead_frames: int = MIN_HANDLE_FRAMES) -> tuple[Region, ...]:
    """The region itself, or its parts where it is too long for one window, cut between words.

    The picture of a part that would start from the timeline's continues from the part before it.

    region    |A long line that goes on, and on, and does not end.|
    parts     |A long line that goes on, |and on, and does not end.|

    Args:
        region: The region.
        rate: Of the scene.
        lead_frames: That its windows, or those of its parts, need before them.

    Raises:
        InputError: The line has too few words to be split between them.
    """
    longest = longest_span(rate, lead_frames)
    if region.span.length <= longest:
        return (region,)
    words = len(region.line.split())
    fewest = math.ceil(region.span.length / longest)
    for count in range(fewest, min(words, 2 * fewest) + 1):
        lines = parts_of_line(region.line, count)
        spans = _spans(region.span, lines)
        if all(0 < span.length <= longest for span in spans):
            return tuple(
                _part(region, number, span, line)
                for number, (span, line) in enumerate(zip(spans, lines, strict=True), 1)
            )
    raise InputError(
        f"The region '{region.line[:40]}' ({region.voice}) is {float(region.span.length / rate):.1f} s long, and one "
        f"window of {MODEL_MAX_SECONDS} s holds {float(longest / rate):.1f} s beside its handles. It has too few words "
        f"({words}) to be split between them. Shorten the mark, or mark its parts."
    )


def parts_in(region: Region, scene: Scene, overlap_frames: int) -> tuple[Region, ...]:
    """As `parts_of_region`, each part with room in its window for what its picture starts from.

    Args:
        region: The region.
        scene: Where it lies.
        overlap_frames: Model frames that a take shares with the one it continues from.

    Raises:
        InputError: As `parts_of_region`.
    """
    if scene.picture_mode(region) not in (PictureMode.CONTINUE, PictureMode.START):
        return parts_of_region(region, scene.rate)
    return parts_of_region(region, scene.rate, max(MIN_HANDLE_FRAMES, overlap_frames * divisor_for(scene.rate)))


def whole_region_id(region_id: str) -> str:
    """The id of the region that a part such as "1f0c9a42-2" is of; its own where it is no part."""
    whole, _, number = region_id.rpartition("-")
    return whole if whole and number.isdecimal() else region_id


def part_number(region_id: str) -> int:
    """Which part of its region that id is of, from 1 on; 0 where it is no part."""
    whole = whole_region_id(region_id)
    return 0 if whole == region_id else int(region_id[len(whole) + 1 :])


def _spans(span: Span, lines: tuple[str, ...]) -> tuple[Span, ...]:
    """The span in parts that meet, each in proportion to the time its words need."""
    spoken = tuple(itertools.accumulate((speaking_seconds(line) for line in lines), initial=0.0))
    cuts = [span.start + round(span.length * seconds / spoken[-1]) for seconds in spoken]
    return tuple(Span(start, end) for start, end in itertools.pairwise(cuts))


def _part(region: Region, number: int, span: Span, line: str) -> Region:
    """A part keeps the region's lead only at its start and the tail only at its end."""
    return replace(
        region,
        id=f"{region.id}-{number}",
        span=span,
        line=line,
        picture=PictureMode.CONTINUE if number > 1 and region.picture is PictureMode.START else region.picture,
        lead_frames=region.lead_frames if span.start == region.span.start else 0,
        tail_frames=region.tail_frames if span.end == region.span.end else 0,
    )


@cache
def _tail_frames(rate: Fraction) -> int:
    return math.ceil(AUDIO_TAIL_SECONDS * rate)


def _up_to_grid(frames: int) -> int:
    return max(9, -(-(frames - 1) // 8) * 8 + 1)
