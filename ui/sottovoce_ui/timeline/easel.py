"""What is drawn with and on: handed from row to row."""

from dataclasses import dataclass

from PySide6.QtGui import QPainter

from sottovoce_ui.timeline.canvas import Canvas
from sottovoce_ui.timeline.look import Drawn, Look
from sottovoce_ui.timeline.rows import Row
from sottovoce_ui.timeline.stock import Stock


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Easel:
    """For one picture of the rows."""

    canvas: Canvas
    painter: QPainter  # of the canvas
    look: Look
    stock: Stock
    drawn: Drawn

    def top(self, row: Row) -> int:
        """The first line of a row, in the screen's own pixels."""
        return round(row.top * self.look.ratio)

    def bottom(self, row: Row) -> int:
        """The line after its last one."""
        return round(row.bottom * self.look.ratio)
