"""What the window's thread was at: the events it was handed, and its stack every millisecond, with garbage looked for."""

import gc
import itertools
import sys
import threading
import time
from collections import Counter
from types import FrameType

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

_SAMPLED_S = 0.001
_SHOWN = 3  # of each kind


class Names(QObject):
    """Watches from now on. An event's time is that up to the next one, which may lie inside it."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._events: list[tuple[float, str]] = []
        self._stacks: list[tuple[float, str]] = []
        self._looks: list[tuple[float, str]] = []
        application.installEventFilter(self)
        gc.callbacks.append(self._note_look)
        threading.Thread(target=self._sample, args=(threading.get_ident(),), daemon=True).start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        kind = getattr(event.type(), "name", event.type())
        self._events.append((time.perf_counter(), f"{type(watched).__name__} {watched.objectName()} {kind}"))
        return False

    def between(self, start: float, end: float) -> str:
        """The longest events and the slots most often found at work in that time."""
        events = [each for each in self._events if start <= each[0] <= end]
        lasting = sorted(
            ((1000 * (after[0] - before[0]), before[1]) for before, after in itertools.pairwise(events)), reverse=True
        )
        slots = Counter(stack for at, stack in self._stacks if start <= at <= end and stack)
        told = [f"{lasted:.0f} ms {event}" for lasted, event in lasting[:_SHOWN]]
        told += [f"{count} × {slot}" for slot, count in slots.most_common(_SHOWN)]
        told += [look for at, look in self._looks if start <= at <= end]
        return "\n      ".join(told)

    def forget(self) -> None:
        """What comes now is another story."""
        for notes in (self._events, self._stacks, self._looks):
            notes.clear()

    def _note_look(self, phase: str, info: dict[str, int]) -> None:
        self._looks.append((time.perf_counter(), f"garbage {info['generation']}: {phase}"))

    def _sample(self, thread: int) -> None:
        while True:
            time.sleep(_SAMPLED_S)
            frame = sys._current_frames().get(thread)
            if frame is not None:
                self._stacks.append((time.perf_counter(), _told(frame)))


def _told(frame: FrameType | None) -> str:
    """The slot and what it is at, of the panel's own code: from the event loop inwards."""
    calls: list[str] = []
    while frame is not None and "panel_waits" not in frame.f_code.co_filename:
        calls.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        frame = frame.f_back
    return " > ".join(reversed(calls[:_SHOWN] if len(calls) <= _SHOWN else [*calls[:_SHOWN], calls[-1]]))
