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
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import orjson

from sottovoce_engine.names import distinct_names, file_name
from sottovoce_otio.dialogue import clips_in
from sottovoce_otio.layout import schema_of
from sottovoce_otio.placing import new_file
from sottovoce_otio.plain import Plain
from sottovoce_otio.references import local_path

INDENT = 2  # OTIO's own 4 makes a third of a large file out of spaces
_VERSION = "1.0.0"
_QUICK = 1  # of zlib: a timeline of 40 MB in half a second rather than two
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
    """Writes a timeline, or the plain JSON of one, with all its media to a name that is free.

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
    root = media_root or path.parent
    bundled: Plain = orjson.loads(_text(timeline))
    files = _files_of(bundled, root)
    there = [file for file in dict.fromkeys(files.values()) if file is not None]
    inside = dict(zip(there, distinct_names([_name_inside(file) for file in there]), strict=True))
    urls = {url: "" if file is None else _url_inside(inside[file]) for url, file in files.items()}
    notes = tuple(dict.fromkeys(_readdressed(bundled, urls)))
    with new_file(path, "bundle") as staged, zipfile.ZipFile(staged, "x", strict_timestamps=False) as bundle:
        bundle.writestr("version.txt", _VERSION, compress_type=zipfile.ZIP_DEFLATED)
        bundle.writestr("content.otio", _text(bundled), compress_type=zipfile.ZIP_DEFLATED, compresslevel=_QUICK)
        for file, name in inside.items():
            bundle.write(file, f"media/{name}", compress_type=zipfile.ZIP_STORED)
    return notes


def _files_of(timeline: Plain, root: Path) -> dict[str, Path | None]:
    """The file that each media address names; None where it is not there."""
    urls = dict.fromkeys(
        reference["target_url"]
        for clip in clips_in(timeline["tracks"])
        for reference in (clip.get("media_references") or {}).values()
        if _is_file(reference)
    )
    found = {url: local_path(url, root) for url in urls}
    return {url: file if file is not None and file.is_file() else None for url, file in found.items()}


def _is_file(reference: Plain | None) -> bool:
    return reference is not None and schema_of(reference) == "ExternalReference"


def _name_inside(file: Path) -> str:
    return file_name(file.stem).translate(_AWKWARD) + file.suffix.translate(_AWKWARD)


def _url_inside(name: str) -> str:
    return quote(str(PurePosixPath("media") / name))


def _readdressed(timeline: Plain, urls: Mapping[str, str]) -> Iterator[str]:
    """Points every reference at its file inside; yields a sentence for each that has none."""
    for clip in clips_in(timeline["tracks"]):
        references = clip.get("media_references") or {}
        for key, reference in references.items():
            if reference is None:
                continue
            if schema_of(reference) == "ImageSequenceReference":
                yield f"The image sequence '{reference['target_url_base']}' of '{clip['name']}' stays outside the bundle."
            if not _is_file(reference):
                continue
            url = reference["target_url"]
            if urls[url]:
                reference["target_url"] = urls[url]
            else:
                references[key] = _missing(reference)
                yield f"The media '{url}' of '{clip['name']}' is not on this machine and stays outside the bundle."


def _missing(reference: Plain) -> Plain:
    """A reference that says that its media is missing, in the words of OTIO's own writer."""
    missing = {key: value for key, value in reference.items() if key != "target_url"}
    because = {
        "missing_reference_because": "target_url target is not a file or does not exist",
        "original_target_url": reference["target_url"],
    }
    return {**missing, "OTIO_SCHEMA": "MissingReference.1", "metadata": {**reference["metadata"], **because}}
