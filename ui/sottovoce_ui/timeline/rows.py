"""What lies above what: ruler, pictures, sounds, a lane of regions for each voice, and the map of all at the bottom."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sottovoce_engine.scene import PicturePiece, Region, Scene, SoundPiece

RULER, PICTURE, SOUND, LANE, MAP, GAP = 26, 26, 42, 46, 34, 2


class RowKind(StrEnum):
    """What a row shows."""

    RULER = "ruler"
    PICTURES = "pictures"
    SOUND = "sound"
    LANE = "lane"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A stripe across the view."""

    kind: RowKind
    name: str  # of the track or voice
    top: int  # pixels
    height: int
    regions: tuple[Region, ...] = ()  # of a lane, in order
    sounds: tuple[SoundPiece, ...] = ()
    pictures: tuple[PicturePiece, ...] = ()

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def holds(self, y: float) -> bool:
        return self.top <= y < self.bottom


def rows_of(scene: Scene) -> tuple[Row, ...]:
    """The rows from top to bottom; the map's place at the bottom is the view's to give."""
    rows = [Row(kind=RowKind.RULER, name="", top=0, height=RULER)]

    def add(kind: RowKind, name: str, height: int, **of: tuple[object, ...]) -> None:
        rows.append(Row(kind=kind, name=name, top=rows[-1].bottom + GAP, height=height, **of))  # type: ignore[arg-type]

    if scene.pictures:
        add(RowKind.PICTURES, "V", PICTURE, pictures=scene.pictures)
    for track in dict.fromkeys(piece.track for piece in scene.sounds):
        pieces = sorted((piece for piece in scene.sounds if piece.track == track), key=lambda piece: piece.span)
        add(RowKind.SOUND, track, SOUND, sounds=tuple(pieces))
    for voice in scene.voices:
        add(RowKind.LANE, voice.name, LANE, regions=tuple(_of_voice(scene.regions, voice.name)))
    return tuple(rows)


def row_at(rows: Iterable[Row], y: float) -> Row | None:
    """The row at a height."""
    return next((row for row in rows if row.holds(y)), None)


def _of_voice(regions: Iterable[Region], name: str) -> list[Region]:
    return [region for region in regions if region.voice == name]
