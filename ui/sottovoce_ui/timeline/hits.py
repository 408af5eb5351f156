"""What lies under the pointer."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sottovoce_engine.scene import Region
from sottovoce_ui.timeline.rows import Row, RowKind, row_at
from sottovoce_ui.timeline.scale import Scale

_GRIP = 6.0  # pixels at both edges of a region that trim it


class Part(StrEnum):
    """Of a region."""

    BODY = "body"
    START = "start"
    END = "end"
    BORDER = "border"  # where the next region of the lane begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A region under the pointer, and where it was taken."""

    region: Region
    part: Part
    after: Region | None = None  # of a border, the region behind it


def region_hit(rows: Sequence[Row], scale: Scale, x: float, y: float) -> Hit | None:
    """The region at a place of the view; None where there is none."""
    row = row_at(rows, y)
    if row is None or row.kind is not RowKind.LANE or not row.regions:
        return None
    index = bisect_right(row.regions, scale.first + x * scale.frames_per_pixel, key=lambda region: region.span.start)
    before = row.regions[index - 1] if index else None
    after = row.regions[index] if index < len(row.regions) else None
    if before is not None and (hit := _hit(before, after, scale, x)) is not None:
        return hit
    if after is not None and scale.x(after.span.start) - x <= _GRIP / 2:
        meets = before is not None and before.span.end == after.span.start
        return (
            Hit(region=before, part=Part.BORDER, after=after)
            if before and meets
            else Hit(region=after, part=Part.START)
        )
    return None


def _hit(region: Region, after: Region | None, scale: Scale, x: float) -> Hit | None:
    start, end = scale.x(region.span.start), scale.x(region.span.end)
    if x > end + _GRIP / 2:
        return None
    grip = min(_GRIP, (end - start) / 4)
    if x >= end - grip:
        meets = after is not None and after.span.start == region.span.end
        return Hit(region=region, part=Part.BORDER, after=after) if meets else Hit(region=region, part=Part.END)
    return Hit(region=region, part=Part.START if x <= start + grip else Part.BODY)


def regions_between(rows: Sequence[Row], start: int, end: int, top: float, bottom: float) -> tuple[str, ...]:
    """Ids of the regions that a frame drawn with the pointer touches."""
    return tuple(
        region.id
        for row in rows
        if row.kind is RowKind.LANE and row.top < bottom and row.bottom > top
        for region in row.regions
        if region.span.start < end and region.span.end > start
    )
