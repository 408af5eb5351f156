"""What is said in the timeline's dialogue and not marked yet: looked through, ticked, taken over.

┌─ in ────────┬ length ┬ voice ┬ register ┬ heard as ────────┬ line ──────────┐
│ ☑ 00:00:04:12│ 1.50 s │ ANNA  │ W whisper│ whisper          │ close your eyes │
│ ☐ 00:00:09:00│ 2.04 s │ MAN   │ N normal │ voiced, 118 Hz   │                 │
└──────────────┴────────┴───────┴──────────┴──────────────────┴─────────────────┘
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sottovoce_engine.editing.suggested import with_suggested
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.timing import timecode
from sottovoce_ui.editor import Editor
from sottovoce_ui.tips import tell
from sottovoce_ui.words import shown

if TYPE_CHECKING:  # a window is shown before anything is listened to
    from sottovoce_engine.suggestions import Suggestion, Suggestions

_LINE = 5  # the column
_NOTES = 4  # that are shown in full


class SuggestDialog(QDialog):
    """A row for each stretch of speech that was found. The playhead goes along, so that it can be played and seen.

    Signals:
        play_asked(): What lies at the playhead is to be played, or stopped.
    """

    play_asked = Signal()

    def __init__(
        self, editor: Editor, registers: RegisterTable, suggested: "Suggestions", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._registers = registers
        self._found = suggested.found
        self.setWindowTitle(self.tr("Suggested regions"))
        self.resize(900, 460)
        self.table = self._table()
        self.told = QLabel("\n".join([self._count(), *self._notes(suggested.notes)]))
        self.told.setToolTip("\n".join(suggested.notes))
        self.told.setWordWrap(True)
        self.told.setAccessibleName(self.tr("What was found"))
        column = QVBoxLayout(self)
        for widget in (self.told, self.table, self._buttons()):
            column.addWidget(widget)
        self.table.itemChanged.connect(self._show_count)
        self.table.currentCellChanged.connect(lambda row, *_: self._go_to(row))
        self._show_count()
        self.table.selectRow(0)
        self._go_to(0)
        self.table.setFocus()

    @property
    def ticked(self) -> "Sequence[Suggestion]":
        """Those that are to become regions."""
        return [each for row, each in enumerate(self._found) if self._is_ticked(row)]

    def tick_all(self, ticked: bool) -> None:
        """All of them, or none."""
        self._tick(range(len(self._found)), ticked)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Comes up by itself once all is heard: a Return that was meant for the window below does nothing."""
        super().showEvent(event)
        self.agree.setDefault(False)  # the box of buttons has just made it so

    def _count(self) -> str:
        return self.tr(
            "%n stretches of speech are not marked yet. Space ticks or unticks what is selected.", "", len(self._found)
        )

    def _notes(self, notes: Sequence[str]) -> Sequence[str]:
        """The first ones: a film may have hundreds of files that are not there."""
        more = len(notes) - _NOTES
        return (*notes[:_NOTES], self.tr("… and %n more", "", more)) if more > 0 else notes

    def _table(self) -> "_Table":
        table = _Table(len(self._found), 6)
        headings = (self.tr("In"), self.tr("Length"), self.tr("Voice"), self.tr("Register"), self.tr("Heard as"))
        table.setHorizontalHeaderLabels([*headings, self.tr("Line")])
        table.setAccessibleName(self.tr("Suggested regions"))
        for row, each in enumerate(self._found):
            for column, words in enumerate(self._words(each)):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                table.setItem(row, column, item)
            ticked = table.item(row, 0)
            assert ticked is not None
            ticked.setFlags(ticked.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            ticked.setCheckState(Qt.CheckState.Checked)
            register = table.item(row, 3)
            assert register is not None
            register.setData(Qt.ItemDataRole.DecorationRole, QColor(self._registers.get(each.region.register).colour))
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_LINE, QHeaderView.ResizeMode.Stretch)
        table.toggled.connect(self._toggle_selected)
        return table

    def _words(self, each: "Suggestion") -> tuple[str, ...]:
        """A cell for each column."""
        scene, region, finding = self._editor.scene, each.region, each.finding
        register = self._registers.get(region.register)
        pitch = "" if finding.f0_hz is None else self.tr(", {n:.0f} Hz").format(n=finding.f0_hz)
        return (
            timecode(scene.start_frame + region.span.start, scene.rate, drop=scene.drop_frame),
            self.tr("{n:.2f} s").format(n=float(region.span.length / scene.rate)),
            region.voice,
            f"{register.letter}  {register.name}",
            shown(finding.verdict) + pitch,
            region.line,
        )

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.all, self.none = QPushButton(self.tr("Tick &all")), QPushButton(self.tr("Tick &none"))
        self.play, self.agree = QPushButton(self.tr("&Play")), QPushButton()
        tell(self.play, self.tr("Plays from the start of the row on; once more: stops"))
        tell(self.all, self.tr("Ticks every row"))
        tell(self.none, self.tr("Unticks every row"))
        self.all.clicked.connect(lambda: self.tick_all(True))
        self.none.clicked.connect(lambda: self.tick_all(False))
        self.play.clicked.connect(self.play_asked)
        for button in (self.all, self.none, self.play):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.agree, QDialogButtonBox.ButtonRole.AcceptRole)
        for each in buttons.findChildren(QPushButton):
            each.setAutoDefault(False)
        buttons.accepted.connect(self._take_over)
        buttons.rejected.connect(self.reject)
        return buttons

    def _go_to(self, row: int) -> None:
        if 0 <= row < len(self._found):
            self._editor.go_to(self._found[row].region.span.start)

    def _is_ticked(self, row: int) -> bool:
        item = self.table.item(row, 0)
        return item is not None and item.checkState() is Qt.CheckState.Checked

    def _tick(self, rows: Sequence[int], ticked: bool) -> None:
        with QSignalBlocker(self.table):  # thousands of rows are counted once
            for row in rows:
                item = self.table.item(row, 0)
                if item is not None:
                    item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self.table.viewport().update()
        self._show_count()

    def _toggle_selected(self) -> None:
        """Ticks all that is selected; unticks it where all of it is ticked."""
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        self._tick(rows, not all(self._is_ticked(row) for row in rows))

    def _show_count(self) -> None:
        count = len(self.ticked)
        self.agree.setText(self.tr("A&dd %n regions", "", count))
        self.agree.setEnabled(bool(count))
        tell(self.agree, self.tr("What is ticked becomes regions, in one step that can be undone"))

    def _take_over(self) -> None:
        regions, voices = [each.region for each in self.ticked], [each.voice for each in self.ticked]
        if self._editor.do(self.tr("Suggest regions"), lambda draft: with_suggested(draft, regions, voices)):
            self._editor.select([region.id for region in regions], regions[0].id)
        self.accept()


class _Table(QTableWidget):
    """Rows that are ticked by Space, several at once.

    Signals:
        toggled(): What is selected is to be ticked, or not.
    """

    toggled = Signal()

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__(rows, columns)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.toggled.emit()
        else:
            super().keyPressEvent(event)
