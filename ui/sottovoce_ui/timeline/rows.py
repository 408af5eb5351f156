"""What lies above what: ruler, pictures, sounds, a lane of regions for each voice, and the map of all at the bottom."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.scene import PicturePiece, Region, Scene, SoundPiece
from sottovoce_ui.timeline.columns import Extents, extents_of

T = TypeVar("T")

RULER, PICTURE, SOUND, LANE, MAP, GAP = 26, 26, 42, 46, 34, 2


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
    pictures: tuple[PicturePiece, ...] = ()

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def holds(self, y: float) -> bool:
        return self.top <= y < self.bottom


def rows_of(scene: Scene) -> tuple[Row, ...]:
    """The rows from top to bottom, but for the map."""
    rows = [Row(kind=RowKind.RULER, name="", top=0, height=RULER, extents=extents_of((), ()))]

    def top() -> int:
        return rows[-1].bottom + GAP

    if scene.pictures:
        extents = extents_of(scene.pictures, [piece.source.path for piece in scene.pictures])
        rows.append(
            Row(kind=RowKind.PICTURES, name="V", top=top(), height=PICTURE, extents=extents, pictures=scene.pictures)
        )
    for track, sounds in _grouped(scene.sounds, lambda piece: piece.track).items():
        sounds.sort(key=lambda piece: piece.span)
        extents = extents_of(sounds, [piece.source.path for piece in sounds])
        rows.append(
            Row(
                kind=RowKind.SOUND,
                name=track,
                top=top(),
                height=SOUND,
                extents=extents,
                sounds=tuple(sounds),
                source_seconds=np.fromiter((float(piece.source.start) for piece in sounds), np.float64, len(sounds)),
            )
        )
    lanes = _grouped(scene.regions, lambda region: region.voice)
    for voice in scene.voices:
        regions = lanes.get(voice.name, [])
        extents = extents_of(regions, [region.register for region in regions])
        rows.append(
            Row(kind=RowKind.LANE, name=voice.name, top=top(), height=LANE, extents=extents, regions=tuple(regions))
        )
    return tuple(rows)


def row_at(rows: Iterable[Row], y: float) -> Row | None:
    """The row at a height."""
    return next((row for row in rows if row.holds(y)), None)


def _grouped(pieces: Iterable[T], name_of: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for piece in pieces:
        groups.setdefault(name_of(piece), []).append(piece)
    return groups
