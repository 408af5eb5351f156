"""What we keep on OTIO objects: plain dicts under `metadata["sottovoce"]`, each with `format = 1`.

    timeline   voices, their anchors, raster,  `scene_metadata`
               drop_frame
    marker     a whole region but its span     `region_metadata`; the marked range is the span
    track      role: what the track holds      `Role`
    clip       take and region (ids), silenced (original dialogue under a region, disabled by us)

Nothing here is a custom schema: files stay readable without this package, and hosts that drop metadata
still carry what the marker's text says.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sottovoce_engine.codec import from_plain, to_plain
from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Raster, Region, Scene, Voice, VoiceAnchor
from sottovoce_engine.timing import Span

KEY = "sottovoce"
FORMAT = 1
ANCHORS = "anchors"
REGION_ID = re.compile(r"^[0-9a-f]{8,32}$")

_BARE_TAG = re.compile(r"\s*\bSV:([0-9a-f]{8,32})\b", re.IGNORECASE)


class Role(StrEnum):
    """What a track (or, said on the clip, a clip) holds."""

    DIALOGUE = "dialogue"  # silenced under a region
    OTHER = "other"  # music, effects, ambience: stays audible
    TAKES = "takes"  # our own takes: not part of the scene that is read
    TONE = "tone"  # our own room tone: not part of the scene that is read


def own_entry(metadata: Mapping[str, Any], where: str) -> Mapping[str, Any] | None:
    """Our dictionary in an object's metadata, or None where there is none; `where` names the object.

    Raises:
        InputError: It was written by a newer version, or is no dictionary of ours.
    """
    found = metadata.get(KEY)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise InputError(f"{where} has metadata['{KEY}'] = {found!r}, which is not ours. Remove it.")
    written = found.get("format", FORMAT)
    if isinstance(written, bool) or not isinstance(written, int) or written > FORMAT:
        raise InputError(
            f"{where} has Sottovoce metadata of format {written!r}; this version reads up to {FORMAT}. Update Sottovoce."
        )
    return found


def without_bare_tag(text: str) -> tuple[str, str]:
    """A text without `SV:1f0c9a42`, and the region id that this is; "" where it has none."""
    tag = _BARE_TAG.search(text)
    return _BARE_TAG.sub("", text), tag[1].lower() if tag else ""


def region_metadata(region: Region) -> dict[str, Any]:
    """A region as plain metadata for its marker; the span is left to the marked range."""
    values = {key: value for key, value in to_plain(region).items() if key != "span"}
    return {"format": FORMAT, "region": values}


def region_from_metadata(found: Mapping[str, Any], span: Span, source: str) -> Region | None:
    """The region that `region_metadata` wrote, over `span`; None where the dictionary holds no region.

    Raises:
        InputError: A key is unknown or missing, or a value has the wrong type.
    """
    values = found.get("region")
    if values is None:
        return None
    if not isinstance(values, Mapping):
        raise InputError(f"{source} has region = {values!r} in its metadata. Restore the file, or remove that entry.")
    region = from_plain({**values, "span": to_plain(span)}, Region, source)
    if not REGION_ID.match(region.id):
        raise InputError(f"{source} has the region id '{region.id}'. An id has 8 to 32 hex digits; restore the file.")
    return region


def scene_metadata(scene: Scene) -> dict[str, Any]:
    """What only the timeline as a whole can carry."""
    return {
        "format": FORMAT,
        "voices": to_plain(scene.voices),
        "raster": str(scene.raster),
        "drop_frame": scene.drop_frame,
        **({ANCHORS: to_plain(scene.anchors)} if scene.anchors else {}),
    }


def voices_from_metadata(found: Mapping[str, Any], source: str) -> tuple[Voice, ...]:
    """The voices of a timeline's dictionary.

    Raises:
        InputError: They are not what `scene_metadata` writes.
    """
    values = found.get("voices", [])
    if not isinstance(values, list | tuple):
        raise InputError(f"{source} has voices = {values!r} in its metadata; they must be a list. Mend that entry.")
    return tuple(from_plain(value, Voice, source) for value in values)


def anchors_from_metadata(found: Mapping[str, Any], source: str) -> tuple[VoiceAnchor, ...]:
    """The anchors of voices in a timeline's dictionary.

    Raises:
        InputError: They are not what `scene_metadata` writes.
    """
    values = found.get(ANCHORS, [])
    if not isinstance(values, list | tuple):
        raise InputError(f"{source} has anchors = {values!r} in its metadata; they must be a list. Mend that entry.")
    return tuple(from_plain(value, VoiceAnchor, source) for value in values)


def raster_from_metadata(found: Mapping[str, Any], source: str) -> Raster | None:
    """The picture size of a timeline's dictionary, written `768x512`.

    Raises:
        InputError: It is no picture size.
    """
    text = found.get("raster")
    if text is None:
        return None
    sides = str(text).split("x")
    if len(sides) != 2 or not all(side.isdecimal() for side in sides):
        raise InputError(f"{source} has raster = {text!r} in its metadata. Write it as '1280x720'.")
    return Raster(width=int(sides[0]), height=int(sides[1]))
