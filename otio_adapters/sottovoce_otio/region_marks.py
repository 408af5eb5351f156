"""The scene's regions as markers on the stack of a timeline.

Editors, viewers and OTIO's own tools agree on the frame of a stack's marker, not on that of a clip's.
A marker that a region was read from is replaced by the full form on the stack: its text stays in front
of ours, its metadata beside ours, and nothing is there twice when the timeline is read again.
"""

import colorsys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Region, Scene
from sottovoce_otio.marks import has_mark, text_with_mark, written_mark
from sottovoce_otio.ours import KEY, region_metadata
from sottovoce_otio.plain import Plain, time_range
from sottovoce_otio.said_marks import NOTE_KEYS
from sottovoce_otio.timeline import ReadMark
from sottovoce_otio.times import frame_near, seconds

# OTIO's marker colours by hue, in degrees, as editors show them rather than as CSS defines them.
_HUES = {"RED": 0, "ORANGE": 27, "YELLOW": 50, "GREEN": 120, "CYAN": 175, "BLUE": 225, "PURPLE": 275, "MAGENTA": 310}
_GREYISH = 0.25  # saturation below which a colour has no hue to speak of

_EMPTY_MARKER: Plain = {"OTIO_SCHEMA": "Marker.2", "name": "", "comment": "", "metadata": {}}


def mark_regions(timeline: Plain, marks: Iterable[ReadMark], scene: Scene, registers: RegisterTable) -> None:
    """Puts the scene's regions on the stack of a timeline, in place of the markers they were read from.

    Args:
        timeline: Plain JSON, its items still where `marks` says; changed.
        marks: The markers that are ours.
        scene: Its regions are written; a mark whose region it no longer has is taken off.
        registers: For the colours.
    """
    previous = _taken_off(timeline, marks)
    origin = origin_of(timeline, scene)
    timeline["tracks"]["markers"] += [
        region_marker(region, scene, registers, origin=origin, previous=previous.get(region.id))
        for region in scene.regions
    ]


def origin_of(timeline: Plain, scene: Scene) -> int:
    """The stack's own time, in frames, at scene frame 0: not 0 where the stack is trimmed at its start."""
    trimmed = timeline["tracks"]["source_range"]
    return 0 if trimmed is None else frame_near(seconds(trimmed["start_time"], "The timeline's stack"), scene.rate)


def region_marker(
    region: Region, scene: Scene, registers: RegisterTable, *, origin: int = 0, previous: Plain | None = None
) -> Plain:
    """A region's marker as plain JSON; what `previous` said besides is kept."""
    marker = {**_EMPTY_MARKER, **(previous or {})}
    text = written_mark(region, scene.voice(region.voice))
    metadata = {host: _noted(noted, text.note) for host, noted in marker["metadata"].items()}
    resolve = metadata.get("Resolve_OTIO")
    resolve = dict(resolve) if isinstance(resolve, Mapping) else {}
    note = resolve.get("Note")
    resolve["Note"] = text_with_mark(note if isinstance(note, str) else "", text.note)
    marked = time_range(region.span.shifted(origin), scene.rate)
    return {
        **marker,
        "name": text_with_mark(marker["name"], text.name),
        "comment": text_with_mark(marker["comment"], text.comment),
        "color": marker_colour(registers.get(region.register).colour),
        "marked_range": marked,
        # WORKAROUND(https://github.com/AcademySoftwareFoundation/OpenTimelineIO): its main branch re-runs the
        # upgrade from Marker.1 on a Marker.2, which moves "range" over "marked_range". Remove when it no longer does.
        "range": marked,
        "metadata": {**metadata, "Resolve_OTIO": resolve, KEY: region_metadata(region)},
    }


def _noted(noted: Any, note: str) -> Any:
    """A host's metadata with our mark renewed in each note that has one: what it said before would count as an edit."""
    if not isinstance(noted, Mapping):
        return noted
    renewed = {
        key: text_with_mark(noted[key], note)
        for key in NOTE_KEYS
        if isinstance(noted.get(key), str) and has_mark(noted[key])
    }
    return {**noted, **renewed} if renewed else noted


@cache
def marker_colour(colour: str) -> str:
    """The OTIO marker colour nearest in hue to "#RRGGBB"; white, grey's neighbour, where there is no hue."""
    red, green, blue = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if value < 0.2:
        return "BLACK"
    if saturation < _GREYISH:
        return "WHITE"

    def distance(name: str) -> float:
        apart = abs(hue * 360 - _HUES[name])
        return min(apart, 360 - apart)

    return min(_HUES, key=distance)


def _taken_off(timeline: Plain, marks: Iterable[ReadMark]) -> dict[str, Plain]:
    """Removes the regions' markers from the items that hold them; what each was, by region id."""
    previous: dict[str, Plain] = {}
    by_owner: dict[tuple[int, ...], dict[int, str]] = {}
    for mark in marks:
        if mark.region_id:
            by_owner.setdefault(mark.address, {})[mark.index] = mark.region_id
    for address, region_ids in by_owner.items():
        owner = timeline["tracks"]
        for index in address:
            owner = owner["children"][index]
        for index, region_id in region_ids.items():
            previous.setdefault(region_id, owner["markers"][index])
        owner["markers"] = [marker for index, marker in enumerate(owner["markers"]) if index not in region_ids]
    return previous
