"""What is changed is kept: each change in the journal, all of them in the working copy when it is saved."""

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.errors import SottovoceError
from sottovoce_ui.desk import Desk
from sottovoce_ui.editor import Editor


class Keeping(QObject):
    """Notes and saves the editor's draft while a timeline is open.

    Signals:
        said(str): Why something could not be kept.
    """

    said = Signal(str)

    def __init__(self, desk: Desk, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._editor = editor
        self._saved: Draft | None = None  # as it lies on the disk; None: nothing is open
        editor.draft_changed.connect(self._note)

    def begin(self, saved: Draft) -> None:
        """From now on changes are kept."""
        self._saved = saved

    def end(self) -> None:
        """Nothing is open any more."""
        self._saved = None

    def save(self) -> bool:
        """Writes marks and choices beside the timeline; whether that went well."""
        if self._saved is None or self._editor.read_only or self._editor.draft == self._saved:
            return True
        try:
            self._desk.save(self._editor.draft)
        except SottovoceError as error:
            self.said.emit(str(error))
            return False
        self._saved = self._editor.draft
        self._editor.stack.setClean()
        return True

    def _note(self, _: Draft, after: Draft) -> None:
        if self._saved is None:
            return
        try:
            self._desk.note(after, self._editor.done_last)
        except SottovoceError as error:
            self.said.emit(str(error))
