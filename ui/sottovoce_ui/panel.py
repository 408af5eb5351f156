"""The panel's window: open a marked timeline, see its regions, render and splice it, stop it.

Shows models and emits intent; it decides nothing. Marking, listening and choosing takes are not here
yet: the marks come from the timeline.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QHeaderView,
    QLabel,
    QMainWindow,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sottovoce_engine.plan import Plan
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.registers import RegisterTable
from sottovoce_ui.background import Operation
from sottovoce_ui.desk import Desk, Finished
from sottovoce_ui.regions_model import HEADINGS, RegionsModel

SUFFIXES = (".otio", ".otioz")


class Panel(QMainWindow):
    """One timeline at a time."""

    def __init__(self, desk: Desk, registers: RegisterTable) -> None:
        super().__init__()
        self._desk = desk
        self._timeline: Path | None = None
        self._operation: Operation | None = None
        self._finished: Finished | None = None
        self.model = RegionsModel(registers, self)
        self.message = QLabel(self.tr("Open a timeline, or drop one here."))
        self.message.setWordWrap(True)
        self.message.setAccessibleName(self.tr("Message"))
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Progress"))
        self.progress.hide()
        self._bar = self.addToolBar(self.tr("Actions"))
        self._bar.setMovable(False)
        self._lay_out()
        self.open_action = self._action(self.tr("&Open…"), QKeySequence.StandardKey.Open, self._ask_for_timeline)
        self.render_action = self._action(self.tr("&Render and splice…"), QKeySequence("Ctrl+R"), self._ask_for_folder)
        self.cancel_action = self._action(self.tr("&Stop"), QKeySequence("Esc"), self.cancel)
        self.show_action = self._action(self.tr("Show &movie"), QKeySequence("Ctrl+M"), self._show_movie)
        self._set_busy(False)

    def open_timeline(self, path: Path) -> None:
        """Reads a timeline in the background and shows its regions."""
        self._timeline, self._finished = None, None
        self.message.setText(self.tr("Reading {name} …").format(name=path.name))

        def opened(plan: Plan) -> None:
            self._timeline = path
            self.setWindowTitle(f"{path.name} – Sottovoce")
            self.model.show_plan(plan)
            self.message.setText(_summary(plan))

        self._start(lambda _: self._desk.plan(path), opened)

    def render_into(self, folder: Path) -> None:
        """Renders what is missing and splices the scene into `folder`, in the background."""
        timeline = self._timeline
        if timeline is None:
            return

        def rendered(finished: Finished) -> None:
            self._finished = finished
            self.model.show_plan(finished.plan)
            lines = [self.tr("Scene: {movie}").format(movie=finished.movie), *finished.failures]
            self.message.setText("\n".join(lines))

        self._start(lambda job: self._desk.render(timeline, folder, job), rendered)

    def cancel(self) -> None:
        """Stops the work in progress; takes finished so far are kept."""
        if self._operation is not None:
            self._operation.job.cancel()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stops the work in progress before the window goes."""
        if self._operation is not None:
            self._operation.job.cancel()
            self._operation.wait()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if _timeline_in(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        path = _timeline_in(event)
        if path is not None and self._operation is None:
            self.open_timeline(path)

    def _lay_out(self) -> None:
        table = QTableView()
        table.setModel(self.model)
        table.setAccessibleName(self.tr("Regions"))
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setSectionResizeMode(HEADINGS.index("Line"), QHeaderView.ResizeMode.Stretch)
        body = QWidget()
        column = QVBoxLayout(body)
        for widget in (table, self.progress, self.message):
            column.addWidget(widget)
        self.setCentralWidget(body)
        self.setAcceptDrops(True)
        self.setWindowTitle("Sottovoce")
        self.resize(960, 540)

    def _action(
        self, text: str, shortcut: QKeySequence | QKeySequence.StandardKey, then: Callable[[], None]
    ) -> QAction:
        action = QAction(text, self)
        action.setShortcut(shortcut)
        action.setToolTip(f"{text.replace('&', '')} ({action.shortcut().toString()})")
        action.triggered.connect(lambda _: then())
        self._bar.addAction(action)
        return action

    def _start(self, work: Callable[[Job], Any], then: Callable[[Any], None]) -> None:
        operation = Operation(work, self)
        operation.progressed.connect(self._show_progress)
        operation.succeeded.connect(then)
        operation.failed.connect(self.message.setText)
        operation.cancelled.connect(lambda: self.message.setText(self.tr("Stopped. Takes finished so far are kept.")))
        operation.finished.connect(self._end)
        self._operation = operation
        self._set_busy(True)
        operation.start()

    def _end(self) -> None:
        if self._operation is not None:
            self._operation.deleteLater()
        self._operation = None
        self._set_busy(False)

    def _set_busy(self, busy: bool) -> None:
        self.open_action.setEnabled(not busy)
        self.render_action.setEnabled(not busy and self._timeline is not None)
        self.cancel_action.setEnabled(busy)
        self.show_action.setEnabled(not busy and self._finished is not None)
        self.progress.setVisible(busy)
        self.progress.setRange(0, 0)

    def _show_progress(self, progress: Progress) -> None:
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)
        left = "" if progress.seconds_left is None else self.tr(", {n:.0f} s left").format(n=progress.seconds_left)
        self.progress.setFormat(f"{progress.stage} {progress.done}/{progress.total}{left}")

    def _ask_for_timeline(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Open timeline"), "", f"OpenTimelineIO ({kinds})")
        if chosen:
            self.open_timeline(Path(chosen))

    def _ask_for_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Render into"))
        if chosen:
            self.render_into(Path(chosen))

    def _show_movie(self) -> None:
        if self._finished is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._finished.movie)))


def _summary(plan: Plan) -> str:
    notes = "".join(f"\n{note}" for note in plan.scene.notes)
    return f"{len(plan.regions)} regions, {len(plan.jobs)} takes to render.{notes}"


def _timeline_in(event: QDropEvent) -> Path | None:
    for url in event.mimeData().urls():
        if url.isLocalFile() and url.toLocalFile().lower().endswith(SUFFIXES):
            return Path(url.toLocalFile())
    return None
