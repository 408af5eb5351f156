"""What editors' programs do to a timeline of ours between opening and exporting it, as the facts have it."""

import json
from collections.abc import Iterator
from typing import Any

import opentimelineio as otio

_RESOLVE_KEEPS = "Resolve_OTIO"


def through_resolve(timeline: Any) -> Any:
    """Resolve: metadata of others are gone, and comments; a marker keeps its name and its note, a clip its own sets."""
    document = _document(timeline)
    for item in _objects(document):
        kept = item["metadata"].get(_RESOLVE_KEEPS)
        item["metadata"] = {_RESOLVE_KEEPS: kept} if kept else {}
        if item["OTIO_SCHEMA"].startswith("Marker"):
            item["comment"] = ""
        _only_active(item)
    return _object(document)


def through_kdenlive(timeline: Any) -> Any:
    """Kdenlive: metadata and effects are gone; a guide keeps the marker's comment, its name is lost."""
    document = _document(timeline)
    for item in _objects(document):
        item["metadata"] = {}
        if "effects" in item:
            item["effects"] = []
        if item["OTIO_SCHEMA"].startswith("Marker"):
            item["name"] = ""
        _only_active(item)
    return _object(document)


def through_a_bare_host(timeline: Any) -> Any:
    """One that keeps what OTIO itself has, and nobody's metadata."""
    document = _document(timeline)
    for item in _objects(document):
        item["metadata"] = {}
    return _object(document)


HOSTS = (through_resolve, through_kdenlive, through_a_bare_host)


def _only_active(item: dict[str, Any]) -> None:
    """No editor keeps other takes on a clip."""
    if "media_references" in item:
        active = item["active_media_reference_key"]
        item["media_references"] = {"DEFAULT_MEDIA": item["media_references"][active]}
        item["active_media_reference_key"] = "DEFAULT_MEDIA"


def _document(timeline: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(timeline.to_json_string(-1))
    return document


def _object(document: dict[str, Any]) -> Any:
    return otio.adapters.read_from_string(json.dumps(document), "otio_json")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Everything that has metadata, but what is in metadata."""
    if isinstance(value, list):
        for each in value:
            yield from _objects(each)
    elif isinstance(value, dict):
        if "metadata" in value:
            yield value
        for key, each in value.items():
            if key != "metadata":
                yield from _objects(each)
