"""Pixel columns: what each of them shows, found for all of them at once.

A view of 2,560 pixels over 5,000 regions is drawn by asking 2,560 columns what they show, not 5,000 regions where they lie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from sottovoce_engine.timing import Span
from sottovoce_ui.timeline.scale import Scale

NOTHING = -1


class Placed(Protocol):
    """Something on the timeline."""

    @property
    def span(self) -> Span: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extents:
    """Where the pieces of a row begin and end, in order; only neighbours overlap."""

    starts: NDArray[np.int64]  # scene frames
    ends: NDArray[np.int64]
    kinds: NDArray[np.int64]  # which of `names` each piece is: its register, or its media file
    names: tuple[str, ...]


def extents_of(pieces: Sequence[Placed], names: Sequence[str]) -> Extents:
    """The extents of a row's pieces, each with the name of its kind."""
    count = len(pieces)
    number = {name: index for index, name in enumerate(dict.fromkeys(names))}
    return Extents(
        starts=np.fromiter((piece.span.start for piece in pieces), np.int64, count),
        ends=np.fromiter((piece.span.end for piece in pieces), np.int64, count),
        kinds=np.fromiter((number[name] for name in names), np.int64, count),
        names=tuple(number),
    )


def pieces_in_columns(extents: Extents, scale: Scale) -> NDArray[np.int64]:
    """`[width]`: the index of the piece that each column shows any of, the earlier of two; `NOTHING` where none is."""
    if not len(extents.starts):
        return np.full(scale.width, NOTHING)
    left = scale.first + np.arange(scale.width) * scale.frames_per_pixel
    index = np.searchsorted(extents.ends, left, side="right")
    there = np.minimum(index, len(extents.starts) - 1)
    shown = (index < len(extents.starts)) & (extents.starts[there] < left + scale.frames_per_pixel)
    return np.where(shown, there, NOTHING)


def visible_in(extents: Extents, scale: Scale) -> slice:
    """The pieces that are on the screen."""
    first = int(np.searchsorted(extents.ends, scale.first, side="right"))
    return slice(first, max(first, int(np.searchsorted(extents.starts, scale.last, side="left"))))


def stripe(colours: NDArray[np.uint32]) -> QImage:
    """An image one pixel high; `colours` are 0xAARRGGBB, one for each column."""
    values = np.ascontiguousarray(colours)
    image = QImage(values.data, len(values), 1, 4 * len(values), QImage.Format.Format_ARGB32)
    return image.copy()  # its own memory: the array goes


def wave(lowest: NDArray[np.float32], highest: NDArray[np.float32], height: int, colour: QColor) -> QImage:
    """An image of a waveform: in each column the colour from its lowest to its highest sample (±1).

    At least one pixel is drawn where there is sound at all; columns without any are NaN.
    """
    rows = np.arange(height, dtype=np.float32)[:, None]
    middle = np.float32(height / 2)
    top, bottom = middle - highest * middle, middle - lowest * middle + 1
    inside = (rows + 1 > top) & (rows < bottom)  # False for NaN
    pixels = np.where(inside, np.uint32(colour.rgba()), np.uint32(0))
    return QImage(pixels.data, pixels.shape[1], height, 4 * pixels.shape[1], QImage.Format.Format_ARGB32).copy()
