"""The same regions edited in two places: here, and in the timeline on disk.

base       what both started from
ours       as they are edited here
theirs     as the timeline has them now

What only one of them changed is taken from it, field by field. Where both changed one field, ours holds, and it is said.
A region that one removed and the other changed stays.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sottovoce_engine.scene import Region

_FIELDS = tuple(field.name for field in fields(Region) if field.name != "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field that both changed."""

    region_id: str
    name: str
    ours: object  # holds
    theirs: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The regions of both."""

    regions: tuple[Region, ...]
    conflicts: tuple[Conflict, ...]
    revived: tuple[str, ...]  # ids of regions that one removed and the other changed
    overlapping: tuple[str, ...]  # ids of regions that now begin before the one before them of their voice ends


def merged(base: Sequence[Region], ours: Sequence[Region], theirs: Sequence[Region]) -> Merged:
    """Regions with what was changed in both places since `base`; they are matched by id."""
    before, here, there = ({region.id: region for region in regions} for regions in (base, ours, theirs))
    regions: list[Region] = []
    conflicts: list[Conflict] = []
    revived: list[str] = []
    for region_id in dict.fromkeys((*here, *there)):
        mine, other, was = here.get(region_id), there.get(region_id), before.get(region_id)
        if mine is not None and other is not None:
            both, found = _of_both(was, mine, other)
            regions.append(both)
            conflicts += found
            continue
        left = mine or other
        if was is None and left is not None:
            regions.append(left)
        elif left is not None and left != was:
            regions.append(left)
            revived.append(region_id)
    regions.sort(key=lambda region: (region.span, region.id))
    return Merged(
        regions=tuple(regions),
        conflicts=tuple(conflicts),
        revived=tuple(revived),
        overlapping=tuple(_overlapping(regions)),
    )


def _overlapping(regions: Sequence[Region]) -> Iterator[str]:
    by_voice = sorted(regions, key=lambda region: (region.voice, region.span))
    for before, after in itertools.pairwise(by_voice):
        if before.voice == after.voice and before.span.overlaps(after.span):
            yield after.id


def _of_both(was: Region | None, mine: Region, other: Region) -> tuple[Region, list[Conflict]]:
    taken: dict[str, Any] = {}
    conflicts = []
    for name in _FIELDS:
        ours, theirs = getattr(mine, name), getattr(other, name)
        if ours == theirs:
            continue
        if was is not None and ours == getattr(was, name):
            taken[name] = theirs
        elif was is None or theirs != getattr(was, name):
            conflicts.append(Conflict(region_id=mine.id, name=name, ours=ours, theirs=theirs))
    return replace(mine, **taken), conflicts
