"""Regions' boxes, painted once for each register and put together from their ends and their middle.

a box            (======)        with its register's letter, and room for words
a narrow one     ▂ ▅ █           too narrow for that: a bar, the taller the louder its register is
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPen

from sottovoce_engine.registers import RegisterTable
from sottovoce_ui.timeline.canvas import Canvas
from sottovoce_ui.timeline.colours import Colours, RegionColours

_CORNER = 4.0  # pixels of a box's end that differ from its middle
_RADIUS = 3.0
_BADGE = 14.0  # pixels: the square with the register's letter
_LOWEST = 0.4  # of the height: the bar of the quietest register


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Box:
    """How regions of a register look, selected or not; in the screen's pixels, 0xffRRGGBB."""

    left: NDArray[np.uint32]  # [height, corner]
    middle: NDArray[np.uint32]  # [height, 1]
    right: NDArray[np.uint32]  # [height, corner]
    bar: NDArray[np.uint32]  # [height, 1]: of a narrow one


class Boxes:
    """The boxes and letters of all registers, for lanes of one height on screens of one ratio."""

    def __init__(
        self,
        registers: RegisterTable,
        region_colours: Mapping[str, RegionColours],
        colours: Colours,
        *,
        height: int,
        font: QFont,
        ratio: float,
    ) -> None:
        """Paints them.

        Args:
            registers: From the quietest to the loudest.
            region_colours: By register.
            colours: Of everything else.
            height: Of a box, in the screen's pixels.
            font: Of the letters.
            ratio: The screen's pixels to one of ours.
        """
        self.height = height
        self.corner = math.ceil(_CORNER * ratio)
        self.badge = round(_BADGE * ratio)  # its side
        self._ratio = ratio
        bold = QFont(font)
        bold.setBold(True)
        bold.setPixelSize(round(_BADGE * 0.8))
        self.badges: dict[str, QImage] = {}  # by register
        self._boxes: dict[tuple[str, bool], Box] = {}
        self._bars: dict[str, int] = {}  # the number of a register's bar
        ground = np.full((height, 1), colours.lane.rgb(), np.uint32)
        bars = [ground]
        for number, register in enumerate(registers.registers):
            of_it, bar = region_colours[register.name], round(height * bar_share(registers, register.name))
            both = [self._box(of_it, colours, bar, selected=selected) for selected in (False, True)]
            self._boxes[register.name, False], self._boxes[register.name, True] = both
            self._bars[register.name] = 1 + 2 * number
            bars += [box.bar for box in both]
            self.badges[register.name] = self._badge(register.letter, of_it, bold)
        self.bars: NDArray[np.uint32] = np.concatenate(bars, axis=1)  # [height, 1 + 2 * registers]; 0 is the ground

    def box(self, register: str, *, selected: bool) -> Box:
        """The box of a register."""
        return self._boxes[register, selected]

    def bar(self, register: str) -> int:
        """Which of `bars` is a register's; the next one is that of a selected region."""
        return self._bars[register]

    def _box(self, of_it: RegionColours, colours: Colours, bar: int, *, selected: bool) -> Box:
        corner, height = self.corner, self.height
        width = 2 * corner + 1
        canvas = Canvas(width, height)
        canvas.image.fill(colours.lane)
        stroke = max(1, round((2 if selected else 1) * self._ratio))
        painter = QPainter(canvas.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.selected if selected else of_it.edge, stroke))
        painter.setBrush(of_it.selected if selected else of_it.ground)
        half, radius = stroke / 2, _RADIUS * self._ratio
        painter.drawRoundedRect(QRectF(half, half, width - stroke, height - stroke), radius, radius)
        painter.end()
        pixels = canvas.pixels.copy()
        narrow = np.full((height, 1), (of_it.selected if selected else of_it.ground).rgb(), np.uint32)
        narrow[height - bar :] = of_it.colour.rgb()
        if selected:
            narrow[:stroke] = narrow[-stroke:] = colours.selected.rgb()
        return Box(
            left=pixels[:, :corner], middle=pixels[:, corner : corner + 1], right=pixels[:, corner + 1 :], bar=narrow
        )

    def _badge(self, letter: str, of_it: RegionColours, font: QFont) -> QImage:
        image = QImage(self.badge, self.badge, QImage.Format.Format_RGB32)
        image.fill(of_it.colour)
        image.setDevicePixelRatio(self._ratio)
        painter = QPainter(image)
        painter.setFont(font)
        painter.setPen(of_it.letter)
        side = self.badge / self._ratio
        painter.drawText(QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, letter)
        painter.end()
        image.setDevicePixelRatio(1)  # it is copied pixel by pixel
        return image


def bar_share(registers: RegisterTable, name: str) -> float:
    """How much of the height a register's bar takes where there is no room for its letter: all of it the loudest."""
    names = registers.names
    return _LOWEST + (1 - _LOWEST) * names.index(name) / max(1, len(names) - 1)
