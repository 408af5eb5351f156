"""The panel's window: one timeline at a time, its regions, and the work on them.

Shows models and emits intent; it decides nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
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

from sottovoce_engine.choices import with_chosen
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.plan import Plan
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Raster, Scene
from sottovoce_engine.take import Failure, Outcome
from sottovoce_ui.background import Operation
from sottovoce_ui.desk import Desk, Opened, SceneFiles
from sottovoce_ui.editor import Editor
from sottovoce_ui.regions_model import HEADINGS, RegionsModel

SUFFIXES = (".otio", ".otioz")

_NOTHING = Draft(scene=Scene(name="", rate=Fraction(24), length_frames=0, raster=Raster(width=16, height=16)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What a render and its splice left behind."""

    chosen: Mapping[str, str]  # key of the take chosen for each region
    files: SceneFiles
    failures: tuple[str, ...]


class Panel(QMainWindow):
    """One timeline at a time."""

    def __init__(self, desk: Desk, registers: RegisterTable) -> None:
        super().__init__()
        self._desk = desk
        self._opened: Opened | None = None
        self._operation: Operation | None = None
        self._files: SceneFiles | None = None
        self._saved = _NOTHING
        self.editor = Editor(_NOTHING, self)
        self.editor.draft_changed.connect(self._note_change)
        self.editor.refused.connect(self._say)
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
        self._make_actions()
        self._set_busy(False)

    def open_timeline(self, path: Path) -> None:
        """Reads a timeline in the background and shows its regions."""
        self._opened, self._files = None, None
        self._say(self.tr("Reading {name} …").format(name=path.name))

        def read(job: Job) -> tuple[Opened, Plan]:
            opened = self._desk.open(path, job)
            return opened, self._desk.plan(opened.draft, opened.settings, job)

        self._start(read, lambda found: self._show_opened(*found))

    def render_into(self, folder: Path) -> None:
        """Renders what is missing and splices the scene into `folder`, in the background."""
        opened, draft = self._opened, self.editor.draft
        if opened is None:
            return

        def work(job: Job) -> tuple[_Result, Plan]:
            failures: list[str] = []

            def note(outcome: Outcome) -> None:
                if isinstance(outcome, Failure):
                    failures.append(f"{outcome.job.region.line}: {outcome.reason}")

            chosen = self._desk.render(draft, opened.settings, job, note)
            after = _with_chosen(draft, chosen)
            files = self._desk.splice(after, folder, job)
            result = _Result(chosen=chosen, files=files, failures=tuple(failures))
            return result, self._desk.plan(after, opened.settings, job)

        self._start(work, lambda found: self._show_result(*found))

    def save(self) -> bool:
        """Writes marks and choices beside the timeline; whether that went well."""
        if self._opened is None or self.editor.read_only or self.editor.draft == self._saved:
            return True
        try:
            self._desk.save(self.editor.draft)
        except SottovoceError as error:
            self._say(str(error))
            return False
        self._saved = self.editor.draft
        self.editor.stack.setClean()
        return True

    def cancel(self) -> None:
        """Stops the work in progress; takes finished so far are kept."""
        if self._operation is not None:
            self._operation.job.cancel()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stops the work in progress before the window goes, and saves; what cannot be saved stays in the journal."""
        if self._operation is not None:
            self._operation.job.cancel()
            self._operation.wait()
        self.save()
        self._desk.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if _timeline_in(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        path = _timeline_in(event)
        if path is not None and self._operation is None:
            self.open_timeline(path)

    def _show_opened(self, opened: Opened, plan: Plan) -> None:
        self._opened, self._saved = opened, opened.draft
        self.editor.open(opened.draft, read_only=opened.read_only)
        self.setWindowTitle(f"{opened.path.name} – Sottovoce")
        self.model.show_plan(plan)
        notes = (opened.read_only, *opened.differences, *plan.scene.notes)
        lines = [f"{len(plan.regions)} regions, {len(plan.jobs)} takes to render.", *filter(None, notes)]
        self._say("\n".join(lines))

    def _show_result(self, result: _Result, plan: Plan) -> None:
        self._files = result.files
        self.editor.do(self.tr("Choose rendered takes"), lambda draft: _with_chosen(draft, result.chosen))
        self.save()
        self.model.show_plan(plan)
        self._say("\n".join([self.tr("Scene: {movie}").format(movie=result.files.movie), *result.failures]))

    def _note_change(self, _: Draft, after: Draft) -> None:
        try:
            self._desk.note(after, self.editor.stack.undoText())
        except SottovoceError as error:
            self._say(str(error))

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

    def _make_actions(self) -> None:
        self.open_action = self._action(self.tr("&Open…"), QKeySequence.StandardKey.Open, self._ask_for_timeline)
        self.render_action = self._action(self.tr("&Render and splice…"), QKeySequence("Ctrl+R"), self._ask_for_folder)
        self.cancel_action = self._action(self.tr("&Stop"), QKeySequence("Esc"), self.cancel)
        self.show_action = self._action(self.tr("Show &movie"), QKeySequence("Ctrl+M"), self._show_movie)

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
        operation.failed.connect(self._say)
        operation.cancelled.connect(lambda: self._say(self.tr("Stopped. Takes finished so far are kept.")))
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
        self.render_action.setEnabled(not busy and self._opened is not None and not self._opened.read_only)
        self.cancel_action.setEnabled(busy)
        self.show_action.setEnabled(not busy and self._files is not None)
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
        if self._files is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._files.movie)))

    def _say(self, text: str) -> None:
        self.message.setText(text)


def _with_chosen(draft: Draft, chosen: Mapping[str, str]) -> Draft:
    return replace(draft, choices=with_chosen(draft.choices, chosen))


def _timeline_in(event: QDropEvent) -> Path | None:
    for url in event.mimeData().urls():
        if url.isLocalFile() and url.toLocalFile().lower().endswith(SUFFIXES):
            return Path(url.toLocalFile())
    return None
