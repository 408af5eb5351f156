"""The map at the bottom: the whole timeline small, its cuts above, and below them a lane for each voice that speaks."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainter

from sottovoce_ui.timeline.boxes import bar_share
from sottovoce_ui.timeline.canvas import Canvas
from sottovoce_ui.timeline.columns import NOTHING, pieces_in_columns
from sottovoce_ui.timeline.look import Look
from sottovoce_ui.timeline.rows import MAP, Row, RowKind
from sottovoce_ui.timeline.scale import Scale, whole

_CUTS = 5.0  # pixels
_UNSEEN = 0.43  # of the ground over what the view does not show
_AIR = 1.0


@dataclass(slots=True)
class Overview:
    """Keeps the map for as long as nothing on it changes, in the screen's own pixels."""

    seen: Canvas  # as it is under its window
    unseen: Canvas  # and beside it
    made_of: tuple[object, ...] = ()

    def follow(self, look: Look, rows: tuple[Row, ...]) -> None:
        """Makes the map of all rows anew where a look asks for another one."""
        made_of = (rows, look.scale.width, look.scale.length_frames, look.ratio, look.colours)
        if made_of != self.made_of:
            self.seen, self.made_of = overview_of(look, rows), made_of
            self.unseen = _shaded(self.seen, look)


def overview_of(look: Look, rows: tuple[Row, ...]) -> Canvas:
    """The map of a timeline."""
    columns = whole(look.scale.length_frames, look.scale.width).at_ratio(look.ratio)
    canvas = Canvas(columns.width, round(MAP * look.ratio))
    canvas.image.fill(look.colours.lane)
    lanes = [row for row in rows if row.kind is RowKind.LANE and row.regions]
    top = look.pixels(_CUTS) if lanes else canvas.size[1]
    for row in rows:
        if row.kind in (RowKind.PICTURES, RowKind.SOUND) and row.extents.names:
            canvas.pixels[:top] = _cuts(row, columns, look)
            break
    air = look.pixels(_AIR)
    edges = np.linspace(top + air, canvas.size[1], len(lanes) + 1).round().astype(int).tolist()
    for row, (upper, lower) in zip(lanes, itertools.pairwise(edges), strict=True):
        lower = max(upper + 1, lower - air)
        _draw_bars(canvas.pixels[upper:lower], row, columns, look)
    return canvas


def _shaded(canvas: Canvas, look: Look) -> Canvas:
    """A map under a veil of the ground's colour."""
    veiled, veil = Canvas(*canvas.size), QColor(look.colours.ground)
    veil.setAlphaF(_UNSEEN)
    with QPainter(veiled.image) as painter:
        painter.drawImage(0, 0, canvas.image)
        painter.fillRect(veiled.image.rect(), veil)
    return veiled


def _cuts(row: Row, columns: Scale, look: Look) -> NDArray[np.uint32]:
    """`[width]`: every other clip a little darker."""
    shown = pieces_in_columns(row.extents, columns)
    pair = np.array([look.colours.clip.rgb(), look.colours.line.rgb()], np.uint32)
    return np.where(shown == NOTHING, np.uint32(look.colours.lane.rgb()), pair[shown % 2])


def _draw_bars(pixels: NDArray[np.uint32], row: Row, columns: Scale, look: Look) -> None:
    """A voice's regions, each as tall as its register is loud."""
    shown = pieces_in_columns(row.extents, columns)
    inside = np.flatnonzero(shown != NOTHING)
    if not len(inside):
        return
    names = row.extents.names
    colours = np.array([look.region_colours[name].colour.rgb() for name in names], np.uint32)
    shares = np.array([bar_share(look.registers, name) for name in names])
    kinds = row.extents.kinds[shown[inside]]
    height = len(pixels)
    tall = np.zeros(pixels.shape[1], np.int64)
    tall[inside] = np.ceil(shares[kinds] * height)
    colour = np.zeros(pixels.shape[1], np.uint32)
    colour[inside] = colours[kinds]
    np.copyto(pixels, colour, where=np.arange(height)[:, None] >= height - tall)
