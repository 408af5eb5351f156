"""Reporting on long work, and stopping it.

Whoever starts long work makes one `Job`, hands it down, and may cancel it from another thread. The
work calls `step` often; that call reports, and raises `JobCancelled` once cancelling was asked for.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


class JobCancelled(Exception):
    """The person asked for this work to stop. Not an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one stage has come."""

    stage: str
    done: int
    total: int
    seconds_left: float | None  # None until there is something to estimate from
    about: str = ""  # key of the take being made, where the work knows it


class Job:
    """One piece of long work: its progress and its cancel token."""

    def __init__(self, report: Callable[[Progress], None] | None = None) -> None:
        self._report = report
        self._cancelled = threading.Event()
        self._stage = ""
        self._started = 0.0
        self._first_done = self._last_done = 0

    def cancel(self) -> None:
        """Asks the work to stop at its next step. Safe from any thread and from a signal handler."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raises `JobCancelled` if cancelling was asked for; reports nothing."""
        if self._cancelled.is_set():
            raise JobCancelled

    def step(self, stage: str, done: int, total: int, *, about: str = "") -> None:
        """Reports that `done` of `total` units of `stage` are finished, and which take is in hand.

        Raises:
            JobCancelled: Cancelling was asked for.
        """
        self.check()
        now = time.monotonic()
        if stage != self._stage or done < self._last_done:  # another stage, or the same one from its start
            self._stage, self._started, self._first_done = stage, now, done
        self._last_done = done
        if self._report is not None:
            left = self._left(now, done, total)
            self._report(Progress(stage=stage, done=done, total=total, seconds_left=left, about=about))

    def _left(self, now: float, done: int, total: int) -> float | None:
        finished = done - self._first_done
        if finished <= 0:
            return None
        return (now - self._started) / finished * max(total - done, 0)
