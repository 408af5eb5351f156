"""Opening `.otio`, `.otioz`, FCP7 `.xml` and `.mlt` files that may come from anywhere.

Everything is checked before OTIO's own parser sees it: that parser is native code, recurses as deep as the
file tells it to, and answers unknown schema versions with a line number. Files are only ever read.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import opentimelineio as otio

from sottovoce_engine.errors import InputError
from sottovoce_otio.bundles import Bundle, opened_bundle
from sottovoce_otio.layout import Plain
from sottovoce_otio.plain import plain_object
from sottovoce_otio.suffixes import XML_SUFFIXES
from sottovoce_otio.xml_timelines import xml_timeline

MAX_TIMELINE_BYTES = 256 * 2**20  # 5,000 regions with clips and takes take 30 MB

_SCHEMA = re.compile(r'"OTIO_SCHEMA"\s*:\s*"([A-Za-z_]\w*)\.(\d{1,9})"')
_VALUES = {("RationalTime", 1), ("TimeRange", 1), ("TimeTransform", 1), ("V2d", 1), ("Box2d", 1)}
_ZIP = b"PK"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFile:
    """A timeline as it lies on disk."""

    timeline: Any  # otio.schema.Timeline
    plain: Plain  # the same as plain JSON
    path: Path  # absolute
    digest: str  # SHA-256, hex, of an .otio; of an .otioz: of its timeline and of its list of members
    bundle: Bundle | None
    notes: tuple[str, ...] = ()


def opened_file(path: Path, wanted: str = "") -> OpenedFile:
    """The timeline in a file.

    Args:
        path: An `.otio`, `.otioz`, FCP7 `.xml` or `.mlt` file.
        wanted: The timeline's name, where a file holds several.

    Raises:
        InputError: The file is missing, damaged, dangerous, of a newer schema, or holds no timeline.
    """
    path = path.absolute()
    content, bundle = _content(path)
    digest = hashlib.sha256(content)
    if bundle is not None:
        digest.update(bundle.listing.encode())
    if path.suffix.lower() in XML_SUFFIXES:
        chosen = _chosen(xml_timeline(content, path), wanted, path)
        return OpenedFile(
            timeline=chosen, plain=plain_object(chosen), path=path, digest=digest.hexdigest(), bundle=None
        )
    text = _text(content, path)
    document = _document(text, path)
    schemas = _schemas(text)
    notes = _check_versions(document, schemas, path)
    found = _parsed(json.dumps(document) if notes else text, path)
    chosen = _chosen(found, wanted, path)
    plain = document if chosen is found and _is_current(schemas) else plain_object(chosen)
    return OpenedFile(timeline=chosen, plain=plain, path=path, digest=digest.hexdigest(), bundle=bundle, notes=notes)


def _content(path: Path) -> tuple[bytes, Bundle | None]:
    """The timeline's JSON as bytes, and the bundle it lies in."""
    try:
        with path.open("rb") as file:
            if file.read(len(_ZIP)) == _ZIP:
                bundle = opened_bundle(path)
                return bundle.timeline(MAX_TIMELINE_BYTES), bundle
            file.seek(0)
            content = file.read(MAX_TIMELINE_BYTES + 1)
    except IsADirectoryError as error:
        inside = path / "content.otio"
        advice = f"Give '{inside}'." if inside.exists() else "Give an .otio or .otioz file."
        raise InputError(f"'{path}' is a folder. {advice}") from error
    except OSError as error:
        raise InputError(f"The timeline '{path}' cannot be read: {error.strerror or error}. Check the path.") from error
    if len(content) > MAX_TIMELINE_BYTES:
        raise InputError(
            f"The timeline '{path}' is larger than {MAX_TIMELINE_BYTES // 2**20} MB. Export less metadata."
        )
    if not content.strip():
        raise InputError(f"The timeline '{path}' is empty. Export it again.")
    return content, None


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"The timeline '{path}' is not text in UTF-8 (byte {error.start}). Give an .otio or .otioz file."
        ) from error


