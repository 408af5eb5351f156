"""The pane of takes: look, listen, compare, choose, mark, note, delete.

┌ takes ───────────────────────────────┬ what is known ──┐
│ ▶  1  ▁▃█▃  W whisper → whisper  …   │ register, line, │
│    2  ▁▂█▂  W whisper → mixed    …   │ level, damage … │
├──────────────────────────────────────┴─────────────────┤
│ the sound of the one looked at                         │
└────────────────────────────────────────────────────────┘
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QInputDialog,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sottovoce_engine.choices import MARKS, Choice, note_on, with_pick, with_said
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.registers import RegisterTable
from sottovoce_ui.desk import Desk, TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.fitted_columns import FittedColumns
from sottovoce_ui.takes.details import TakeDetails
from sottovoce_ui.takes.model import NOTE, PART, SOUND, TakesModel
from sottovoce_ui.takes.pile import Pile
from sottovoce_ui.takes.sound_cell import SoundCells
from sottovoce_ui.takes.sound_view import SoundView
from sottovoce_ui.takes.sounds import TakeSounds

Choices = tuple[Choice, ...]

_ROW_HEIGHT = 30
_SOUND_WIDTH = 110
_TABLE_SHARE, _DETAILS_SHARE = 3, 2


class TakesPane(QWidget):
    """A table of the current region's takes; the sound of the one looked at, and all that is known of it.

    Signals:
        take_shown(TakeFacts | None): Another take is the one looked at, or none: the viewer can play it.
    """

    take_shown = Signal(object)

    def __init__(
        self, editor: Editor, pile: Pile, registers: RegisterTable, desk: Desk, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor, self._pile, self._desk = editor, pile, desk
        self._region = ""  # whose takes were shown last
        self._looked_at, self._row = "", 0
        self._shown: TakeFacts | None = None
        self.model = TakesModel(editor, pile, registers, self)
        self.sounds = TakeSounds(desk, self)
        self.table = QTableView()
        self.sound = SoundView(editor, self.sounds)
        self.details = TakeDetails(pile)
        self._details_soon = QTimer(self)  # once the rest is painted: laying words out takes as long as all the rest
        self._details_soon.setSingleShot(True)
        self._details_soon.timeout.connect(lambda: self.details.show_take(self._shown))
        self.nothing = QLabel()
        self._lay_out()
        self.sound.asked.connect(editor.go_to)
        self.table.selectionModel().currentRowChanged.connect(self._show_take)
        self.table.doubleClicked.connect(lambda _: self.choose())
        self.model.modelReset.connect(self._show_takes)
        self._show_takes()

    @property
    def take(self) -> TakeFacts | None:
        """The take looked at."""
        return self.model.take_at(self.table.currentIndex().row())

    @property
    def beside(self) -> TakeFacts | None:
        """What the take looked at is compared with: the one marked for that, else the one chosen for the same."""
        marked = self.model.take_at(self.model.row_of(self.model.compared))
        facts = self.take
        if marked is not None or facts is None:
            return marked
        return self._pile.chosen(facts.take.job.region.id)

    def stop(self) -> None:
        """Ends listening."""
        self.sounds.stop()

    def look_beside(self, by: int) -> None:
        """Looks at the take that many rows on, up to the last one."""
        if self.model.rowCount():
            self._look_at(min(max(self.table.currentIndex().row() + by, 0), self.model.rowCount() - 1))

    def compare_with(self) -> None:
        """Marks the take as the one that others are compared with, or takes that mark off it."""
        facts = self.take
        if facts is not None:
            self.model.compared = "" if self.model.compared == facts.take.key else facts.take.key

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
            said = self._desk.said(marks - {name}, note.text if note is not None else None, True)
        else:
            said = self._desk.said(frozenset({name}), None, False)
        self._change(self.tr("Mark take"), lambda choices: with_said(choices, region, key, said))

    def write_note(self) -> None:
        """Asks for a few words on the take; the window goes on meanwhile."""
        facts = self.take
        if facts is None:
            return
        region, key = facts.take.job.region.id, facts.take.key
        note = note_on(self._editor.draft.choices, key)
        before = "" if note is None else note.text

        def noted(text: str) -> None:
            if text != before:
                said = self._desk.said(frozenset(), text, False)
                self._change(self.tr("Note on take"), lambda choices: with_said(choices, region, key, said))

        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Note"))
        dialog.setLabelText(self.tr("On this take:"))
        dialog.setTextValue(before)
        dialog.textValueSelected.connect(noted)
        dialog.open()

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
        self.table.setColumnHidden(PART, not self.model.has_parts)
        self._pages.setCurrentIndex(1 if self.model.rowCount() else 0)
        self.nothing.setText(self._why_nothing())
        self._look_at(self.model.rowCount() - 1 if row < 0 else row)

    def _look_at(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(self.model.index(row, 0), flags)
        self._show_take()  # also where no row is the current one any more

    def _show_take(self) -> None:
        facts = self.take
        if facts is not None:
            self._looked_at, self._row = facts.take.key, self.table.currentIndex().row()
        if facts != self._shown:
            self._shown = facts
            self.sound.show_take(facts)
            self._details_soon.start()
            self.take_shown.emit(facts)

    def _why_nothing(self) -> str:
        if not self.model.region:
            return self.tr("Select a region to see its takes.")
        return self.tr("No take yet. Render the region, or bring in a recording.")

    def _lay_out(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName(self.tr("Takes"))
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setItemDelegateForColumn(SOUND, SoundCells(self.model, self.sounds, self._editor, table))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        table.horizontalHeader().resizeSection(SOUND, _SOUND_WIDTH)
        FittedColumns(table, sharing={NOTE: 0}, own=(SOUND,))
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        beside = QSplitter(Qt.Orientation.Horizontal)
        beside.addWidget(table)
        beside.addWidget(self.details)
        beside.setStretchFactor(0, _TABLE_SHARE)
        beside.setStretchFactor(1, _DETAILS_SHARE)
        beside.setSizes([_TABLE_SHARE * 100, _DETAILS_SHARE * 100])
        over = QSplitter(Qt.Orientation.Vertical)
        over.addWidget(beside)
        over.addWidget(self.sound)
        over.setStretchFactor(0, 1)
        over.setChildrenCollapsible(False)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(over)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(760, 320)


def _without(draft: Draft, take_key: str) -> Draft:
    """The draft with a take deleted, and chosen no more."""
    choices = tuple(
        replace(choice, take_key="", picked=False, approved=False) if choice.take_key == take_key else choice
        for choice in draft.choices
    )
    return replace(draft, choices=choices, deleted=draft.deleted | {take_key})
