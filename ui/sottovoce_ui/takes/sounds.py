"""What the looked-at takes sound like: measured one take after the other, in the background."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.progress import Job
from sottovoce_ui.background import Operation
from sottovoce_ui.desk import Desk, TakeFacts

if TYPE_CHECKING:  # a window is shown before anything is listened to
    from sottovoce_engine.judge.heard_frames import HeardFrames
    from sottovoce_engine.media.peaks import SoundPeaks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TakeSound:
    """A take as it is drawn."""

    peaks: "SoundPeaks | None" = None
    frames: "HeardFrames | None" = None
    problem: str = ""  # why there is nothing to draw


class TakeSounds(QObject):
    """A take that is asked for and not known is measured; the one looked at comes first.

    Signals:
        measured(str): The take of that key can be drawn.
    """

    measured = Signal(str)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._known: dict[str, TakeSound] = {}
        self._waiting: dict[str, TakeFacts] = {}
        self._operation: Operation | None = None
        self._first = ""

    def look_at(self, facts: TakeFacts) -> TakeSound | None:
        """As `of`, before all others that are waited for."""
        self._first = facts.take.key
        return self.of(facts)

    def of(self, facts: TakeFacts) -> TakeSound | None:
        """None while it is not measured yet."""
        key = facts.take.key
        if key not in self._known and key not in self._waiting:
            self._waiting[key] = facts
            self._next()
        return self._known.get(key)

    def stop(self) -> None:
        """Ends measuring; what is known stays."""
        self._waiting.clear()
        if self._operation is not None:
            self._operation.job.cancel()
            self._operation.wait()

    def _next(self) -> None:
        if self._operation is not None or not self._waiting:
            return
        facts = self._waiting.get(self._first) or next(iter(self._waiting.values()))

        def measure(job: Job) -> TakeSound:
            return TakeSound(peaks=self._desk.peaks(facts.path, job), frames=self._desk.frames(facts, job))

        operation = Operation(measure, self)
        operation.succeeded.connect(lambda sound: self._keep(facts, sound))
        operation.failed.connect(lambda reason: self._keep(facts, TakeSound(problem=reason)))
        operation.cancelled.connect(lambda: self._give_up(facts, operation))
        operation.finished.connect(self._end)
        self._operation = operation
        operation.start(Operation.Priority.LowPriority)

    def _keep(self, facts: TakeFacts, sound: TakeSound) -> None:
        self._known[facts.take.key] = sound
        self._waiting.pop(facts.take.key, None)
        self.measured.emit(facts.take.key)

    def _give_up(self, facts: TakeFacts, operation: Operation) -> None:
        """Who listens has ended, as the timeline was closed: the take is asked for again if it is shown again."""
        if not operation.job.cancelled:
            self._waiting.pop(facts.take.key, None)

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = None
        self._next()
