"""The pane of the queue: a row for each region, with pause, stop, retry and order, and what a render would be."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTableView, QVBoxLayout, QWidget

from sottovoce_ui.editor import Editor
from sottovoce_ui.fitted_columns import FittedColumns
from sottovoce_ui.progress_bar import WorkBar
from sottovoce_ui.queue.entries import Entry, State
from sottovoce_ui.queue.estimates import Estimates
from sottovoce_ui.queue.model import LINE, WHY, QueueModel
from sottovoce_ui.queue.runner import RenderQueue

_EARLIER, _LATER = "Alt+PgUp", "Alt+PgDown"


class QueuePane(QWidget):
    """The queue, how far it is, and what can be done about it."""

    def __init__(self, queue: RenderQueue, editor: Editor, estimates: Estimates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._estimates = estimates
        self.model = QueueModel(queue, editor, self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Queue"))
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        FittedColumns(self.table, sharing={LINE: 0, WHY: 0})
        self.table.setWordWrap(False)
        self.progress = WorkBar()
        self.progress.setRange(0, 1)
        self.progress.setFormat(self.tr("Nothing is being rendered."))
        self.empty = QLabel(self.tr("Select regions and press Ctrl+R to render them."))
        self.estimate = QLabel()
        self.estimate.setWordWrap(True)
        self.estimate.setTextFormat(Qt.TextFormat.PlainText)
        self.estimate.setAccessibleName(self.tr("What a render would be"))
        self.why = QLabel()  # in full, of the current row
        self.why.setWordWrap(True)
        self.why.setTextFormat(Qt.TextFormat.PlainText)
        self.why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.why.setAccessibleName(self.tr("Why it failed"))
        self._lay_out()
        self.table.selectionModel().currentChanged.connect(self._show_why)
        estimates.changed.connect(self._show_estimates)
        queue.changed.connect(self._show)
        queue.progressed.connect(self.progress.show_progress)
        self._show()
        self._show_estimates()

    @property
    def selected(self) -> tuple[str, ...]:
        """Ids of the regions whose rows are selected."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return tuple(entry.region_id for row in rows if (entry := self.model.entry_at(row)) is not None)

    def _lay_out(self) -> None:
        """The buttons have no letters of their own: those belong to the inspector beside them."""
        buttons = QHBoxLayout()
        self.pause = QPushButton(self.tr("Pause"))
        self.pause.setCheckable(True)
        self.stop, self.retry = QPushButton(self.tr("Stop")), QPushButton(self.tr("Retry"))
        self.up, self.down = QPushButton(self.tr("Earlier")), QPushButton(self.tr("Later"))
        self.clear = QPushButton(self.tr("Clear finished"))
        self.pause.toggled.connect(self._queue.pause)
        self.stop.clicked.connect(lambda: self._queue.cancel(self._meant(lambda entry: entry.is_open)))
        self.retry.clicked.connect(lambda: self._queue.retry(self._meant(lambda entry: entry.can_be_retried)))
        for button, keys, by in ((self.up, _EARLIER, -1), (self.down, _LATER, 1)):
            button.clicked.connect(lambda _=False, by=by: self._queue.move(self.selected, by))
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(button.click)
        self.pause.setToolTip(self.tr("What is being rendered is finished, and nothing else begins."))
        self.stop.setToolTip(self.tr("The selected regions, or all; takes made so far are kept."))
        self.retry.setToolTip(self.tr("The selected regions, or all that failed or were stopped."))
        self.up.setToolTip(self.tr("The selected regions that wait ({keys})").format(keys=_EARLIER))
        self.down.setToolTip(self.tr("The selected regions that wait ({keys})").format(keys=_LATER))
        self.clear.setToolTip(self.tr("What is done, failed or was stopped leaves the list; its takes stay."))
        self.clear.clicked.connect(self._queue.clear_finished)
        for button in (self.pause, self.stop, self.retry, self.up, self.down, self.clear):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addWidget(self.why)
        column.addWidget(self.estimate)
        column.addWidget(self.progress)
        column.addLayout(buttons)

    def _meant(self, fits: Callable[[Entry], bool]) -> tuple[str, ...]:
        """Of the regions that something can be done about, those whose rows are selected; all, where none of them is."""
        fitting = [entry.region_id for entry in self._queue.entries.entries if fits(entry)]
        selected = set(self.selected)
        return tuple(each for each in fitting if each in selected) or tuple(fitting)

    def _show_estimates(self) -> None:
        changed, selection = self._estimates.of_changed, self._estimates.of_selection
        lines = [self.tr("What changed: {estimate}").format(estimate=changed)] if changed else []
        lines += [self.tr("Selection: {estimate}").format(estimate=selection)] if selection else []
        self.estimate.setText("\n".join(lines))
        self.estimate.setVisible(bool(lines))

    def _show_why(self) -> None:
        entry = self.model.entry_at(self.table.currentIndex().row())
        self.why.setText("" if entry is None else entry.reason)
        self.why.setVisible(bool(self.why.text()))

    def _show(self) -> None:
        entries = self._queue.entries.entries
        self.empty.setVisible(not entries)
        self._show_why()
        self.pause.setChecked(self._queue.paused)
        self.stop.setEnabled(any(entry.is_open for entry in entries))
        self.retry.setEnabled(any(entry.can_be_retried for entry in entries))
        if not self._queue.is_running and not any(entry.state is State.RUNNING for entry in entries):
            self.progress.setRange(0, 1)
            self.progress.setValue(0)
            self.progress.setFormat(self.tr("Nothing is being rendered."))
