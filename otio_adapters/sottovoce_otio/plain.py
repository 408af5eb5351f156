"""OTIO objects as the JSON they are stored as: edited as plain dictionaries, made into objects all at once.

Measured with 0.18.1: a clip with two media references and their metadata takes 330 µs to make through
the Python API, nearly all of it for turning dictionaries into OTIO's own, and 20 µs to find that it has
no metadata of ours; through JSON it takes 90 µs, and nothing. The schema versions are those of 0.18.1;
later versions of OTIO read them.
"""

import json
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from sottovoce_engine.timing import Span

Plain = dict[str, Any]


def object_from(plain: Plain) -> Any:
    """The OTIO object that `plain` describes."""
    return otio.core.deserialize_json_from_string(json.dumps(plain))


def plain_object(item: Any) -> Plain:
    """An OTIO object as its JSON, everything in its metadata included."""
    found: Plain = json.loads(item.to_json_string(-1))
    return found


def time_range(span: Span, rate: Fraction) -> Plain:
    """A span of frames. The rate is the double nearest to the fraction: some hosts compare rates for equality."""
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": rational_time(span.start, rate),
        "duration": rational_time(span.length, rate),
    }


def rational_time(frame: int, rate: Fraction) -> Plain:
    """A frame, or a number of frames."""
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(frame), "rate": rate.numerator / rate.denominator}


def gap(length: int, rate: Fraction) -> Plain:
    """Nothing for `length` frames."""
    return {
        "OTIO_SCHEMA": "Gap.1",
        "name": "",
        "source_range": time_range(Span(0, length), rate),
        "effects": [],
        "markers": [],
        "enabled": True,
        "metadata": {},
    }


def reference(url: str, available: Plain, metadata: Plain) -> Plain:
    """A media file, of which `available` is there to be used."""
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "name": "",
        "target_url": url,
        "available_range": available,
        "available_image_bounds": None,
        "metadata": metadata,
    }


def clip(name: str, source: Plain, references: Mapping[str, Plain], active: str, metadata: Plain) -> Plain:
    """A clip over `source`, with one of `references` active."""
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": name,
        "source_range": source,
        "effects": [],
        "markers": [],
        "enabled": True,
        "media_references": dict(references),
        "active_media_reference_key": active,
        "metadata": metadata,
    }


def dissolve(before: int, after: int, rate: Fraction, metadata: Plain) -> Plain:
    """A dissolve that starts `before` frames before its cut and ends `after` frames after it."""
    return {
        "OTIO_SCHEMA": "Transition.1",
        "name": "",
        "transition_type": "SMPTE_Dissolve",
        "in_offset": rational_time(before, rate),
        "out_offset": rational_time(after, rate),
        "metadata": metadata,
    }


def track(name: str, kind: str, children: Iterable[Plain], metadata: Plain) -> Plain:
    """A track of `kind` "Video" or "Audio"."""
    return {
        "OTIO_SCHEMA": "Track.1",
        "name": name,
        "kind": kind,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "children": list(children),
        "metadata": metadata,
    }
