"""Timelines as files: `.otio`, and `.otioz` with all media inside.

    version.txt      1.0.0
    content.otio     the timeline, its media addressed as media/…
    media/           the files, uncompressed

OTIO's own writer of bundles leaves out the takes that are not active and refuses two files of one name;
its reader, and others that follow the layout, read this.

Source: OpenTimelineIO documentation, OTIO file bundles.
"""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import opentimelineio as otio
import orjson

from sottovoce_engine.names import distinct_names, file_name
from sottovoce_otio.placing import new_file
from sottovoce_otio.references import local_path

INDENT = 2  # OTIO's own 4 makes a third of a large file out of spaces
_VERSION = "1.0.0"
_AWKWARD = str.maketrans("%#?", "___")  # readers differ in how often they decode an address


def write_otio(timeline: Any, path: Path) -> None:
    """Writes a timeline, or the plain JSON of one, to a name that is free.

    Raises:
        InputError: The name is taken, or the folder cannot be written to.
        SetupError: The disk is full, or fails.
    """
    with new_file(path, "timeline") as staged:
        staged.write_bytes(_text(timeline))


def _text(timeline: Any) -> bytes:
    """The file's content. Plain JSON need not become OTIO's objects first, which is most of the time it takes."""
    if not isinstance(timeline, dict):
        return bytes(timeline.to_json_string(INDENT), "utf-8")
    try:
        return orjson.dumps(timeline, option=orjson.OPT_INDENT_2)
    except orjson.JSONEncodeError:  # half a character, as in a name from a damaged disk; OTIO reads no such text
        return json.dumps(timeline, ensure_ascii=False, indent=INDENT).encode("utf-8", "replace")


def write_otioz(timeline: Any, path: Path, media_root: Path | None = None) -> tuple[str, ...]:
    """Writes a timeline with all its media to a name that is free.

    Args:
        timeline: Unchanged.
        path: The file to write.
        media_root: The folder that relative media addresses start from; None: that of `path`.

    Returns:
        What had to stay outside, one sentence each: such media are marked as missing in the bundle.

    Raises:
        InputError: The name is taken, or the folder cannot be written to.
        SetupError: The disk is full, or fails.
    """
    bundled = timeline.clone()
    files = _files_of(bundled, media_root or path.parent)
    names = dict(zip(files, distinct_names([_name_inside(file) for file in files]), strict=True))
    notes = tuple(dict.fromkeys(_readdressed(bundled, media_root or path.parent, names)))
    with new_file(path, "bundle") as staged, zipfile.ZipFile(staged, "x", strict_timestamps=False) as bundle:
        bundle.writestr("version.txt", _VERSION, compress_type=zipfile.ZIP_DEFLATED)
        bundle.writestr("content.otio", bundled.to_json_string(INDENT), compress_type=zipfile.ZIP_DEFLATED)
        for file, name in names.items():
            bundle.write(file, f"media/{name}", compress_type=zipfile.ZIP_STORED)
    return notes


def _files_of(timeline: Any, root: Path) -> list[Path]:
    """Every file that any reference of any clip names and that is there, once each."""
    found = (
        local_path(reference.target_url, root)
        for clip in timeline.find_clips()
        for reference in clip.media_references().values()
        if isinstance(reference, otio.schema.ExternalReference)
    )
    return [file for file in dict.fromkeys(found) if file is not None and file.is_file()]


def _name_inside(file: Path) -> str:
    return file_name(file.stem).translate(_AWKWARD) + file.suffix.translate(_AWKWARD)


def _readdressed(timeline: Any, root: Path, names: dict[Path, str]) -> Iterator[str]:
    """Points every reference at its file inside; yields a sentence for each that has none."""
    for clip in timeline.find_clips():
        references = clip.media_references()
        changed = False
        for key, reference in references.items():
            if not isinstance(reference, otio.schema.ExternalReference):
                if isinstance(reference, otio.schema.ImageSequenceReference):
                    yield f"The image sequence '{reference.target_url_base}' of '{clip.name}' stays outside the bundle."
                continue
            file = local_path(reference.target_url, root)
            if file in names:
                reference.target_url = quote(str(PurePosixPath("media") / names[file]))
            else:
                references[key], changed = _missing(reference), True
                yield f"The media '{reference.target_url}' of '{clip.name}' is not on this machine and stays outside the bundle."
        if changed:
            clip.set_media_references(references, clip.active_media_reference_key)


def _missing(reference: Any) -> Any:
    """A reference that says that its media is missing, in the words of OTIO's own writer."""
    missing = otio.schema.MissingReference(
        name=reference.name, available_range=reference.available_range, metadata=dict(reference.metadata)
    )
    missing.metadata["missing_reference_because"] = "target_url target is not a file or does not exist"
    missing.metadata["original_target_url"] = reference.target_url
    return missing
