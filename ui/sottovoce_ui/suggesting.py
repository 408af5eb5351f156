"""Regions are suggested: the timeline's dialogue is listened to in the background, then a person looks through it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.registers import RegisterTable
from sottovoce_ui.asking import Dialogs
from sottovoce_ui.desk import Desk
from sottovoce_ui.dialogs.suggest import SuggestDialog
from sottovoce_ui.editor import Editor
from sottovoce_ui.work import Work

if TYPE_CHECKING:  # a window is shown before anything is listened to
    from sottovoce_engine.suggestions import Suggestions


class Suggesting(QObject):
    """What asks for suggestions.

    Signals:
        said(str): What a person should know.
        play_asked(): What lies at the playhead is to be played, or stopped.
    """

    said = Signal(str)
    play_asked = Signal()

    def __init__(self, desk: Desk, editor: Editor, registers: RegisterTable, work: Work, dialogs: Dialogs) -> None:
        super().__init__(dialogs)
        self._desk = desk
        self._editor = editor
        self._registers = registers
        self._work = work
        self._dialogs = dialogs

    def suggest(self) -> None:
        """Listens, and shows what was found."""
        draft = self._editor.draft
        self.said.emit(self.tr("Listening to the dialogue …"))
        self._work.start(lambda job: self._desk.suggested(draft, job), self._show)

    def _show(self, suggested: "Suggestions") -> None:
        if not suggested.found:
            self.said.emit("\n".join([self.tr("Nothing is said that is not marked already."), *suggested.notes]))
            return
        self.said.emit(self.tr("%n regions are suggested.", "", len(suggested.found)))
        dialog = SuggestDialog(self._editor, self._registers, suggested, self._dialogs.window)
        dialog.play_asked.connect(self.play_asked)
        self._dialogs.show(dialog)
