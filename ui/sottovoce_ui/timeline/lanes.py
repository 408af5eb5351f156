"""A voice's lane: every region as a box in its register's colour, with its letter, its line and what it needs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from sottovoce_engine.scene import Region
from sottovoce_ui.timeline.boxes import Boxes
from sottovoce_ui.timeline.canvas import Canvas
from sottovoce_ui.timeline.colours import mixed
from sottovoce_ui.timeline.columns import Runs, runs_in
from sottovoce_ui.timeline.look import Drawn, Look
from sottovoce_ui.timeline.rows import Row
from sottovoce_ui.timeline.stock import LANE_INSET, Stock

_LETTER = 10.0  # pixels: a narrower box shows no letter
_WIDE = 18.0  # a narrower one is a bar
_READABLE = 26.0  # a narrower room shows no words
_PARTED = 3.0  # narrower bars touch each other
_HATCHED = 8.0  # from line to line
_HATCHING = 0.45  # of the register's colour in them: what is written over them stays readable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A region with room for its letter."""

    region: Region
    left: int  # the screen's pixels, half-open
    right: int
    opens: bool  # whether its ends are on the screen
    closes: bool


def draw_lane(canvas: Canvas, painter: QPainter, look: Look, stock: Stock, row: Row, drawn: Drawn) -> None:
    """Draws the regions of a row."""
    top = round(row.top * look.ratio)
    canvas.fill(0, top, canvas.size[0], round(row.bottom * look.ratio), look.colours.lane)
    runs = runs_in(row.extents, look.columns)
    drawn.regions += len(runs.pieces)
    top += look.pixels(LANE_INSET)
    widths = runs.widths
    narrow = np.flatnonzero(widths < look.pixels(_WIDE))
    if len(narrow):
        _draw_bars(canvas, look, stock.boxes, row, runs, narrow, top)
    for run in np.flatnonzero(widths >= look.pixels(_LETTER)).tolist():
        place = _Place(
            region=row.regions[int(runs.pieces[run])],
            left=int(runs.starts[run]),
            right=int(runs.ends[run]),
            opens=bool(runs.opens[run]),
            closes=bool(runs.closes[run]),
        )
        if place.right - place.left < look.pixels(_WIDE):
            _draw_letter(painter, stock.boxes, place, top)
        else:
            _draw_box(canvas, look, stock.boxes, place, top)
            _draw_words(painter, look, stock, place, top)


def _draw_bars(
    canvas: Canvas, look: Look, boxes: Boxes, row: Row, runs: Runs, narrow: NDArray[np.int64], top: int
) -> None:
    """All bars at once, each column of pixels copied from the bar that it shows."""
    kinds = np.array([boxes.bar(name) for name in row.extents.names], np.int64)
    bars = kinds[row.extents.kinds[runs.pieces[narrow]]]
    if look.selection:
        bars += np.array([row.regions[piece].id in look.selection for piece in runs.pieces[narrow].tolist()], np.int64)
    starts, ends = runs.starts[narrow], runs.ends[narrow]
    ends = ends - (ends - starts >= look.pixels(_PARTED))
    turns = np.zeros(canvas.size[0] + 1, np.int64)
    np.add.at(turns, starts, bars)
    np.subtract.at(turns, ends, bars)
    columns = np.cumsum(turns[:-1])
    first, last = int(starts[0]), int(ends[-1])
    canvas.pixels[top : top + boxes.height, first:last] = boxes.bars.take(columns[first:last], axis=1)


def _draw_box(canvas: Canvas, look: Look, boxes: Boxes, place: _Place, top: int) -> None:
    """A box, open where the region goes on beyond the view; hatched while its line is missing."""
    box = boxes.box(place.region.register, selected=place.region.id in look.selection)
    lane = canvas.pixels[top : top + boxes.height]
    left, right = place.left, place.right
    if place.opens:
        lane[:, left : left + boxes.corner] = box.left
        left += boxes.corner
    if place.closes:
        lane[:, right - boxes.corner : right] = box.right
        right -= boxes.corner
    lane[:, left:right] = box.middle
    if not place.region.line.strip():
        _hatch(canvas, look, boxes, place, top)


def _hatch(canvas: Canvas, look: Look, boxes: Boxes, place: _Place, top: int) -> None:
    """Lines across a box that stay with it as the view scrolls."""
    edge = look.pixels(2)
    offset = round(look.scale.first / look.columns.frames_per_pixel)
    rows = np.arange(top + edge, top + boxes.height - edge)[:, None]
    columns = np.arange(place.left + edge, place.right - edge)[None, :]
    lines = (columns + offset + rows) % look.pixels(_HATCHED) < look.pixels(1)
    inside = canvas.pixels[top + edge : top + boxes.height - edge, place.left + edge : place.right - edge]
    of_it = look.region_colours[place.region.register]
    np.copyto(inside, mixed(of_it.ground, of_it.colour, _HATCHING).rgb(), where=lines)


def _draw_letter(painter: QPainter, boxes: Boxes, place: _Place, top: int) -> None:
    """The letter at the foot of a bar."""
    side, width = boxes.badge, place.right - place.left
    room = min(side, width - 1)
    left = place.left + (width - 1 - room) // 2
    painter.drawImage(
        left, top + boxes.height - side, boxes.badges[place.region.register], (side - room) // 2, 0, room, side
    )


def _draw_words(painter: QPainter, look: Look, stock: Stock, place: _Place, top: int) -> None:
    """The register's letter, the line, and what the region needs, as far as there is room."""
    boxes, words, region = stock.boxes, stock.words, place.region
    gap = look.pixels(2)
    painter.drawImage(place.left + gap, top + gap, boxes.badges[region.register])
    x = place.left + boxes.badge + 3 * gap
    room = place.right - 2 * gap - x
    if room < look.pixels(_READABLE):
        return
    half = boxes.height // 2
    air = (half - words.height) // 2
    words.draw(painter, x, top + gap // 2 + air, room, region.line, look.colours.text)
    needs = look.states.get(region.id, "")
    if needs:
        words.draw(painter, x, top + half + air, room, needs, look.colours.dim)
