"""Words on the timeline: each text is laid out and painted once, and copied from then on.

Where there is no room for all of it, it is cut where nothing lies between two letters, which holds for every script, and
an ellipsis follows; a text that reads from the right keeps its right side.
"""

import math
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from sottovoce_ui.timeline.canvas import pixels_of

_ELLIPSIS = "…"
_MOST = 12_000_000  # pixels of all texts that are kept: 48 MB
_LONGEST = 400  # characters: no screen shows more in one line


@dataclass(slots=True)
class _Text:
    """A painted text."""

    image: QImage
    width: int  # of the image, in its own pixels
    from_right: bool
    words: list[tuple[int, int]]  # columns at which one ends, and the next begins
    cuts: list[int] | None = None  # columns at which it may end; found when it does not fit for the first time

    def kept(self, room: int) -> int:
        """How many columns of it are shown in a room that is too narrow."""
        if self.cuts is None:
            ink: NDArray[np.bool_] = np.any(pixels_of(self.image) != 0, axis=0)
            ink = ink[::-1] if self.from_right else ink
            self.cuts = (np.flatnonzero(ink[:-1] & ~ink[1:]) + 1).tolist()
        index = bisect_right(self.cuts, room)
        return self.cuts[index - 1] if index else 0


class Words:
    """Texts in one font, for screens of one ratio."""

    def __init__(self, font: QFont, ratio: float) -> None:
        self._font = font
        self._ratio = ratio
        self._metrics = QFontMetricsF(font)
        self._kept: dict[tuple[str, int], _Text] = {}
        self._pixels = 0  # of what is kept
        self.height = math.ceil(self._metrics.height() * ratio)  # of every text, in the screen's pixels

    def draw(self, painter: QPainter, x: int, y: int, room: int, text: str, colour: QColor) -> None:
        """Draws as much of a text as `room` pixels hold, its top left corner at a place; all in the screen's pixels."""
        whole = self._text(text, colour)
        if whole.width <= room:
            painter.drawImage(x, y, whole.image)
            return
        dots = self._text(_ELLIPSIS, colour)
        kept = whole.kept(room - dots.width)
        if not kept:
            return  # dots alone say nothing
        if whole.from_right:
            painter.drawImage(x, y, dots.image)
            painter.drawImage(x + dots.width, y, whole.image, whole.width - kept, 0, kept, self.height)
        else:
            painter.drawImage(x, y, whole.image, 0, 0, kept, self.height)
            painter.drawImage(x + kept, y, dots.image)

    def draw_in_two(
        self, painter: QPainter, x: int, tops: tuple[int, int], room: int, text: str, colour: QColor
    ) -> None:
        """Draws a text in two lines where one does not hold it; `tops` are theirs."""
        whole = self._text(text, colour)
        fitting = bisect_right(whole.words, room, key=lambda word: word[0])
        if whole.width <= room or whole.from_right or not fitting:
            self.draw(painter, x, tops[0], room, text, colour)
            return
        end, begin = whole.words[fitting - 1]
        painter.drawImage(x, tops[0], whole.image, 0, 0, end, self.height)
        if whole.width - begin <= room:
            painter.drawImage(x, tops[1], whole.image, begin, 0, whole.width - begin, self.height)
            return
        dots = self._text(_ELLIPSIS, colour)
        if dots.width > room:
            return
        kept = max(0, whole.kept(begin + room - dots.width) - begin)
        if kept:  # to Qt, a width of 0 is all of it
            painter.drawImage(x, tops[1], whole.image, begin, 0, kept, self.height)
        painter.drawImage(x + kept, tops[1], dots.image)

    def width(self, text: str, colour: QColor) -> int:
        """Of all of a text."""
        return self._text(text, colour).width

    def _text(self, text: str, colour: QColor) -> _Text:
        key = (text, colour.rgba())
        found = self._kept.get(key)
        if found is None:
            found = self._painted(text, colour)
            if self._pixels > _MOST:
                self._kept.clear()
                self._pixels = 0
            self._kept[key] = found
            self._pixels += found.width * self.height
        return found

    def _painted(self, text: str, colour: QColor) -> _Text:
        line = " ".join(text.split())
        line = line if len(line) <= _LONGEST else line[:_LONGEST] + _ELLIPSIS
        width = max(1, math.ceil((self._metrics.horizontalAdvance(line) + 1) * self._ratio))
        image = QImage(width, self.height, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        image.setDevicePixelRatio(self._ratio)
        painter = QPainter(image)
        painter.setFont(self._font)
        painter.setPen(colour)
        painter.drawText(QPointF(0, self._metrics.ascent()), line)
        painter.end()
        image.setDevicePixelRatio(1)  # it is copied pixel by pixel
        return _Text(image=image, width=width, from_right=_from_right(line), words=self._words_of(line))

    def _words_of(self, line: str) -> list[tuple[int, int]]:
        """The columns at which each word but the last ends, and the next begins."""
        blanks = [place for place, letter in enumerate(line) if letter == " "]
        advance = self._metrics.horizontalAdvance
        return [
            (math.ceil(advance(line[:blank]) * self._ratio), int(advance(line[: blank + 1]) * self._ratio))
            for blank in blanks
        ]


def _from_right(text: str) -> bool:
    """Whether its first letter with a direction is of a script that reads from the right.

    Source: Unicode Bidirectional Algorithm, rules P2 and P3.
    """
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((each != "L" for each in directions if each in ("L", "R", "AL")), False)
