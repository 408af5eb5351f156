"""The takes in the store, read in the background each time there are others."""

from PySide6.QtCore import QObject, Signal

from sottovoce_ui.background import Operation
from sottovoce_ui.desk import Desk
from sottovoce_ui.takes.pile import Pile, Takes


class TakesReader(QObject):
    """Fills the pile. What is asked for while it reads is one more reading after it.

    Signals:
        failed(str): Why they could not be read.
    """

    failed = Signal(str)

    def __init__(self, desk: Desk, pile: Pile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._pile = pile
        self._operation: Operation | None = None
        self._again = False

    @property
    def is_reading(self) -> bool:
        return self._operation is not None

    def read(self) -> None:
        """Reads them, and shows them once they are there."""
        if self._operation is not None:
            self._again = True
            return
        operation = Operation(self._desk.takes, self)
        operation.succeeded.connect(self._show)
        operation.failed.connect(self.failed)
        operation.finished.connect(self._end)
        self._operation = operation
        operation.start()

    def stop(self) -> None:
        """Waits for the reading under way; what it finds is not shown."""
        self._again = False
        if self._operation is not None:
            self._operation.job.cancel()
            self._operation.wait()

    def _show(self, takes: Takes) -> None:
        if self._operation is not None and not self._operation.job.cancelled:
            self._pile.show_takes(takes)

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = None
        if self._again:
            self._again = False
            self.read()
