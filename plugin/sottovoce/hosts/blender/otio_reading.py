"""A cut from a timeline file, read as the plain JSON it is: Blender's Python has no OpenTimelineIO.

What a strip cannot show is left out with a note; each object is kept as it was, so that writing it again
loses nothing that the file had.
"""

import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from .cut import Cut, CutError, Dissolve, Mark, Piece, Track, exact_rate, frame_of

Plain = Mapping[str, Any]


def read_cut(path: Path) -> Cut:
    """The cut in an .otio file.

    Raises:
        CutError: It cannot be read, or is no timeline.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CutError(f"'{path}' cannot be read: {error}. Choose an .otio file.") from error
    if not isinstance(document, dict) or _schema(document) != "Timeline":
        raise CutError(f"'{path}' holds no timeline. Choose an .otio file that was exported as one.")
    try:
        return _Reader(document, path.parent).cut()
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        raise CutError(f"'{path}' is damaged: {type(error).__name__} {error}. Export it again.") from error


class _Reader:
    """One timeline on its way to a cut; collects the notes."""

    def __init__(self, timeline: Plain, folder: Path) -> None:
        self._timeline, self._folder = timeline, folder
        self._stack: Plain = timeline["tracks"]
        self._rate = _rate_of(self._stack)
        self._notes: dict[str, None] = {}
        trimmed = self._stack.get("source_range")
        self._origin = 0 if trimmed is None else self._frames(trimmed["start_time"])

    def cut(self) -> Cut:
        return Cut(
            name=self._timeline.get("name") or "timeline",
            rate=self._rate,
            tracks=tuple(self._track(track) for track in self._stack["children"]),
            marks=tuple(self._mark(marker) for marker in self._stack.get("markers") or ()),
            raster=_raster(self._timeline),
            otio={
                **{key: value for key, value in self._timeline.items() if key != "tracks"},
                "tracks": {key: value for key, value in self._stack.items() if key not in ("children", "markers")},
            },
            notes=tuple(self._notes),
        )

    def _track(self, track: Plain) -> Track:
        name = track.get("name") or str(track.get("kind"))
        at = -self._origin
        pieces, dissolves = [], []
        for item in track["children"]:
            if _schema(item) == "Transition":
                before, after = self._frames(item["in_offset"]), self._frames(item["out_offset"])
                dissolves.append(Dissolve(cut=at, before=before, after=after))
                continue
            length = self._length(item)
            piece = self._piece(item, at, length) if _schema(item) == "Clip" else None
            if piece is not None:
                pieces.append(piece)
            elif _schema(item) not in ("Gap", "Clip"):
                self._note(f"'{item.get('name')}' on {name} is a nested timeline, which is left out")
            at += length
        return Track(
            name=name,
            picture=track.get("kind") == "Video",
            pieces=tuple(pieces),
            dissolves=tuple(dissolve for dissolve in dissolves if _joins(dissolve, pieces)),
            enabled=track.get("enabled", True),
            otio=track.get("metadata") or {},
        )

    def _piece(self, clip: Plain, at: int, length: int) -> Piece | None:
        reference = _reference(clip) or {}
        paths = self._paths(reference)
        if not paths:
            self._note(f"'{clip.get('name')}' has no media file and is left out")
            return None
        if not Path(paths[0]).exists():
            self._note(f"'{paths[0]}' is missing; relink its strips")
        if clip.get("effects"):
            self._note(f"'{clip.get('name')}' has effects, such as a change of speed, that are left out")
        available = reference.get("available_range")
        first = self._frames(available["start_time"]) if available else 0
        shown = clip.get("source_range")
        source = self._frames(shown["start_time"]) - first if shown else 0
        return Piece(
            name=clip.get("name") or Path(paths[0]).stem,
            paths=paths,
            start=at,
            length=length,
            source=source,
            media_length=self._frames(available["duration"]) if available else source + length,
            enabled=clip.get("enabled", True),
            otio=clip,
        )

    def _length(self, item: Plain) -> int:
        """Frames an item takes up on its track."""
        if item.get("source_range"):
            return self._frames(item["source_range"]["duration"])
        if _schema(item) == "Clip":
            available = (_reference(item) or {}).get("available_range")
            if available is None:
                raise CutError(f"The clip '{item.get('name')}' does not say how long it is. Trim it and export again.")
            return self._frames(available["duration"])
        lengths = [self._length(child) for child in item.get("children", ()) if _schema(child) != "Transition"]
        return max(lengths, default=0) if _schema(item) == "Stack" else sum(lengths)

    def _mark(self, marker: Plain) -> Mark:
        marked = marker.get("marked_range") or marker["range"]
        return Mark(
            text=marker.get("name") or marker.get("comment") or "",
            start=self._frames(marked["start_time"]) - self._origin,
            length=self._frames(marked["duration"]),
            otio=marker,
        )

    def _paths(self, reference: Plain) -> tuple[str, ...]:
        """The files of a media reference; none where it names none."""
        if _schema(reference) == "ExternalReference" and reference.get("target_url"):
            return (str(_local_path(reference["target_url"], self._folder)),)
        if _schema(reference) == "ImageSequenceReference":
            folder = _local_path(reference["target_url_base"], self._folder)
            return tuple(str(folder / name) for name in self._sequence_names(reference))
        return ()

    def _sequence_names(self, reference: Plain) -> Iterator[str]:
        count = self._frames(reference["available_range"]["duration"])
        step, zeros = reference.get("frame_step", 1), reference.get("frame_zero_padding", 0)
        for index in range(count):
            number = reference.get("start_frame", 1) + index * step
            yield f"{reference.get('name_prefix', '')}{number:0{zeros}}{reference.get('name_suffix', '')}"

    def _frames(self, time: Plain) -> int:
        return frame_of(time, self._rate)

    def _note(self, sentence: str) -> None:
        self._notes[sentence] = None


def _schema(item: Plain) -> str:
    """`Clip` for `Clip.2`."""
    return str(item.get("OTIO_SCHEMA", "")).split(".")[0]


def _reference(clip: Plain) -> Plain | None:
    """The active media reference, in the clips of all versions."""
    if "media_references" in clip:
        found: Plain | None = clip["media_references"].get(clip.get("active_media_reference_key", "DEFAULT_MEDIA"))
        return found
    return clip.get("media_reference")


def _rate_of(stack: Plain) -> Fraction:
    """The rate of the first picture, or of the first sound where there is no picture."""
    tracks = sorted(stack["children"], key=lambda track: track.get("kind") != "Video")
    for track in tracks:
        for item in track["children"]:
            ranges = (item.get("source_range"), (_reference(item) or {}).get("available_range"))
            for found in ranges:
                if found:
                    return exact_rate(found["duration"]["rate"])
    raise CutError("The timeline is empty. Export one that holds clips.")


def _raster(timeline: Plain) -> tuple[int, int] | None:
    """Columns and rows, where the file says them as Sottovoce does."""
    found = re.fullmatch(r"(\d+)x(\d+)", str((timeline.get("metadata") or {}).get("sottovoce", {}).get("raster")))
    return (int(found[1]), int(found[2])) if found else None


def _joins(dissolve: Dissolve, pieces: list[Piece]) -> bool:
    """Whether it lies between two pieces; a fade to or from nothing is none."""
    return any(piece.end == dissolve.cut for piece in pieces) and any(piece.start == dissolve.cut for piece in pieces)


def _local_path(url: str, folder: Path) -> Path:
    parts = urlsplit(url)
    if parts.scheme != "file":
        return folder / url if (folder / url).exists() else folder / unquote(url)
    share = f"//{parts.netloc}" if parts.netloc not in ("", "localhost") else ""
    return Path(share + url2pathname(parts.path))
