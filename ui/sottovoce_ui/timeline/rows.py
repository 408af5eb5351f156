"""What lies above what: ruler, pictures, sounds, a lane of regions for each voice, and the map of all at the bottom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.scene import PicturePiece, Region, Scene, SoundPiece
from sottovoce_ui.timeline.columns import Extents, extents_of

T = TypeVar("T")

RULER, PICTURE, SOUND, LANE, MAP, GAP = 26, 36, 42, 46, 34, 2


class RowKind(StrEnum):
    """What a row shows."""

    RULER = "ruler"
    PICTURES = "pictures"
    SOUND = "sound"
    LANE = "lane"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """A stripe across the view."""

    kind: RowKind
    name: str  # of the track or voice
    top: int  # pixels
    height: int
    extents: Extents  # of what follows, in order
    regions: tuple[Region, ...] = ()
    sounds: tuple[SoundPiece, ...] = ()
    source_seconds: NDArray[np.float64] | None = None  # of sounds: where in its file each begins
    gains: NDArray[np.float32] | None = None  # of sounds: what each is multiplied with
    pictures: tuple[PicturePiece, ...] = ()

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def pieces(self) -> tuple[PicturePiece, ...] | tuple[SoundPiece, ...] | tuple[Region, ...]:
        """What lies in it, in order."""
        return self.pictures or self.sounds or self.regions

    def holds(self, y: float) -> bool:
        return self.top <= y < self.bottom


def rows_of(scene: Scene, before: Iterable[Row] = ()) -> tuple[Row, ...]:
    """The rows from top to bottom, but for the map.

    Args:
        scene: What they show.
        before: The rows of an earlier state; those that show the very same are taken over.
    """
    known = {(row.kind, row.name): row for row in before}
    ruler = known.get((RowKind.RULER, ""))
    rows = [ruler or Row(kind=RowKind.RULER, name="", top=0, height=RULER, extents=extents_of((), ()))]

    def add(kind: RowKind, name: str, pieces: tuple[T, ...], made: Callable[[str, int, tuple[T, ...]], Row]) -> None:
        top, same = rows[-1].bottom + GAP, known.get((kind, name))
        fits = same is not None and same.top == top and same.pieces == pieces
        rows.append(same if same is not None and fits else made(name, top, pieces))

    if scene.pictures:
        add(RowKind.PICTURES, "V", scene.pictures, _picture_row)
    for track, sounds in _grouped(scene.sounds, attrgetter("track")).items():
        add(RowKind.SOUND, track, tuple(sorted(sounds, key=attrgetter("span.start", "span.end"))), _sound_row)
    lanes = _grouped(scene.regions, attrgetter("voice"))
    for voice in scene.voices:
        add(RowKind.LANE, voice.name, tuple(lanes.get(voice.name, ())), _lane_row)
    return tuple(rows)


def rows_between(rows: tuple[Row, ...], top: int, bottom: int) -> tuple[tuple[Row, ...], int]:
    """The ruler and the rows of which any lies in `[top, bottom)`, drawn up under it; and by how much they were."""
    ruler, *others = rows
    shown = [row for row in others if row.bottom > top and row.top < bottom]
    if len(shown) == len(others):
        return rows, 0
    by = shown[0].top - others[0].top if shown else 0
    return (ruler, *(replace(row, top=row.top - by) for row in shown)), by


def row_at(rows: Iterable[Row], y: float) -> Row | None:
    """The row at a height."""
    return next((row for row in rows if row.holds(y)), None)


def _picture_row(name: str, top: int, pictures: tuple[PicturePiece, ...]) -> Row:
    extents = extents_of(pictures, [piece.source.path for piece in pictures])
    return Row(kind=RowKind.PICTURES, name=name, top=top, height=PICTURE, extents=extents, pictures=pictures)


def _sound_row(name: str, top: int, sounds: tuple[SoundPiece, ...]) -> Row:
    return Row(
        kind=RowKind.SOUND,
        name=name,
        top=top,
        height=SOUND,
        extents=extents_of(sounds, [piece.source.path for piece in sounds]),
        sounds=sounds,
        source_seconds=np.fromiter((float(piece.source.start) for piece in sounds), np.float64, len(sounds)),
        gains=np.fromiter((10 ** (piece.gain_db / 20) for piece in sounds), np.float32, len(sounds)),
    )


def _lane_row(name: str, top: int, regions: tuple[Region, ...]) -> Row:
    extents = extents_of(regions, [region.register for region in regions])
    return Row(kind=RowKind.LANE, name=name, top=top, height=LANE, extents=extents, regions=regions)


def _grouped(pieces: Iterable[T], name_of: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for piece in pieces:
        groups.setdefault(name_of(piece), []).append(piece)
    return groups
