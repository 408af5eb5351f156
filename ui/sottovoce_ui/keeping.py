"""What is changed is kept: each change in the journal, all of them in the working copy when it is saved.

    change ──► note ──┐
    change ──► note ──┤ one thread, in order   ──► journal, working copy
    save   ──► save ──┤
    change ──► note ──┘ of a new journal: that of what was saved is gone

A change is in the journal before the next key is looked at, unless that takes longer than a moment (the first change
since the last save, thousands of regions at once, a save under way, a slow disk): then it gets there as soon as what is
before it is done, and a process that is killed meanwhile loses that change, and no earlier one.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from sottovoce_engine.editing.draft import Draft
from sottovoce_ui.desk import Desk
from sottovoce_ui.editor import Editor
from sottovoce_ui.in_order import InOrder, Turn

_MOMENT_S = 0.004  # that a change is waited for
_QUIET_MS = 500  # after which what was noted is brought to the disk itself


class Keeping(QObject):
    """Notes and saves the editor's draft while a timeline is open.

    Signals:
        said(str): That it was saved, or why something could not be kept.
        changed(): `is_dirty` may be otherwise.
    """

    said = Signal(str)
    changed = Signal()

    def __init__(self, desk: Desk, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._editor = editor
        self._saved: Draft | None = None  # as it lies on the disk; None: nothing is open
        self._in_order = InOrder(self)
        self._in_order.failed.connect(self.said)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_QUIET_MS)
        self._quiet.timeout.connect(lambda: self._in_order.do(desk.sync))
        editor.draft_changed.connect(self._note)

    @property
    def is_dirty(self) -> bool:
        """Whether there is anything to save."""
        return self._saved is not None and not self._editor.read_only and self._editor.draft != self._saved

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way to the disk."""
        return self._in_order.is_idle

    def begin(self, saved: Draft) -> None:
        """From now on changes are kept."""
        self._saved = saved
        self._in_order.begin()
        self.changed.emit()

    def end(self) -> None:
        """Nothing is open any more."""
        self._quiet.stop()
        self._saved = None
        self.changed.emit()

    def stop(self) -> None:
        """Ends the thread, when all is done."""
        self._in_order.stop()

    def save(self) -> Turn:
        """Writes marks and choices beside the timeline, after all that is on its way; what ends then can be waited for."""
        draft = self._editor.draft
        if not self.is_dirty:
            return self.settle()
        return self._in_order.do(lambda: self._desk.save(draft), lambda _: self._note_saved(draft))

    def settle(self) -> Turn:
        """What ends once nothing asked for before is on its way any more."""
        return self._in_order.do(lambda: None)

    def look_at_disk(self, otherwise: Callable[[], None]) -> None:
        """Looks whether the timeline itself is another one than was read, and calls `otherwise` if it is."""
        self._in_order.do(self._desk.changed_on_disk, lambda changed: otherwise() if changed else None)

    def recover(self, wanted: bool) -> None:
        """Says whether an earlier session's changes are gone on from."""
        self._in_order.do(lambda: self._desk.recover(wanted))

    def _note(self, _: Draft, after: Draft) -> None:
        if self._saved is None:
            return
        label = self._editor.done_last
        self._in_order.do(lambda: self._desk.note(after, label), within=_MOMENT_S)
        self._quiet.start()
        self.changed.emit()

    def _note_saved(self, draft: Draft) -> None:
        if self._saved is not None:
            self._saved = draft
            self.said.emit(self.tr("Saved."))
            self.changed.emit()
