"""The pane of takes: choose, mark, note, delete, bring in a recording."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QInputDialog, QLabel, QTableView, QVBoxLayout, QWidget

from sottovoce_engine.choices import MARKS, Choice, Said, note_on, with_pick, with_said
from sottovoce_engine.editing.draft import Draft
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.takes.model import HEADINGS, TakesModel, why_of

Choices = tuple[Choice, ...]
Says = Callable[[frozenset[str], str | None, bool], Said]  # marks, text, whether what was said before goes


class TakesPane(QWidget):
    """A table of the current region's takes, and the judge's reasons under it.

    Signals:
        take_shown(TakeFacts | None): Another take is the one looked at, or none: the viewer can play it.
    """

    take_shown = Signal(object)

    def __init__(self, editor: Editor, model: TakesModel, says: Says, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._says = says
        self._region = ""  # whose takes were shown last
        self._looked_at, self._row = "", 0
        self._shown: TakeFacts | None = None
        self.model = model
        self.table = QTableView()
        self.table.setModel(model)
        self.table.setAccessibleName(self.tr("Takes"))
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(HEADINGS.index("Note"), QHeaderView.ResizeMode.Stretch)
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.setContentsMargins(8, 2, 8, 4)
        self.why.setAccessibleName(self.tr("What the judge says"))
        self.why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.why)
        self.table.selectionModel().currentRowChanged.connect(self._show_take)
        self.table.doubleClicked.connect(lambda _: self.choose())
        model.modelReset.connect(self._show_takes)
        self._show_takes()

    @property
    def take(self) -> TakeFacts | None:
        """The take looked at."""
        return self.model.take_at(self.table.currentIndex().row())

    def look_beside(self, by: int) -> None:
        """Looks at the take that many rows on, up to the last one."""
        if self.model.rowCount():
            self._look_at(min(max(self.table.currentIndex().row() + by, 0), self.model.rowCount() - 1))

    def choose(self) -> None:
        """Chooses the take for its region; renders that follow leave it chosen."""
        facts = self.take
        if facts is not None:
            region, key = facts.take.job.region.id, facts.take.key
            self._change(self.tr("Choose take"), lambda choices: with_pick(choices, region, key))

    def mark(self, name: str) -> None:
        """Marks the take, or takes the mark off again: "circled", "alt", "approved", "rejected", "starred"."""
        facts = self.take
        if facts is None:
            return
        region, key = facts.take.job.region.id, facts.take.key
        note = note_on(self._editor.draft.choices, key)
        marks = frozenset(each for each in MARKS if note is not None and getattr(note, each))
        if name in marks:
            said = self._says(marks - {name}, note.text if note is not None else None, True)
        else:
            said = self._says(frozenset({name}), None, False)
        self._change(self.tr("Mark take"), lambda choices: with_said(choices, region, key, said))

    def write_note(self) -> None:
        """Asks for a few words on the take."""
        facts = self.take
        if facts is None:
            return
        region, key = facts.take.job.region.id, facts.take.key
        note = note_on(self._editor.draft.choices, key)
        before = "" if note is None else note.text
        text, agreed = QInputDialog.getText(self, self.tr("Note"), self.tr("On this take:"), text=before)
        if agreed and text != before:
            said = self._says(frozenset(), text, False)
            self._change(self.tr("Note on take"), lambda choices: with_said(choices, region, key, said))

    def delete(self) -> None:
        """Shows the take no more; undoing brings it back. Its file stays until the store is cleaned."""
        facts = self.take
        if facts is not None:
            self._editor.do(self.tr("Delete take"), lambda draft: _without(draft, facts.take.key))

    def _change(self, label: str, change: Callable[[Choices], Choices]) -> None:
        self._editor.do(label, lambda draft: replace(draft, choices=change(draft.choices)))

    def _show_takes(self) -> None:
        """The take looked at stays so while it is there; of another region it is the chosen one, else the newest."""
        row = self.model.row_of(self._looked_at)
        if row < 0 and self.model.region == self._region:
            row = min(self._row, self.model.rowCount() - 1)  # the one looked at was deleted: its neighbour
        if row < 0 or self.model.region != self._region:
            row = self.model.chosen_row
        self._region = self.model.region
        self.table.setColumnHidden(HEADINGS.index("Part"), not self.model.has_parts)
        self._look_at(self.model.rowCount() - 1 if row < 0 else row)

    def _look_at(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(self.model.index(row, 0), flags)
        self._show_take()  # also where no row is the current one any more

    def _show_take(self) -> None:
        facts = self.take
        self.why.setText(self.tr("No take yet.") if facts is None else why_of(facts))
        if facts is not None:
            self._looked_at, self._row = facts.take.key, self.table.currentIndex().row()
        if facts != self._shown:
            self._shown = facts
            self.take_shown.emit(facts)


def _without(draft: Draft, take_key: str) -> Draft:
    """The draft with a take deleted, and chosen no more."""
    choices = tuple(
        replace(choice, take_key="", picked=False, approved=False) if choice.take_key == take_key else choice
        for choice in draft.choices
    )
    return replace(draft, choices=choices, deleted=draft.deleted | {take_key})
