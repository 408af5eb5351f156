"""Media that a timeline names and that are not there: found in a folder, shown by hand, or gone on without.

┌ missing ─────────────┬ clips ───────┬ found ─────────────────────┐
│ /footage/street.mov  │ street       │ /backup/street.mov         │
│ /footage/hall.mov    │ hall, hall 2 │ – no file of this name …   │
└──────────────────────┴──────────────┴────────────────────────────┘
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sottovoce_engine.progress import Progress
from sottovoce_ui.background import Operation
from sottovoce_ui.desk import Desk, FoundMedia, Offline
from sottovoce_ui.tips import tell
from sottovoce_ui.words import shown

_MISSING, _CLIPS, _FOUND = range(3)


class RelinkDialog(QDialog):
    """A row for each missing file.

    Signals:
        idle(): A search has ended.
    """

    idle = Signal()

    def __init__(self, desk: Desk, missing: Sequence[Offline], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._missing = tuple(each.path for each in missing)
        self._found: dict[Path, FoundMedia] = {}
        self._operation: Operation | None = None
        self.setWindowTitle(self.tr("Missing media"))
        self.resize(820, 380)
        self.table = self._table(missing)
        self.message = QLabel(
            self.tr("These files are not where the timeline says. What stays missing is black and silent.")
        )
        self.message.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Progress"))
        self.progress.hide()
        self._buttons()
        column = QVBoxLayout(self)
        for widget in (self.message, self.table, self.progress, self.buttons):
            column.addWidget(widget)
        self.search.setDefault(True)  # once it is in the window: else Return would be Cancel
        self._show()

    @property
    def files(self) -> Mapping[Path, Path]:
        """What was found: by the path that the timeline names."""
        return {named: found.path for named, found in self._found.items() if found.path is not None}

    def search_in(self, folder: Path) -> None:
        """Looks for all that is still missing below a folder, in the background."""
        missing, desk = [path for path in self._missing if path not in self.files], self._desk
        self._start(Operation(lambda job: desk.find_media(missing, folder, job), self))

    def take(self, missing: Path, file: Path) -> None:
        """Takes a file for a missing one; how it differs is told."""
        desk = self._desk  # no work holds the window: it would go in another thread than its own
        self._start(Operation(lambda job: {missing: desk.compare_media(missing, file, job)}, self))

    def done(self, result: int) -> None:
        """Ends a search before the window goes."""
        if self._operation is not None:
            self._operation.job.cancel()
            self._operation.wait()
        super().done(result)

    def _table(self, missing: Sequence[Offline]) -> QTableWidget:
        table = QTableWidget(len(missing), 3)
        table.setHorizontalHeaderLabels([self.tr("Missing"), self.tr("Clips"), self.tr("Found")])
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.verticalHeader().hide()
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.setTabKeyNavigation(False)
        table.setAccessibleName(self.tr("Missing files"))
        for row, each in enumerate(missing):
            for column, words in ((_MISSING, str(each.path)), (_CLIPS, ", ".join(each.clips)), (_FOUND, "")):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                table.setItem(row, column, item)
        table.selectRow(0)
        return table

    def _buttons(self) -> None:
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.search = QPushButton(self.tr("&Search in a folder…"))
        self.choose = QPushButton(self.tr("&Choose a file…"))
        self.go_on = QPushButton()
        tell(self.search, self.tr("Takes files of the same name, length and timecode, also in folders below"))
        tell(self.choose, self.tr("For the file that is selected in the table"))
        self.search.clicked.connect(self._ask_for_folder)
        self.choose.clicked.connect(self._ask_for_file)
        for button in (self.search, self.choose):
            self.buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.addButton(self.go_on, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _show(self) -> None:
        for row, path in enumerate(self._missing):
            item, found = self.table.item(row, _FOUND), self._found.get(path)
            if item is not None and found is not None:
                words = [str(found.path or "–"), found.told]
                item.setText("  ".join(filter(None, words)))
                item.setToolTip("\n".join(filter(None, words)))
        self.table.resizeRowsToContents()
        left = len(self._missing) - len(self.files)
        self.go_on.setText(self.tr("&Go on without %n", "", left) if left else self.tr("&Go on"))
        tell(self.go_on, self.tr("Opens the timeline; what is missing is black and silent"))

    def _start(self, operation: Operation) -> None:
        if self._operation is not None:
            return
        operation.progressed.connect(self._show_progress)
        operation.succeeded.connect(self._take_in)
        operation.failed.connect(self.message.setText)
        operation.finished.connect(self._end)
        self._operation = operation
        self._set_busy(True)
        operation.start()

    def _take_in(self, found: Any) -> None:
        self._found.update(found)
        taken = len(self.files)
        self.message.setText(self.tr("%n of {all} are found.", "", taken).format(all=len(self._missing)))
        self._show()

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = None
        self._set_busy(False)
        (self.search if len(self.files) < len(self._missing) else self.go_on).setFocus()
        self.idle.emit()

    def _set_busy(self, busy: bool) -> None:
        for button in (self.search, self.choose, self.go_on):
            button.setEnabled(not busy)
        self.progress.setVisible(busy)
        self.progress.setRange(0, 0)

    def _show_progress(self, progress: Progress) -> None:
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)
        self.message.setText(self.tr("{stage}: %n files", "", progress.done).format(stage=shown(progress.stage)))

    def _ask_for_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Search in"))
        if chosen:
            self.search_in(Path(chosen))

    def _ask_for_file(self) -> None:
        missing = self._missing[max(0, self.table.currentRow())]
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("In place of {name}").format(name=missing.name))
        if chosen:
            self.take(missing, Path(chosen))