def _document(text: str, path: Path) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise InputError(
            f"The timeline '{path}' is nested too deep to be read. Flatten its nested sequences."
        ) from error
    except ValueError as error:
        raise InputError(f"'{path}' is not valid JSON: {error}. Give an .otio or .otioz file.") from error
    if not isinstance(document, dict) or "OTIO_SCHEMA" not in document:
        raise InputError(f"'{path}' is JSON, but no OpenTimelineIO file. Export the timeline as .otio or .otioz.")
    return document


def _schemas(text: str) -> set[tuple[str, int]]:
    return {(name, int(version)) for name, version in set(_SCHEMA.findall(text))}


def _check_versions(document: dict[str, Any], schemas: set[tuple[str, int]], path: Path) -> tuple[str, ...]:
    """Refuses schemas that this OTIO knows in an older version only; unknown ones it carries along.

    Returns:
        What was changed in the document to make it readable.
    """
    known = otio.core.type_version_map()
    newer = {(name, version) for name, version in schemas if version > known.get(name, version)}
    if not newer:
        return ()
    if newer == {("Marker", 3)} and _read_as_marker_2(document):
        return ("markers of schema Marker.3 were read as Marker.2, which lacks what the newer version added",)
    name, version = sorted(newer)[0]
    raise InputError(
        f"'{path}' holds {name}.{version}, and OpenTimelineIO {otio.__version__} reads up to {name}.{known[name]}. Export it "
        "for an older version of OpenTimelineIO, or update Sottovoce."
    )


def _is_current(schemas: set[tuple[str, int]]) -> bool:
    """Whether every schema in a file is as this OTIO writes it, so that its JSON needs no upgrade."""
    known = otio.core.type_version_map()
    return all(known.get(name) == version for name, version in schemas - _VALUES)


def _read_as_marker_2(document: Any) -> bool:
    """Turns every Marker.3 of `document` into a Marker.2; False where one lacks what that needs.

    OTIO's main branch raised the version; a marker's range stands under "range" or "marked_range", its
    colour may be an object.
    """
    for found in _objects(document):
        if found.get("OTIO_SCHEMA") != "Marker.3":
            continue
        marked = found.get("marked_range", found.pop("range", None))
        if not isinstance(marked, dict) or marked.get("OTIO_SCHEMA") != "TimeRange.1":
            return False
        colour = found.get("color")
        found |= {
            "OTIO_SCHEMA": "Marker.2",
            "marked_range": marked,
            "color": colour if isinstance(colour, str) else "RED",
        }
    return True


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    stack = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            yield value
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)


def _parsed(text: str, path: Path) -> Any:
    """The OTIO object; hooks and media linkers of other packages, which could change it, stay out."""
    try:
        return otio.core.deserialize_json_from_string(text)
    except Exception as error:  # the native parser raises types of its own for each schema
        raise InputError(
            f"OpenTimelineIO {otio.__version__} cannot read '{path}': {error}. Export the timeline again."
        ) from error


def _chosen(found: Any, wanted: str, path: Path) -> Any:
    if isinstance(found, otio.schema.Timeline):
        timelines = [found]
    elif isinstance(found, otio.schema.SerializableCollection):
        timelines = [each for each in found if isinstance(each, otio.schema.Timeline)]
    else:
        timelines = []
    if not timelines:
        kind = found.schema_name() if hasattr(found, "schema_name") else type(found).__name__
        raise InputError(f"'{path}' holds a {kind} and no timeline. Export the timeline itself as .otio or .otioz.")
    chosen = [each for each in timelines if each.name == wanted] if wanted else timelines
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(f"'{each.name}'" for each in timelines[:12])
    asked = f"none of them is named '{wanted}'" if wanted and not chosen else "only one can be worked on"
    raise InputError(
        f"'{path}' holds {len(timelines)} timelines ({names}), and {asked}. Name one, or export one alone."
    )
