"""The pane of the queue: a row for each region, with pause, stop, retry and order."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sottovoce_ui.editor import Editor
from sottovoce_ui.progress_bar import WorkBar
from sottovoce_ui.queue.entries import Entry, State
from sottovoce_ui.queue.runner import RenderQueue
from sottovoce_ui.theme import judged_colours
from sottovoce_ui.words import shown

HEADINGS = (
    str(QT_TRANSLATE_NOOP("QueueModel", "State")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Voice")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Register")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Line")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Takes")),
    str(QT_TRANSLATE_NOOP("QueueModel", "Why")),
)
_LINE = 3  # the column

Index = QModelIndex | QPersistentModelIndex


class QueueModel(QAbstractTableModel):
    """The queue's entries, in order."""

    def __init__(self, queue: RenderQueue, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._editor = editor
        self._entries: tuple[Entry, ...] = ()
        queue.changed.connect(self._show)

    def entry_at(self, row: int) -> Entry | None:
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.tr(HEADINGS[section])
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entry_at(index.row())
        if entry is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._cells(entry)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return entry.reason or None
            case Qt.ItemDataRole.ForegroundRole if entry.state is State.FAILED:
                return judged_colours(QGuiApplication.palette())["fails"]
        return None

    def _cells(self, entry: Entry) -> tuple[str, ...]:
        region = next((each for each in self._editor.draft.regions if each.id == entry.region_id), None)
        takes = f"{entry.takes}/{entry.of_takes}" if entry.of_takes else ""
        said = ("", "", "") if region is None else (region.voice, region.register, region.line)
        return (shown(entry.state), *said, takes, entry.reason)

    def _show(self) -> None:
        entries = self._queue.entries.entries
        if [entry.region_id for entry in entries] == [entry.region_id for entry in self._entries]:
            self._entries = entries
            if entries:
                self.dataChanged.emit(self.index(0, 0), self.index(len(entries) - 1, len(HEADINGS) - 1))
            return
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()


class QueuePane(QWidget):
    """The queue, how far it is, and what can be done about it."""

    def __init__(self, queue: RenderQueue, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self.model = QueueModel(queue, editor, self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Queue"))
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(_LINE, QHeaderView.ResizeMode.Stretch)
        self.progress = WorkBar()
        self.progress.setRange(0, 1)
        self.progress.setFormat(self.tr("Nothing is being rendered."))
        self.empty = QLabel(self.tr("Select regions and press Ctrl+R to render them."))
        self._lay_out()
        queue.changed.connect(self._show)
        queue.progressed.connect(self.progress.show_progress)
        self._show()

    @property
    def selected(self) -> tuple[str, ...]:
        """Ids of the regions whose rows are selected."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return tuple(entry.region_id for row in rows if (entry := self.model.entry_at(row)) is not None)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        self.pause = QPushButton(self.tr("&Pause"))
        self.pause.setCheckable(True)
        self.stop, self.retry = QPushButton(self.tr("S&top")), QPushButton(self.tr("&Retry"))
        self.up, self.down = QPushButton(self.tr("&Earlier")), QPushButton(self.tr("&Later"))
        self.clear = QPushButton(self.tr("&Clear finished"))
        self.pause.toggled.connect(self._queue.pause)
        self.stop.clicked.connect(lambda: self._queue.cancel(self.selected or None))
        self.retry.clicked.connect(lambda: self._queue.retry(self.selected or self._closed()))
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.clear.clicked.connect(self._queue.clear_finished)
        for button in (self.pause, self.stop, self.retry, self.up, self.down, self.clear):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addWidget(self.progress)
        column.addLayout(buttons)

    def _closed(self) -> tuple[str, ...]:
        entries = self._queue.entries.entries
        return tuple(e.region_id for e in entries if e.state in (State.FAILED, State.CANCELLED))

    def _move(self, by: int) -> None:
        for region_id in self.selected:
            self._queue.move(region_id, by)

    def _show(self) -> None:
        entries = self._queue.entries.entries
        self.empty.setVisible(not entries)
        self.pause.setChecked(self._queue.paused)
        self.stop.setEnabled(any(entry.is_open for entry in entries))
        self.retry.setEnabled(bool(self._closed()))
        if not self._queue.is_running and not any(entry.state is State.RUNNING for entry in entries):
            self.progress.setRange(0, 1)
            self.progress.setValue(0)
            self.progress.setFormat(self.tr("Nothing is being rendered."))
