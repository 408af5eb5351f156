"""A cut as a timeline file: the plain JSON that OpenTimelineIO reads."""

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from .cut import Cut, CutError, Mark, Piece, Track, frame_of

Plain = dict[str, Any]

_NUMBERED = re.compile(r"^(?P<prefix>.*?)(?P<number>\d+)(?P<suffix>\D*)$")


def write_cut(cut: Cut, path: Path) -> None:
    """Writes a cut as an .otio file, over an earlier one, whole or not at all.

    Raises:
        CutError: It cannot be written there.
    """
    staged = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(json.dumps(timeline_json(cut), ensure_ascii=False, indent=2), encoding="utf-8")
        staged.replace(path)
    except OSError as error:
        raise CutError(f"'{path}' cannot be written: {error.strerror}. Choose another folder.") from error


def timeline_json(cut: Cut) -> Plain:
    """A cut as `Timeline.1`."""
    known: Plain = dict(cut.otio or {})
    metadata: Plain = dict(known.get("metadata") or {})
    if cut.raster is not None:
        metadata["sottovoce"] = {**metadata.get("sottovoce", {}), "raster": f"{cut.raster[0]}x{cut.raster[1]}"}
    return {
        **known,
        "OTIO_SCHEMA": "Timeline.1",
        "name": cut.name,
        "metadata": metadata,
        "tracks": {
            **known.get("tracks", {}),
            "OTIO_SCHEMA": "Stack.1",
            "source_range": None,  # a cut starts at its own frame 0
            "children": [_track_json(track, cut.rate) for track in cut.tracks],
            "markers": [_marker_json(mark, cut.rate) for mark in cut.marks],
        },
    }


def _track_json(track: Track, rate: Fraction) -> Plain:
    return {
        "OTIO_SCHEMA": "Track.1",
        "name": track.name,
        "kind": "Video" if track.picture else "Audio",
        "enabled": track.enabled,
        "metadata": dict(track.otio or {}),
        "children": list(_children(track, rate)),
    }


def _children(track: Track, rate: Fraction) -> Iterator[Plain]:
    at = 0
    for piece in track.pieces:
        if piece.start > at:
            yield {"OTIO_SCHEMA": "Gap.1", "source_range": _range(0, piece.start - at, rate)}
        dissolve = track.dissolve_at(piece.start)
        if dissolve is not None:
            yield {
                "OTIO_SCHEMA": "Transition.1",
                "transition_type": "SMPTE_Dissolve",
                "in_offset": _time(dissolve.before, rate),
                "out_offset": _time(dissolve.after, rate),
            }
        yield _clip_json(piece, rate)
        at = piece.end


def _clip_json(piece: Piece, rate: Fraction) -> Plain:
    """The clip as it was, trimmed as it is now; a new one where its media are others."""
    shown = {"name": piece.name, "enabled": piece.enabled}
    if piece.otio is not None:
        first = _first_frame(piece.otio, rate)
        return {**piece.otio, **shown, "source_range": _range(first + piece.source, piece.length, rate)}
    return {
        "OTIO_SCHEMA": "Clip.2",
        **shown,
        "source_range": _range(piece.source, piece.length, rate),
        "media_references": {"DEFAULT_MEDIA": _reference_json(piece, rate)},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _first_frame(clip: Any, rate: Fraction) -> int:
    """Where the numbering of a clip's media starts."""
    reference = clip.get("media_reference")
    if "media_references" in clip:
        reference = clip["media_references"][clip["active_media_reference_key"]]
    start = ((reference or {}).get("available_range") or {}).get("start_time")
    return frame_of(start, rate) if start else 0


def _reference_json(piece: Piece, rate: Fraction) -> Plain:
    available = _range(0, piece.media_length, rate)
    if len(piece.paths) == 1:
        url = Path(piece.paths[0]).as_uri()
        return {"OTIO_SCHEMA": "ExternalReference.1", "target_url": url, "available_range": available}
    first = Path(piece.paths[0])
    numbered = _NUMBERED.match(first.name)
    if numbered is None:
        raise CutError(f"The pictures of '{piece.name}' are not numbered. Number them, or make a movie of them.")
    return {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": first.parent.as_uri() + "/",
        "name_prefix": numbered["prefix"],
        "name_suffix": numbered["suffix"],
        "start_frame": int(numbered["number"]),
        "frame_zero_padding": len(numbered["number"]),
        "frame_step": 1,
        "rate": float(rate),
        "available_range": available,
    }


def _marker_json(mark: Mark, rate: Fraction) -> Plain:
    marked = _range(mark.start, mark.length, rate)
    # Newer builds of OpenTimelineIO read "range" over "marked_range", so both are there.
    return {**(mark.otio or {"OTIO_SCHEMA": "Marker.2"}), "name": mark.text, "marked_range": marked, "range": marked}


def _range(start: int, length: int, rate: Fraction) -> Plain:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(length, rate)}


def _time(frame: int, rate: Fraction) -> Plain:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(frame), "rate": float(rate)}
