"""Long work outside the window's thread: op, success, failure, progress.

Only frozen values cross, by queued signals.
"""

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QThread, QTimer, Signal

from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.progress import Job, JobCancelled, Progress

_LOOK_MS = 10  # between two looks whether what is waited for is so

_LOG = logging.getLogger(__name__)


def told_of(error: Exception) -> str:
    """What the person is told of an error; a bug is written into the log."""
    if isinstance(error, SottovoceError):
        return str(error)
    _LOG.error("work in the background failed", exc_info=error)
    told = QCoreApplication.translate("Work", "A fault of Sottovoce itself: {kind}: {error}. The log has the details.")
    return told.format(kind=type(error).__name__, error=error)


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
            self.failed.emit(told_of(error))
        except Exception as error:
            self.failed.emit(told_of(error))
            raise
        else:
            self.succeeded.emit(result)

    def _report(self, progress: Progress) -> None:
        self.progressed.emit(progress)


def wait_until(reached: Callable[[], bool], tell: Callable[[], None]) -> None:
    """Waits with a window that is painted and takes no keys; `tell` says what for, where it is not so already."""
    if reached():
        return
    tell()
    loop, timer = QEventLoop(), QTimer()
    timer.setInterval(_LOOK_MS)
    timer.timeout.connect(lambda: loop.quit() if reached() else None)
    timer.start()
    loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
