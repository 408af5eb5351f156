"""One piece of work in the background at a time, other than rendering: reading, splicing, exporting."""

from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.progress import Job
from sottovoce_ui.background import Operation


class Work(QObject):
    """What is under way; what is asked for meanwhile comes after it.

    Signals:
        busy(bool): It began, or all of it ended.
        progressed(Progress): How far it is.
        said(str): Why it failed, or that it was stopped.
    """

    busy = Signal(bool)
    progressed = Signal(object)
    said = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._operation: Operation | None = None
        self._waiting: deque[Operation] = deque()
        self._stopped = False

    @property
    def is_under_way(self) -> bool:
        return self._operation is not None

    def start(self, work: Callable[[Job], Any], then: Callable[[Any], None]) -> None:
        """Does `work` in the background, and `then` here with what came of it; once stopped, nothing."""
        if self._stopped:
            return
        operation = Operation(work, self)
        operation.progressed.connect(self.progressed)
        operation.succeeded.connect(lambda result: None if self._stopped else then(result))
        operation.failed.connect(self.said)
        operation.cancelled.connect(lambda: self.said.emit(self.tr("Stopped.")))
        operation.finished.connect(self._end)
        if self._operation is not None:
            self._waiting.append(operation)
            return
        self._operation = operation
        self.busy.emit(True)
        operation.start()

    def cancel(self) -> None:
        """Stops it; what waits for it does not begin."""
        while self._waiting:
            self._waiting.pop().deleteLater()
        if self._operation is not None:
            self._operation.job.cancel()

    def stop(self) -> None:
        """Stops it for good: nothing is done with what still comes of it, also where that is on its way already."""
        self._stopped = True
        self.cancel()

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = self._waiting.popleft() if self._waiting else None
        if self._operation is not None:
            self._operation.start()
        else:
            self.busy.emit(False)
