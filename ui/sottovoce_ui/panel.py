"""The panel's window: the timeline and its regions, the inspector, takes and the queue. It only puts them together.

┌ menus ────────┬───────────┬──────────────┐
│ takes, queue  │ viewer    │ inspector    │
├───────────────┴───────────┴──────────────┤
│ timeline: tracks, a lane for each voice  │
├ message ─────────────────────────────────┤
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QEvent, QSettings, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDockWidget,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sottovoce_engine.editing.changes import change_between, changed
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.spans import Edge
from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.plan import PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Raster, Scene
from sottovoce_ui.actions import Actions
from sottovoce_ui.commands import COMMANDS, REGISTER_KEYS, Group
from sottovoce_ui.desk import Desk, Opened, SceneFiles, TakeFacts, Unsaved
from sottovoce_ui.dialogs.export import ExportDialog
from sottovoce_ui.dialogs.keys import KeyMap
from sottovoce_ui.dialogs.recover import RecoverBox
from sottovoce_ui.dialogs.relink import RelinkDialog
from sottovoce_ui.dialogs.script import ScriptDialog
from sottovoce_ui.dialogs.voices import VoicesDialog
from sottovoce_ui.editor import Editor
from sottovoce_ui.first_page import FirstPage
from sottovoce_ui.inspector import Inspector
from sottovoce_ui.marking import Marking
from sottovoce_ui.own_keys import OwnKeys
from sottovoce_ui.progress_bar import WorkBar
from sottovoce_ui.queue.pane import QueuePane
from sottovoce_ui.queue.runner import RenderQueue
from sottovoce_ui.recent import Recent, RecentMenu
from sottovoce_ui.standing import Standing
from sottovoce_ui.takes.model import TakesModel
from sottovoce_ui.takes.pane import TakesPane
from sottovoce_ui.takes.pile import Pile, Takes
from sottovoce_ui.takes.reading import TakesReader
from sottovoce_ui.timeline.headers import TimelinePane
from sottovoce_ui.timeline.view import TimelineView
from sottovoce_ui.timeline.waveforms import Waveforms
from sottovoce_ui.viewer import Viewer
from sottovoce_ui.work import Work

_NOTHING = Draft(scene=Scene(name="", rate=Fraction(24), length_frames=0, raster=Raster(width=16, height=16)))
_WITHOUT_A_TIMELINE = ("open", "quit", "cancel", "keys")
_WRITING = ("save", "splice", "export", "add_recording", "render_selected", "render_changed")


class Panel(QMainWindow):
    """One timeline at a time."""

    def __init__(self, desk: Desk, registers: RegisterTable, settings: QSettings) -> None:
        super().__init__()
        self._desk = desk
        self._settings = settings
        self._registers = registers
        self._opened: Opened | None = None
        self._files: SceneFiles | None = None
        self._saved = _NOTHING
        self.question: RecoverBox | None = None  # that waits for an answer
        self.dialog: QDialog | None = None  # the one shown last
        self.work = Work(self)
        self.editor = Editor(_NOTHING, self)
        self.pile = Pile(self.editor, self)
        self.reader = TakesReader(desk, self.pile, self)
        self.queue = RenderQueue(desk, self.editor, PlanSettings(), self)
        self.standing = Standing(desk, self.editor, self.pile, self)
        self.waveforms = Waveforms(desk.peaks, self)
        self.marking = Marking(self.editor, registers, self)
        self.timeline = TimelineView(self.editor, registers)
        self.inspector = Inspector(self.editor, registers, self._caption)
        self.takes = TakesPane(self.editor, TakesModel(self.editor, self.pile, registers, self), desk.said)
        self.viewer = Viewer(self.editor)
        self.queue_pane = QueuePane(self.queue, self.editor)
        self.recent = Recent(settings, self)
        self.recent_menu = RecentMenu(self.recent, self)
        self.first_page = FirstPage(self.recent)
        self.pages = QStackedWidget()
        self.commands = Actions(self, settings)
        self._lay_out()
        self._connect(registers)
        self._set_busy(False)

    def open_timeline(self, path: Path) -> None:
        """Saves what is open, then reads a timeline in the background."""
        self._open(lambda _: path, self.tr("Reading {name} …").format(name=path.name))

    def open_example(self) -> None:
        """Writes the example scene where the person's timelines lie, and opens it."""
        self._open(self._desk.example, self.tr("Writing the example scene …"))

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

    def splice_into(self, folder: Path) -> None:
        """Splices the chosen takes into `folder`, in the background."""
        draft = self.editor.draft
        if self._opened is not None and self.save():
            self.work.start(lambda job: self._desk.splice(draft, folder, job), self._show_files)

    def export_into(self, folder: Path, names: Sequence[str]) -> None:
        """Writes the scene in these formats, in the background."""
        draft = self.editor.draft

        def show(paths: Sequence[Path]) -> None:
            self._say("\n".join(self.tr("Written: {path}").format(path=path) for path in paths))

        if self._opened is not None and self.save():
            self.work.start(lambda job: self._desk.export(draft, names, folder, job), show)

    def add_recording(self, region_id: str, file: Path) -> None:
        """Makes a recording a take of a region, in the background; it lies where its timecode or its first word says."""
        draft = self.editor.draft

        def show(facts: TakeFacts) -> None:
            self.reader.read()
            self._say("\n".join([self.tr("The recording is a take now."), *facts.take.notes]))

        if self._opened is not None:
            self.work.start(lambda job: self._desk.add_recording(draft, region_id, file, None, job), show)

    def render_regions(self, *, again: bool) -> None:
        """Renders the selected regions once more (`again`), or all whose take is missing or out of date."""
        ids = self.editor.selection if again else [region.id for region in self.editor.draft.regions]
        spoken = [region.id for region in self.editor.draft.regions if region.id in ids and region.line.strip()]
        if not spoken:
            self._say(self.tr("Select regions that have a line first.") if again else self.tr("No region has a line."))
            return
        self.queue.add(spoken, again=again)
        self._queue_dock.show()

    def cancel(self) -> None:
        """Stops the work in progress; takes finished so far are kept."""
        self.work.cancel()
        self.queue.cancel()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stops all work before the window goes, and saves; what cannot be saved stays in the journal."""
        relinking = self.findChild(RelinkDialog)
        if relinking is not None:
            relinking.reject()
        self.work.wait()
        self.queue.wait()
        self.standing.stop()
        self.waveforms.stop()
        self.save()
        self._let_go()
        self._desk.close()
        self._settings.setValue("window/geometry", self.saveGeometry())
        self._settings.setValue("window/state", self.saveState())
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if self._timeline_in(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        path = self._timeline_in(event)
        if path is not None and not self.work.is_under_way:
            self.open_timeline(path)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Looks whether the timeline was changed elsewhere when the person comes back to the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self._look_at_disk()

    def _open(self, find: Callable[[Job], Path], told: str) -> None:
        if self.queue.is_running:
            self._say(self.tr("Regions are being rendered. Stop that first, or let it finish."))
        elif self.save():
            self._let_go()
            self._say(told)
            self.work.start(lambda job: self._read(find(job), job), lambda found: self._look_for_media(*found))

    def _let_go(self) -> None:
        """Nothing is open any more: no key and no field, and nothing that ends later, changes what was."""
        self._opened, self._files = None, None
        self.queue.cancel()
        self.queue.clear_finished()
        self.reader.stop()
        self.standing.pause()
        self.viewer.stop()
        self.editor.open(_NOTHING)
        self.pile.show_takes({})
        self.viewer.show_movie(None)

    def _read(self, path: Path, job: Job) -> tuple[Opened, Takes]:
        opened = self._desk.open(path, job)
        return opened, self._desk.takes(job)

    def _look_for_media(self, opened: Opened, takes: Takes) -> None:
        """Missing media are asked about before the timeline is shown."""
        if not opened.offline:
            self._show_opened(opened, takes)
            return
        dialog = RelinkDialog(self._desk, opened.offline, self)
        dialog.accepted.connect(lambda: self._relink(opened, takes, dialog.files))
        dialog.rejected.connect(self._leave_closed)
        self._ask(dialog)

    def _relink(self, opened: Opened, takes: Takes, files: Mapping[Path, Path]) -> None:
        if files:
            self.work.start(lambda job: self._desk.relinked(files, job), lambda found: self._show_opened(found, takes))
        else:
            self._show_opened(opened, takes)
            self._set_busy(False)

    def _leave_closed(self) -> None:
        self._desk.close()
        self._say(self.tr("Not opened: media are missing."))

    def _show_opened(self, opened: Opened, takes: Takes) -> None:
        self._opened, self._saved = opened, opened.draft
        self.queue.settings = opened.settings
        self.editor.open(opened.draft, read_only=opened.read_only)
        self.pile.show_takes(takes)
        self.standing.show_settings(opened.settings)
        self.recent.add(opened.path)
        self.pages.setCurrentIndex(1)
        self.timeline.setFocus()
        self.setWindowTitle(f"{opened.path.name} – Sottovoce")
        missing = ""
        if opened.offline:
            told = self.tr("{n} media files are missing; they are black and silent.")
            missing = told.format(n=len(opened.offline))
        notes = (opened.read_only, missing, *opened.differences, *opened.draft.scene.notes)
        count = len(opened.draft.regions)
        self._say("\n".join([self.tr("{n} regions.").format(n=count), *filter(None, notes)]))
        if opened.unsaved is not None:
            self._ask_about(opened.unsaved)

    def _ask_about(self, unsaved: Unsaved) -> None:
        """An earlier session ended before it was saved: whether its changes are gone on from."""

        def answered(wanted: bool) -> None:
            self.question = None
            try:
                self._desk.recover(wanted)
            except SottovoceError as error:
                self._say(str(error))
            if wanted:
                self.editor.do(self.tr("Recover changes"), lambda _: unsaved.draft)

        self.question = RecoverBox(unsaved, self)
        self.question.answered.connect(answered)
        self.question.open()

    def _show_files(self, files: SceneFiles) -> None:
        self._files = files
        self.viewer.show_movie(files.movie)
        self._say(self.tr("Scene: {movie}").format(movie=files.movie))

    def _look_at_disk(self) -> None:
        if self._opened is None or self.work.is_under_way or not self._desk.changed_on_disk():
            return
        draft = self.editor.draft

        def show(opened: Opened) -> None:
            self._opened = opened
            if opened.read_only:
                self.editor.open(opened.draft, read_only=opened.read_only)
            else:  # what was changed while it was read stays changed
                meanwhile = change_between(draft, self.editor.draft, "")
                self.editor.do(self.tr("Read changed timeline"), lambda _: changed(opened.draft, meanwhile))
            told = self.tr("The timeline was changed elsewhere and read again.")
            self._say("\n".join([told, *opened.differences]))

        self.work.start(lambda job: self._desk.reread(draft, job), show)

    def _read_takes(self) -> None:
        if self._opened is not None:
            self.reader.read()

    def _note_change(self, _: Draft, after: Draft) -> None:
        if self._opened is None:
            return
        try:
            self._desk.note(after, self.editor.done_last)
        except SottovoceError as error:
            self._say(str(error))

    def _caption(self, region_id: str) -> str:
        try:
            return self._desk.caption(self.editor.draft, region_id)
        except SottovoceError as error:
            return str(error)

    def _lay_out(self) -> None:
        self.message = QLabel(self.tr("Open a timeline, or drop one here."))
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.setAccessibleName(self.tr("Message"))
        self.progress = WorkBar()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        self.pages.addWidget(self.first_page)
        self.pages.addWidget(TimelinePane(self.editor, self.timeline))
        column.addWidget(self.pages, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 2, 8, 6)
        foot.addWidget(self.message, 1)
        foot.addWidget(self.progress)
        column.addLayout(foot)
        self.setCentralWidget(body)
        top, right = Qt.DockWidgetArea.TopDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        takes = self._dock(self.tr("Takes"), "takes", self.takes, top)
        viewer = self._dock(self.tr("Viewer"), "viewer", self.viewer, top)
        self.splitDockWidget(takes, viewer, Qt.Orientation.Horizontal)
        self._queue_dock = self._dock(self.tr("Queue"), "queue", self.queue_pane, top)
        self.tabifyDockWidget(takes, self._queue_dock)
        takes.raise_()
        self._dock(self.tr("Inspector"), "inspector", self.inspector, right)
        self.commands.fill(self.menuBar())[Group.FILE].insertMenu(self.commands["save"], self.recent_menu)
        self.setAcceptDrops(True)
        self.setWindowTitle("Sottovoce")
        self.resize(1280, 800)
        for key, restore in (("window/geometry", self.restoreGeometry), ("window/state", self.restoreState)):
            kept = self._settings.value(key)
            if kept is not None:
                restore(kept)

    def _dock(self, title: str, name: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self, registers: RegisterTable) -> None:
        self.work.busy.connect(self._set_busy)
        self.work.progressed.connect(self.progress.show_progress)
        self.work.said.connect(self._say)
        self.editor.draft_changed.connect(self._note_change)
        self.editor.refused.connect(self._say)
        self.queue.made.connect(self._read_takes)
        self.reader.failed.connect(self._say)
        self.queue.failed.connect(self._say)
        self.viewer.failed.connect(self._say)
        self.takes.take_shown.connect(self.viewer.show_take)
        self.waveforms.measured.connect(self.timeline.update)
        self.timeline.set_peaks(self.waveforms)
        self.timeline.activated.connect(lambda _: self.inspector.type_line())
        self.standing.changed.connect(lambda: self.timeline.set_states(self.standing.states))
        self.standing.changed.connect(self.inspector.show_current)
        self.inspector.set_warnings(self.standing.warnings)
        for number, register in enumerate(registers.registers[: len(REGISTER_KEYS)]):
            shortcut = QShortcut(QKeySequence(REGISTER_KEYS[number]), self)
            shortcut.setWhatsThis(self.tr("Register: {name}").format(name=register.name))
            shortcut.activated.connect(lambda number=number: self.marking.register(number))
        self.first_page.open_asked.connect(self._ask_for_timeline)
        self.first_page.example_asked.connect(self.open_example)
        self.first_page.recent_asked.connect(self.open_timeline)
        self.recent_menu.asked.connect(self.open_timeline)
        self.commands.connect_all(self._intents())
        keys = OwnKeys(self.timeline.setFocus, self)
        for pane in (self.inspector, self.takes, self.queue_pane, self.viewer):
            keys.watch(pane)

    def _intents(self) -> dict[str, Callable[[], object]]:
        mark, takes, view, stack = self.marking, self.takes, self.timeline, self.editor.stack
        return {
            "open": self._ask_for_timeline,
            "save": self.save,
            "splice": self._ask_for_folder,
            "export": self._ask_for_formats,
            "show_movie": lambda: self._show_file("movie"),
            "show_report": lambda: self._show_file("page"),
            "quit": self.close,
            "undo": stack.undo,
            "redo": stack.redo,
            "delete": mark.delete,
            "select_all": mark.select_all,
            "select_under": mark.select_under,
            "select_next": lambda: mark.select_beside(1),
            "select_before": lambda: mark.select_beside(-1),
            "mark_in": mark.mark_in,
            "mark_out": mark.mark_out,
            "clear_range": mark.clear_range,
            "split": mark.split,
            "trim_start": lambda: mark.trim(Edge.START),
            "trim_end": lambda: mark.trim(Edge.END),
            "nudge_left": lambda: mark.nudge(-1),
            "nudge_right": lambda: mark.nudge(1),
            "type_line": self.inspector.type_line,
            "paste_script": lambda: self._ask(ScriptDialog(self.editor, self)),
            "voices": lambda: self._ask(VoicesDialog(self.editor, self)),
            "play": self.viewer.toggle,
            "play_on": self.viewer.play_on,
            "play_back": self.viewer.play_back,
            "stop": self.viewer.stop,
            "loop": self.viewer.loop,
            "compare": self._compare_takes,
            "frame_back": lambda: mark.go_by(-1),
            "frame_on": lambda: mark.go_by(1),
            "second_back": lambda: mark.go_by_second(-1),
            "second_on": lambda: mark.go_by_second(1),
            "edit_before": lambda: mark.go_to_edit(-1),
            "edit_after": lambda: mark.go_to_edit(1),
            "go_to_start": mark.go_to_start,
            "go_to_end": mark.go_to_end,
            "circle": lambda: takes.mark("circled"),
            "alt": lambda: takes.mark("alt"),
            "approve": lambda: takes.mark("approved"),
            "reject": lambda: takes.mark("rejected"),
            "choose": takes.choose,
            "delete_take": takes.delete,
            "note_take": takes.write_note,
            "add_recording": self._ask_for_recording,
            "render_selected": lambda: self.render_regions(again=True),
            "render_changed": lambda: self.render_regions(again=False),
            "pause_queue": lambda: self.queue.pause(not self.queue.paused),
            "cancel": self.cancel,
            "zoom_in": view.zoom_in,
            "zoom_out": view.zoom_out,
            "zoom_all": view.zoom_to_all,
            "snap": self._toggle_snapping,
            "keys": lambda: self._ask(KeyMap(self.commands, self._registers, self)),
        }

    def _set_busy(self, busy: bool) -> None:
        on_a_timeline = (command.id for command in COMMANDS if command.id not in _WITHOUT_A_TIMELINE)
        self.commands.enable(on_a_timeline, self._opened is not None)
        self.commands.enable(("open",), not busy)
        self.commands.enable(_WRITING, not busy and self._opened is not None and not self._opened.read_only)
        self.commands.enable(("show_movie", "show_report"), self._files is not None)
        self.first_page.setEnabled(not busy)
        self.recent_menu.setEnabled(not busy)
        if self._opened is None and not busy:
            self.pages.setCurrentWidget(self.first_page)
        self.progress.setVisible(busy)
        self.progress.setRange(0, 0)

    def _compare_takes(self) -> None:
        current = self.editor.current
        self.viewer.compare(None if current is None else self.pile.chosen(current.id))

    def _toggle_snapping(self) -> None:
        self.timeline.snapping = not self.timeline.snapping
        self._say(self.tr("Snapping is on.") if self.timeline.snapping else self.tr("Snapping is off."))

    def _ask_for_timeline(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in self._desk.suffixes())
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Open timeline"), "", f"{self.tr('Timelines')} ({kinds})")
        if chosen:
            self.open_timeline(Path(chosen))

    def _ask_for_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Splice into"))
        if chosen:
            self.splice_into(Path(chosen))

    def _ask(self, dialog: QDialog) -> None:
        """Shows a small window over this one; it goes when it is closed."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog = dialog
        dialog.open()

    def _ask_for_formats(self) -> None:
        dialog = ExportDialog(self._desk.formats(), self)
        dialog.accepted.connect(lambda: self._export(dialog.names))
        self._ask(dialog)

    def _export(self, names: tuple[str, ...]) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Export into"))
        if chosen:
            self.export_into(Path(chosen), names)

    def _ask_for_recording(self) -> None:
        current = self.editor.current
        if current is None:
            self._say(self.tr("Select the region that the recording belongs to first."))
            return
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Bring in a recording"))
        if chosen:
            self.add_recording(current.id, Path(chosen))

    def _show_file(self, name: str) -> None:
        if self._files is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(getattr(self._files, name))))

    def _say(self, text: str) -> None:
        self.message.setText(text)

    def _timeline_in(self, event: QDropEvent) -> Path | None:
        for url in event.mimeData().urls():
            if url.isLocalFile() and url.toLocalFile().lower().endswith(self._desk.suffixes()):
                return Path(url.toLocalFile())
        return None
