"""The joins as they would be spliced now: worked out in the background, a moment after the last change."""

from PySide6.QtCore import QObject, QTimer, Signal

from sottovoce_engine.editing.draft import Draft
from sottovoce_ui.background import Operation
from sottovoce_ui.desk import Desk, SceneJoins
from sottovoce_ui.editor import Editor
from sottovoce_ui.takes.pile import Pile

_AFTER_MS = 200  # of quiet

NO_JOINS = SceneJoins(joins=())


class JoinsReader(QObject):
    """Reads while someone looks.

    Signals:
        changed(): `found` or `problem` is otherwise, or out of date.
    """

    changed = Signal()

    def __init__(self, desk: Desk, editor: Editor, pile: Pile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._editor = editor
        self._operation: Operation | None = None
        self._read: Draft | None = None  # what `found` was worked out of
        self._open = self._looked_at = False
        self._outdated = True
        self.found = NO_JOINS
        self.problem = ""  # why there are none
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._begin)
        editor.draft_changed.connect(lambda *_: self.read())
        pile.changed.connect(self.read)

    @property
    def is_current(self) -> bool:
        """Whether `found` is of the draft as it is."""
        return not self._outdated and self._operation is None and self._read is self._editor.draft

    @property
    def is_reading(self) -> bool:
        return self._operation is not None or self._timer.isActive()

    def begin(self) -> None:
        """A timeline is open. What its last splice left behind is asked for, too, whoever looks."""
        self._open = self._outdated = True
        self._timer.start()
        self.changed.emit()

    def pause(self) -> None:
        """None is any more."""
        self._open, self.found, self.problem, self._read = False, NO_JOINS, "", None
        self._timer.stop()
        if self._operation is not None:
            self._operation.job.cancel()
        self.changed.emit()

    def stop(self) -> None:
        """Ends reading."""
        self.pause()
        if self._operation is not None:
            self._operation.wait()

    def look(self, looked_at: bool) -> None:
        """Whether anyone looks: nothing is worked out for nobody."""
        self._looked_at = looked_at
        if looked_at and self._outdated:
            self.read()

    def read(self) -> None:
        """Works them out anew, once it is quiet."""
        self._outdated = True
        if self._open and self._looked_at:
            self._timer.start()
            self.changed.emit()

    def _begin(self) -> None:
        if self._operation is not None or not self._open:
            return
        draft, self._outdated = self._editor.draft, False
        operation = Operation(lambda job: self._desk.joins(draft, job), self)
        operation.succeeded.connect(lambda found: self._show(found, "", draft))
        operation.failed.connect(lambda reason: self._show(NO_JOINS, reason, draft))
        operation.finished.connect(self._end)
        self._operation = operation
        operation.start()

    def _show(self, found: SceneJoins, problem: str, draft: Draft) -> None:
        if self._operation is not None and not self._operation.job.cancelled:
            self.found, self.problem, self._read = found, problem, draft

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = None
        if self._outdated and self._open and self._looked_at:
            self._timer.start()
        self.changed.emit()
