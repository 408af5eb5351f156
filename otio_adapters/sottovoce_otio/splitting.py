"""Cutting an item of a track into pieces, and joining them again. All on OTIO's plain JSON.

before    |======================= clip =======================|
cuts                  ^                    ^
after     |== clip ===|======= clip =======|======= clip ======|
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sottovoce_otio.layout import Placed, media_reference_of, schema_of
from sottovoce_otio.plain import Plain
from sottovoce_otio.times import exact_clock

_SAMPLE_CLOCK = 1_000  # a rate above this counts samples, which have no halves
_TIME_WARPS = ("LinearTimeWarp", "FreezeFrame")


def pieces_of(placed: Placed, cuts: Sequence[Fraction], rate: Fraction) -> list[Plain]:
    """Copies of an item that together play what it plays.

    Effects, metadata and media references go to every piece (the same objects: copy them before a
    change), a marker to the piece it starts in. Effects that scale time are followed, so that each piece
    starts in the media where the cut falls.

    Args:
        placed: A clip or a nested composition.
        cuts: Scene seconds, rising, inside the item.
        rate: For the length of a composition that says none.
    """
    if not cuts:
        return [dict(placed.item)]
    start, length = _whole(placed, rate)
    clock, units = start["rate"], length["rate"]
    at = [0.0, *(_units(cut - placed.start, units) for cut in cuts), length["value"]]
    speed = time_scale(placed.item) * clock / units
    starts = [start["value"] + offset * speed for offset in at[:-1]]
    markers: list[list[Plain]] = [[] for _ in starts]
    for marker in placed.item["markers"]:
        marked = marker["marked_range"]["start_time"]
        markers[max(0, bisect_right(starts, marked["value"] * clock / marked["rate"]) - 1)].append(marker)
    return [
        {
            **placed.item,
            "source_range": _range(begin, clock, at[index + 1] - at[index], units),
            "markers": markers[index],
        }
        for index, begin in enumerate(starts)
    ]


def joined(pieces: Sequence[Plain]) -> Plain:
    """One item that plays what neighbouring pieces of one item play; the inverse of `pieces_of`."""
    start, duration = pieces[0]["source_range"]["start_time"], pieces[0]["source_range"]["duration"]
    length = sum(piece["source_range"]["duration"]["value"] for piece in pieces)
    return {
        **pieces[0],
        "source_range": _range(start["value"], start["rate"], length, duration["rate"]),
        "markers": [marker for piece in pieces for marker in piece["markers"]],
    }


def adjoin(left: Plain, right: Plain) -> bool:
    """Whether `right` goes on in the same media where `left` ends, so that the two can be joined."""
    before, after = left.get("source_range"), right.get("source_range")
    if not before or not after or before["duration"]["rate"] != after["duration"]["rate"]:
        return False
    same = ("OTIO_SCHEMA", "name", "media_references", "active_media_reference_key")
    if before["start_time"]["rate"] != after["start_time"]["rate"] or any(left.get(k) != right.get(k) for k in same):
        return False
    clock, units = before["start_time"]["rate"], before["duration"]["rate"]
    due = before["start_time"]["value"] + before["duration"]["value"] * time_scale(left) * clock / units
    return bool(abs(due - after["start_time"]["value"]) < 1e-6)


def time_scale(item: Mapping[str, Any]) -> float:
    """Media time per timeline time: 1 unless an effect changes the speed."""
    scale = 1.0
    for effect in item["effects"]:
        if schema_of(effect) in _TIME_WARPS:  # a freeze frame scales by 0
            scale *= effect["time_scalar"]
    return scale


def _whole(placed: Placed, rate: Fraction) -> tuple[Plain, Plain]:
    """Start and duration of what an item plays, as times of its own."""
    trimmed = placed.item.get("source_range")
    if trimmed is None and placed.schema == "Clip":
        trimmed = (media_reference_of(placed.item) or {}).get("available_range")
    if trimmed is not None:
        return trimmed["start_time"], trimmed["duration"]
    length = float((placed.end - placed.start) * rate)
    return {"value": 0.0, "rate": float(rate)}, {"value": length, "rate": float(rate)}


def _range(start: float, clock: float, length: float, units: float) -> Plain:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": {"OTIO_SCHEMA": "RationalTime.1", "value": start, "rate": clock},
        "duration": {"OTIO_SCHEMA": "RationalTime.1", "value": length, "rate": units},
    }


def _units(seconds: Fraction, rate: float) -> float:
    exact = seconds * exact_clock(rate)
    return float(round(exact)) if rate > _SAMPLE_CLOCK else float(exact)
