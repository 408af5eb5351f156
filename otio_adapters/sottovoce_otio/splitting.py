"""Cutting the items of a track into pieces, and joining them again.

before    |======================= clip =======================|
cuts                  ^                    ^
after     |== clip ===|======= clip =======|======= clip ======|
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from sottovoce_otio.times import exact_clock

_SAMPLE_CLOCK = 1_000  # a rate above this counts samples, which have no halves


def pieces_of(item: Any, cuts: Sequence[Fraction]) -> list[Any]:
    """Clones of `item` that together play what it plays.

    Effects, metadata and media references go to every piece, a marker to the piece it starts in. Time
    effects that scale time are followed, so that each piece starts in the media where the cut falls.

    Args:
        item: A clip or a nested composition; unchanged.
        cuts: Seconds from the item's start, rising, inside the item.
    """
    if not cuts:
        return [item.clone()]
    whole = item.trimmed_range()
    length, rate = whole.duration.value, whole.duration.rate
    at = [0.0, *(_units(cut, rate) for cut in cuts), length]
    speed = time_scale(item)
    starts = [whole.start_time.value + offset * speed * whole.start_time.rate / rate for offset in at]
    markers = list(item.markers)
    pieces = []
    for index, (begin, end) in enumerate(pairwise(at)):
        piece = item.clone()
        piece.source_range = TimeRange(
            RationalTime(starts[index], whole.start_time.rate), RationalTime(end - begin, rate)
        )
        if markers:
            piece.markers[:] = [
                marker
                for marker, held in zip(piece.markers, markers, strict=True)
                if _holds(held, starts, index, whole.start_time.rate)
            ]
        pieces.append(piece)
    return pieces


def joined(pieces: Sequence[Any]) -> Any:
    """One item that plays what neighbouring pieces of one item play; the inverse of `pieces_of`."""
    first = pieces[0].clone()
    start, rate = pieces[0].source_range.start_time, pieces[0].source_range.duration.rate
    length = sum(piece.source_range.duration.value for piece in pieces)
    first.source_range = TimeRange(start, RationalTime(length, rate))
    first.markers[:] = [marker.clone() for piece in pieces for marker in piece.markers]
    return first


def adjoin(left: Any, right: Any) -> bool:
    """Whether `right` goes on in the media where `left` ends, so that the two can be joined."""
    before, after = left.source_range, right.source_range
    if before is None or after is None or before.duration.rate != after.duration.rate:
        return False
    expected = before.start_time.value + before.duration.value * time_scale(left) * (
        before.start_time.rate / before.duration.rate
    )
    return bool(before.start_time.rate == after.start_time.rate and abs(expected - after.start_time.value) < 1e-6)


def time_scale(item: Any) -> float:
    """Media time per timeline time: 1 unless an effect changes the speed."""
    scale = 1.0
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):  # a freeze frame is one, with 0
            scale *= effect.time_scalar
    return scale


def _units(seconds: Fraction, rate: float) -> float:
    exact = seconds * exact_clock(rate)
    return float(round(exact)) if rate > _SAMPLE_CLOCK else float(exact)


def _holds(marker: Any, starts: Sequence[float], index: int, rate: float) -> bool:
    """Whether a marker lies in the piece `index`; those in the handles go to the first and last piece."""
    at = marker.marked_range.start_time.rescaled_to(rate).value
    after_start = index == 0 or at >= starts[index]
    before_end = index == len(starts) - 2 or at < starts[index + 1]
    return after_start and before_end
