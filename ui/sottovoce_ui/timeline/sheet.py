"""The picture of the rows, kept for as long as nothing in it changes: what moves over it is drawn on top of it.

Where the view was scrolled by whole pixels of the screen, what is still on it is copied.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtGui import QColor, QImage, QPainter

from sottovoce_ui.timeline.canvas import Canvas
from sottovoce_ui.timeline.clips import draw_pictures, draw_sounds
from sottovoce_ui.timeline.columns import SAME, Runs, runs_in
from sottovoce_ui.timeline.easel import Easel
from sottovoce_ui.timeline.lanes import draw_lane
from sottovoce_ui.timeline.look import Drawn, Look
from sottovoce_ui.timeline.parts import Part, parts_after, whole_part
from sottovoce_ui.timeline.rows import Row, RowKind
from sottovoce_ui.timeline.ruler import draw_ruler
from sottovoce_ui.timeline.stock import Stock, stock_for

_MOST_NEW = 0.75  # of the width: where more of it is new, all is drawn anew

_DRAWING: Mapping[RowKind, Callable[[Easel, Row, Runs, Part], None]] = {
    RowKind.PICTURES: draw_pictures,
    RowKind.SOUND: draw_sounds,
    RowKind.LANE: draw_lane,
}


class Sheet:
    """Keeps the last picture and what it was made of."""

    def __init__(self) -> None:
        self._look: Look | None = None
        self._canvas = Canvas(1, 1)
        self._stock: Stock | None = None
        self.drawn = Drawn()  # what the last picture took
        self.made = 0  # how many pictures there were

    def shown(self, look: Look) -> QImage:
        """The picture of the rows, in the screen's own pixels; it is the same one until the look differs."""
        if look != self._look:
            self._make(look)
        return self._canvas.image

    def _make(self, look: Look) -> None:
        by = self._scrolled_by(look)
        stock, canvas = self._prepared(look)
        self._look, self.drawn = look, Drawn()
        self.made += 1
        ruler, *rows = look.rows
        if by:
            _scroll(canvas, by, look.colours.ground)
        with QPainter(canvas.image) as painter:
            easel = Easel(canvas=canvas, painter=painter, look=look, stock=stock, drawn=self.drawn)
            draw_ruler(easel, ruler, by)
            found = runs_in([row.extents for row in rows], look.columns)
            for row, runs in zip(rows, found, strict=True):
                parts = parts_after(runs, look.columns.width, by) if by else (whole_part(look.columns.width),)
                for part in parts:
                    _DRAWING[row.kind](easel, row, runs, part)

    def _scrolled_by(self, look: Look) -> int:
        """How many pixels of the screen the last picture went to the left; 0 where all is drawn anew."""
        last = self._look
        if last is None or replace(last, scale=look.scale, columns=look.columns) != look:
            return 0
        before, now = last.columns, look.columns
        if (before.frames_per_pixel, before.width) != (now.frames_per_pixel, now.width):
            return 0
        by = (now.first - before.first) / now.frames_per_pixel
        whole = abs(by - round(by)) < SAME and abs(by) < _MOST_NEW * now.width
        return round(by) if whole else 0

    def _prepared(self, look: Look) -> tuple[Stock, Canvas]:
        """What is drawn with, and on; between the rows lies the ground."""
        width, height = look.columns.width, round(look.rows[-1].bottom * look.ratio)
        stock, canvas = self._stock, self._canvas
        if stock is None or not stock.fits(look):
            stock = self._stock = stock_for(look)
        elif self._look is not None and canvas.size == (width, height) and _lie_alike(self._look.rows, look.rows):
            return stock, canvas
        canvas = self._canvas = Canvas(width, height)
        canvas.image.fill(look.colours.ground)
        return stock, canvas


def _scroll(canvas: Canvas, by: int, ground: QColor) -> None:
    """Moves a picture to the left, or, below 0, to the right; where it came from lies the ground.

    All lines are moved as one: what runs over from one into the next lies where the ground comes.
    """
    width, height = canvas.size
    pixels = canvas.pixels.reshape(-1)
    if by > 0:
        pixels[:-by] = pixels[by:]
        canvas.fill(width - by, 0, width, height, ground)
    else:
        pixels[-by:] = pixels[:by]
        canvas.fill(0, 0, -by, height, ground)


def _lie_alike(some: tuple[Row, ...], others: tuple[Row, ...]) -> bool:
    """Whether rows cover the same lines of the picture."""
    return [(row.top, row.height) for row in some] == [(row.top, row.height) for row in others]
