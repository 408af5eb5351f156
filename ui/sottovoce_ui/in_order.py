"""Work in the background that keeps its order: one thread, one piece after the other, none left out.

window   do ──► do ──► do                    then ◄─ then
            └────┬────┘                        ▲
thread           └──► work ──► work ──► work ──┘
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.progress import Job
from sottovoce_ui.background import told_of

_LOOK_S = 0.05  # between two looks whether waiting was cancelled


class Turn:
    """A piece of work, and what came of it once its turn was."""

    def __init__(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        self._work = work
        self._then = then
        self._ended = threading.Event()
        self._result: Any = None
        self.error: Exception | None = None  # why it failed

    @property
    def has_ended(self) -> bool:
        return self._ended.is_set()

    def wait(self, job: Job) -> None:
        """Waits for its end, outside the window's thread.

        Raises:
            JobCancelled: Waiting was cancelled. The work itself goes on.
            SottovoceError: It failed.
        """
        while not self._ended.wait(_LOOK_S):
            job.check()
        if self.error is not None:
            raise self.error

    def ends_within(self, seconds: float) -> bool:
        """Waits a moment; whether it ended."""
        return self._ended.wait(seconds)

    def take(self, tell: Callable[["Turn"], None]) -> None:
        """Works, in the thread, and tells the window before those who wait."""
        try:
            self._result = self._work()
        except Exception as error:  # which the window tells
            self.error = error
        tell(self)
        self._ended.set()

    def show(self) -> None:
        """What follows in the window's thread, where it went well."""
        if self.error is None:
            self._then(self._result)


class InOrder(QObject):
    """The thread and its work.

    Signals:
        failed(str): Why a piece came to nothing; those after it are done all the same.
    """

    failed = Signal(str)
    _told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turns: SimpleQueue[Turn | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._last: Turn | None = None
        self._open = 0  # pieces whose end the window has not seen
        self._told.connect(self._show)

    @property
    def is_idle(self) -> bool:
        """Whether all that was asked for is done, and what follows from it."""
        return self._open == 0

    def begin(self) -> None:
        """Starts the thread, if there is none: that may take a while beside other threads, and is no part of a change."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def do(
        self, work: Callable[[], Any], then: Callable[[Any], object] = lambda _: None, *, within: float = 0.0
    ) -> Turn:
        """Does `work` when its turn comes, and `then` here with what came of it.

        Args:
            work: Runs in the thread.
            then: Runs in the window's thread.
            within: Seconds to wait for it here, where nothing else is before it.
        """
        self.begin()
        before, turn = self._last, Turn(work, then)
        self._last = turn
        self._open += 1
        self._turns.put(turn)
        if within and (before is None or before.has_ended):
            turn.ends_within(within)
        return turn

    def stop(self) -> None:
        """Ends the thread once all that was asked for is done, and waits for that."""
        if self._thread is not None:
            self._turns.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (turn := self._turns.get()) is not None:
            turn.take(self._told.emit)

    def _show(self, turn: Turn) -> None:
        self._open -= 1
        if turn.error is not None:
            self.failed.emit(told_of(turn.error))
        turn.show()
