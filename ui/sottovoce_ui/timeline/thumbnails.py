"""The first pictures of the timeline's clips: made one after the other, in the background, those asked for last first."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from sottovoce_engine.progress import Job
from sottovoce_ui.background import Operation

Make = Callable[[Path, Fraction, Job], NDArray[np.uint8]]

_MOST = 400  # pictures that are kept
_WAITING = 100  # that are asked for: of a longer list, what was asked for first is on the screen no more


class Thumbnails(QObject):
    """Fits `look.Pictures`; a picture that is asked for and not there is made.

    Signals:
        made(): Another picture can be drawn.
    """

    made = Signal()

    def __init__(self, make: Make, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._known: dict[tuple[str, Fraction], QImage | None] = {}  # None: there is none
        self._scaled: dict[tuple[str, Fraction, int], QImage] = {}
        self._waiting: list[tuple[str, Fraction]] = []
        self._making: tuple[str, Fraction] | None = None
        self._operation: Operation | None = None
        self._count = 0

    @property
    def made_pictures(self) -> int:
        return self._count

    def at(self, path: str, start: Fraction, height: int) -> QImage | None:
        key = (path, start)
        if key not in self._known:
            self._ask(key)
            return None
        scaled = self._scaled.get((*key, height))
        picture = self._known[key]
        if scaled is None and picture is not None:
            scaled = picture.scaledToHeight(height, Qt.TransformationMode.SmoothTransformation)
            self._scaled[(*key, height)] = scaled
        return scaled

    def stop(self) -> None:
        """Makes no more; what is known stays."""
        self._waiting.clear()
        if self._operation is not None:
            self._operation.job.cancel()
            self._operation.wait()

    def _ask(self, key: tuple[str, Fraction]) -> None:
        if key == self._making:
            return
        if key in self._waiting:
            self._waiting.remove(key)
        self._waiting.append(key)
        del self._waiting[:-_WAITING]
        self._next()

    def _next(self) -> None:
        if self._operation is not None or not self._waiting:
            return
        path, start = self._making = self._waiting.pop()
        operation = Operation(lambda job: self._make(Path(path), start, job), self)
        operation.succeeded.connect(lambda pixels: self._keep((path, start), _image(pixels)))
        operation.failed.connect(lambda _: self._keep((path, start), None))
        operation.finished.connect(self._end)
        self._operation = operation
        operation.start(Operation.Priority.LowPriority)

    def _keep(self, key: tuple[str, Fraction], picture: QImage | None) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
            self._scaled.clear()
        self._known[key] = picture
        self._count += 1
        self.made.emit()

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation, self._making = None, None
        self._next()


def _image(pixels: NDArray[np.uint8]) -> QImage:
    """An image of `[height, width, 3]` RGB, with memory of its own."""
    height, width, _ = pixels.shape
    packed = np.ascontiguousarray(pixels)
    return QImage(packed.data, width, height, 3 * width, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )
