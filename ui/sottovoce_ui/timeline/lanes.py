"""A voice's lane: every region as a box in its register's colour, with its letter, its line and what it needs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from sottovoce_engine.scene import Region
from sottovoce_ui.timeline.boxes import Boxes
from sottovoce_ui.timeline.colours import mixed
from sottovoce_ui.timeline.columns import Runs
from sottovoce_ui.timeline.easel import Easel
from sottovoce_ui.timeline.parts import Part
from sottovoce_ui.timeline.rows import Row
from sottovoce_ui.timeline.stock import LANE_INSET

_LETTER = 10.0  # pixels: a narrower box shows no letter
_WIDE = 18.0  # a narrower one is a bar
_READABLE = 26.0  # a narrower room shows no words
_DOT = 5.0
_PARTED = 3.0  # narrower bars touch each other
_HATCHED = 8.0  # from line to line
_HATCHING = 0.45  # of the register's colour in them: what is written over them stays readable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A region with room for its letter."""

    region: Region
    left: int  # the screen's pixels, half-open
    right: int
    first: int  # where it begins itself, which may be left of the view
    opens: bool  # whether its ends are on the screen
    closes: bool


def draw_lane(easel: Easel, row: Row, runs: Runs, part: Part) -> None:
    """Draws the regions of a part of a row."""
    look, boxes = easel.look, easel.stock.boxes
    easel.canvas.fill(part.left, easel.top(row), part.right, easel.bottom(row), look.colours.lane)
    runs = runs.between(part.left, part.right)
    if not len(runs.pieces):
        return
    easel.drawn.regions += len(runs.pieces)
    top = easel.top(row) + look.pixels(LANE_INSET)
    is_bar = runs.lengths < look.pixels(_WIDE)
    if is_bar.any():
        _draw_bars(easel, row, runs, np.flatnonzero(is_bar), top)
    for run in np.flatnonzero(~is_bar | (runs.widths >= look.pixels(_LETTER))).tolist():
        place = _Place(
            region=row.regions[int(runs.pieces[run])],
            left=int(runs.starts[run]),
            right=int(runs.ends[run]),
            first=int(runs.first[run]),
            opens=bool(runs.opens[run]),
            closes=bool(runs.closes[run]),
        )
        if is_bar[run]:
            _draw_letter(easel.painter, boxes, place, top)
        else:
            _draw_box(easel, place, top)
            _draw_words(easel, place, top)


def _draw_bars(easel: Easel, row: Row, runs: Runs, narrow: NDArray[np.int64], top: int) -> None:
    """All bars at once, each column of pixels copied from the bar that it shows."""
    look, boxes = easel.look, easel.stock.boxes
    kinds = np.array([boxes.bar(name) for name in row.extents.names], np.int64)
    bars = kinds[row.extents.kinds[runs.pieces[narrow]]]
    if look.selection:
        bars += np.array([row.regions[piece].id in look.selection for piece in runs.pieces[narrow].tolist()], np.int64)
    starts, ends = runs.starts[narrow], runs.ends[narrow]
    ends = ends - (runs.closes[narrow] & (ends - starts >= look.pixels(_PARTED)))
    turns = np.zeros(easel.canvas.size[0] + 1, np.int64)
    np.add.at(turns, starts, bars)
    np.subtract.at(turns, ends, bars)
    columns = np.cumsum(turns[:-1])
    part = slice(int(starts[0]), int(ends[-1]))
    easel.canvas.pixels[top : top + boxes.height, part] = boxes.bars.take(columns[part], axis=1)


def _draw_box(easel: Easel, place: _Place, top: int) -> None:
    """A box, open where the region goes on beyond the view; hatched while its line is missing."""
    boxes = easel.stock.boxes
    box = boxes.box(place.region.register, selected=place.region.id in easel.look.selection)
    lane = easel.canvas.pixels[top : top + boxes.height]
    left, right = place.left, place.right
    if place.opens and right - left > boxes.corner:
        lane[:, left : left + boxes.corner] = box.left
        left += boxes.corner
    if place.closes and right - left > boxes.corner:
        lane[:, right - boxes.corner : right] = box.right
        right -= boxes.corner
    lane[:, left:right] = box.middle
    if not place.region.line.strip():
        _hatch(easel, place, top)


def _hatch(easel: Easel, place: _Place, top: int) -> None:
    """Lines across a box that go with it as the view scrolls."""
    look, height, edge = easel.look, easel.stock.boxes.height, easel.look.pixels(2)
    rows = np.arange(edge, height - edge)[:, None]
    columns = np.arange(place.left + edge, place.right - edge)[None, :] - place.first
    lines = (columns + rows) % look.pixels(_HATCHED) < look.pixels(1)
    inside = easel.canvas.pixels[top + edge : top + height - edge, place.left + edge : place.right - edge]
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


def _draw_words(easel: Easel, place: _Place, top: int) -> None:
    """The register's letter, the line, and what the region needs, or a dot where there is no room for that."""
    look, boxes, words, region = easel.look, easel.stock.boxes, easel.stock.words, place.region
    gap = look.pixels(2)
    x = place.left + boxes.badge + 3 * gap
    if place.right - gap < x - 2 * gap:
        return
    easel.painter.drawImage(place.left + gap, top + gap, boxes.badges[region.register])
    room, half = place.right - 2 * gap - x, boxes.height // 2
    air = (half - words.height) // 2
    needs, first, second = look.states.get(region.id, ""), top + gap // 2 + air, top + half + air
    if room >= look.pixels(_READABLE) and needs:
        words.draw(easel.painter, x, first, room, region.line, look.colours.text)
    elif room >= look.pixels(_READABLE):
        words.draw_in_two(easel.painter, x, (first, second), room, region.line, look.colours.text)
    if needs and words.width(needs, look.colours.text) <= room:
        words.draw(easel.painter, x, second, room, needs, look.colours.text)
    elif needs:
        dot, left = look.pixels(_DOT), place.left + gap + (boxes.badge - look.pixels(_DOT)) // 2
        middle = top + half + (half - dot) // 2
        easel.canvas.fill(left, middle, min(left + dot, place.right), middle + dot, look.colours.text)
