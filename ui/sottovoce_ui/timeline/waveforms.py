"""Waveforms of the timeline's sounds: measured one file after the other, in the background."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from sottovoce_engine.progress import Job
from sottovoce_ui.background import Operation

if TYPE_CHECKING:  # measured after the window is shown
    from sottovoce_engine.media.peaks import SoundPeaks

Measure = Callable[[Path, Job], "SoundPeaks"]


class Waveforms(QObject):
    """Fits `look.Peaks`; a file that is asked for and not known is measured.

    Signals:
        measured(): Another file can be drawn.
    """

    measured = Signal()

    def __init__(self, measure: Measure, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._measure = measure
        self._known: dict[str, SoundPeaks | None] = {}  # None: it has no sound, or cannot be read
        self._waiting: list[str] = []
        self._operation: Operation | None = None

    @property
    def measured_files(self) -> int:
        return len(self._known)

    def at(self, path: str, starts: NDArray[np.float64], seconds: float) -> NDArray[np.float32] | None:
        if path not in self._known and path not in self._waiting:
            self._waiting.append(path)
            self._next()
        peaks = self._known.get(path)
        return None if peaks is None else peaks.at(starts, seconds)

    def stop(self) -> None:
        """Ends measuring; what is known stays."""
        self._waiting.clear()
        if self._operation is not None:
            self._operation.job.cancel()
            self._operation.wait()

    def _next(self) -> None:
        if self._operation is not None or not self._waiting:
            return
        path = self._waiting[0]
        operation = Operation(lambda job: self._measure(Path(path), job), self)
        operation.succeeded.connect(lambda peaks: self._keep(path, peaks))
        operation.failed.connect(lambda _: self._keep(path, None))
        operation.finished.connect(self._end)
        self._operation = operation
        operation.start(Operation.Priority.LowPriority)

    def _keep(self, path: str, peaks: "SoundPeaks | None") -> None:
        self._known[path] = peaks
        self.measured.emit()

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = None
        if self._waiting:
            self._waiting.pop(0)
        self._next()
