"""The picture of the rows, kept for as long as nothing in it changes: what moves over it is drawn on top of it."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QImage, QPainter

from sottovoce_ui.timeline.canvas import Canvas
from sottovoce_ui.timeline.clips import draw_pictures, draw_sounds
from sottovoce_ui.timeline.lanes import draw_lane
from sottovoce_ui.timeline.look import Drawn, Look
from sottovoce_ui.timeline.rows import Row, RowKind
from sottovoce_ui.timeline.ruler import draw_ruler
from sottovoce_ui.timeline.stock import Stock, stock_for

_Drawing = Callable[[Canvas, QPainter, Look, Stock, Row, Drawn], None]
_DRAWING: Mapping[RowKind, _Drawing] = {
    RowKind.RULER: draw_ruler,
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
        width, height = look.columns.width, round(look.rows[-1].bottom * look.ratio)
        if self._stock is None or not self._stock.fits(look):
            self._stock = stock_for(look)
            self._canvas = Canvas(1, 1)
        if self._canvas.size != (width, height):
            self._canvas = Canvas(width, height)
            self._canvas.image.fill(look.colours.ground)  # stays between the rows
        self._look, self.drawn = look, Drawn()
        self.made += 1
        painter = QPainter(self._canvas.image)
        painter.setFont(look.font)
        for row in look.rows:
            _DRAWING[row.kind](self._canvas, painter, look, self._stock, row, self.drawn)
        painter.end()
