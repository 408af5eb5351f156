"""A timeline file as a scene."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import opentimelineio as otio

from sottovoce_engine.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMark:
    """A marker of the timeline that is one of our regions or room tones, and where it hangs.

    `address` leads from `timeline.tracks` to the item that owns the marker, one child index per level:
    () is the stack itself, (0,) its first track, (0, 3) that track's fourth child.
    """

    region_id: str  # "" for a room tone
    address: tuple[int, ...]
    index: int  # in the item's `markers`


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTimeline:
    """What a timeline file holds: the scene, and the OTIO object it came from, untouched."""

    scene: Scene
    timeline: Any  # otio.schema.Timeline; never changed: outputs are written into a clone
    path: Path
    digest: str  # SHA-256 of the file, hex
    media_root: Path  # relative media paths are resolved against this folder
    marks: tuple[ReadMark, ...] = ()


def item_at(timeline: Any, address: tuple[int, ...]) -> Any:
    """The item of a timeline, or of its clone, at a mark's address."""
    item: otio.core.Item = timeline.tracks
    for index in address:
        item = item[index]
    return item
