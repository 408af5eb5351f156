"""Long work outside the window's thread: op, success, failure, progress.

Only frozen values cross, by queued signals.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.progress import Job, JobCancelled, Progress


class Operation(QThread):
    """One piece of work.

    Signals:
        succeeded(object): What the work returned.
        failed(str): A message for the person.
        cancelled(): The work stopped because it was asked to.
        progressed(Progress): How far it has come.
    """

    succeeded = Signal(object)
    failed = Signal(str)
    cancelled = Signal()
    progressed = Signal(object)

    def __init__(self, work: Callable[[Job], Any], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self.job = Job(self._report)

    def run(self) -> None:
        """Runs in the new thread; Qt calls it."""
        try:
            result = self._work(self.job)
        except JobCancelled:
            self.cancelled.emit()
        except SottovoceError as error:
            self.failed.emit(str(error))
        except Exception as error:
            self.failed.emit(f"A fault of Sottovoce itself: {type(error).__name__}: {error}. The log has the details.")
            raise
        else:
            self.succeeded.emit(result)

    def _report(self, progress: Progress) -> None:
        self.progressed.emit(progress)
