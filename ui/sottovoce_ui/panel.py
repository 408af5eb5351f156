"""The panel's window: the timeline and its regions, the inspector, takes and the queue. It only puts them together.

┌ menus ────────────────┬─────────┬───────────┐
│ takes, queue, splice  │ viewer  │ inspector │
├───────────────────────┴─────────┤           │
│ timeline: a lane for each voice │           │
├ message ────────────────────────┴───────────┤

A pane is a line in `_panes`, a command a line in `commands.py` and one in `intents.py`.
"""

from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, QEvent, QSettings, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.planned import PlanSettings
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Raster, Scene
from sottovoce_engine.take import Take
from sottovoce_ui.actions import Actions
from sottovoce_ui.asking import Dialogs
from sottovoce_ui.background import wait_until
from sottovoce_ui.commands import REGISTER_KEYS, Group, Needs
from sottovoce_ui.desk import Desk, Opened, SceneFiles
from sottovoce_ui.dialogs.relink import RelinkDialog
from sottovoce_ui.docks import RIGHT, TOP, Pane, laid_out, pane
from sottovoce_ui.editor import Editor
from sottovoce_ui.first_page import FirstPage
from sottovoce_ui.inspector import Inspector
from sottovoce_ui.intents import intents
from sottovoce_ui.keeping import Keeping
from sottovoce_ui.making import Making
from sottovoce_ui.marking import Marking
from sottovoce_ui.opening import Opening
from sottovoce_ui.own_keys import OwnKeys
from sottovoce_ui.progress_bar import WorkBar
from sottovoce_ui.queue.estimates import Estimates
from sottovoce_ui.queue.pane import QueuePane
from sottovoce_ui.queue.runner import RenderQueue
from sottovoce_ui.recent import Recent, RecentMenu
from sottovoce_ui.results import Results
from sottovoce_ui.splice.joins import Joins
from sottovoce_ui.standing import Standing
from sottovoce_ui.suggesting import Suggesting
from sottovoce_ui.takes.pane import TakesPane
from sottovoce_ui.takes.pile import Pile, Takes
from sottovoce_ui.takes.reading import TakesReader
from sottovoce_ui.timeline.headers import TimelinePane
from sottovoce_ui.timeline.thumbnails import Thumbnails
from sottovoce_ui.timeline.view import TimelineView
from sottovoce_ui.timeline.waveforms import Waveforms
from sottovoce_ui.viewer import Viewer
from sottovoce_ui.work import Work

_NOTHING = Draft(scene=Scene(name="", rate=Fraction(24), length_frames=0, raster=Raster(width=16, height=16)))


class Panel(QMainWindow):
    """One timeline at a time."""

    def __init__(self, desk: Desk, registers: RegisterTable, settings: QSettings) -> None:
        super().__init__()
        self._desk = desk
        self._settings = settings
        self._leaving = False
        self.registers = registers
        self.dialogs = Dialogs(self)
        self.work = Work(self)
        self.editor = Editor(_NOTHING, self)
        self.keeping = Keeping(desk, self.editor, self)
        self.opening = Opening(desk, self.editor, self.keeping, self.work, self.dialogs)
        self.pile = Pile(self.editor, self)
        self.reader = TakesReader(desk, self.pile, self)
        self.queue = RenderQueue(desk, self.editor, PlanSettings(), self)
        self.making = Making(desk, self.editor, self.queue, self.work, self.dialogs)
        self.results = Results(desk, self.editor, self.keeping, self.work, self.dialogs)
        self.suggesting = Suggesting(desk, self.editor, registers, self.work, self.dialogs)
        self.standing = Standing(desk, self.editor, self.pile, self)
        self.waveforms = Waveforms(desk.peaks, self)
        self.thumbnails = Thumbnails(desk.thumbnail, self)
        self.marking = Marking(self.editor, registers, self)
        self.timeline = TimelineView(self.editor, registers)
        self.inspector = Inspector(self.editor, registers, self._caption)
        self.takes = TakesPane(self.editor, self.pile, registers, desk)
        self.viewer = Viewer(self.editor)
        self.estimates = Estimates(self.editor, self.standing, self)
        self.queue_pane = QueuePane(self.queue, self.editor, self.estimates)
        self.joins = Joins(desk, self.editor, self.pile, self.viewer, self)
        self.recent = Recent(settings, self)
        self.recent_menu = RecentMenu(self.recent, self)
        self.first_page = FirstPage(self.recent)
        self.commands = Actions(self, settings)
        self._lay_out()
        self._tell()
        self._connect()
        self._answer_keys()
        self._set_busy(False)

    def open_timeline(self, path: Path) -> None:
        """Saves what is open, then reads a timeline in the background."""
        if self._may_open():
            self.opening.open_timeline(path)

    def open_example(self) -> None:
        """Writes the example scene where the person's timelines lie, and opens it."""
        if self._may_open():
            self.opening.open_example()

    def ask_for_timeline(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in self._desk.suffixes())
        chosen = self.dialogs.file(self.tr("Open timeline"), f"{self.tr('Timelines')} ({kinds})")
        if chosen is not None:
            self.open_timeline(chosen)

    def toggle_snapping(self) -> None:
        self.timeline.snapping = not self.timeline.snapping
        self.say(self.tr("Snapping is on.") if self.timeline.snapping else self.tr("Snapping is off."))

    def cancel(self) -> None:
        """Stops the work in progress; takes finished so far are kept."""
        self.work.cancel()
        self.queue.cancel()

    def say(self, text: str) -> None:
        """Shows a message at the foot of the window."""
        self.message.setText(text)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stops all work before the window goes, and saves; what cannot be saved stays in the journal."""
        if self._leaving:  # its end is waited for
            event.ignore()
            return
        self._leaving = True
        relinking = self.findChild(RelinkDialog)
        if relinking is not None:
            relinking.reject()
        self.work.stop()
        self.queue.cancel()
        wait_until(
            lambda: not self.work.is_under_way and not self.queue.is_running, lambda: self.say(self.tr("Stopping …"))
        )
        self.standing.stop()
        self.joins.stop()
        self.keeping.save()
        wait_until(lambda: self.keeping.is_idle, lambda: self.say(self.tr("Saving …")))
        self.keeping.stop()
        self.opening.close()
        for painted in (self.waveforms, self.thumbnails, self.takes):  # after all waiting: what is painted is asked for
            painted.stop()
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
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and not self._leaving:
            self.opening.look_at_disk()

    def _panes(self) -> tuple[Pane, ...]:
        return (
            pane("takes", QT_TRANSLATE_NOOP("Docks", "Takes"), self.takes, TOP),
            pane("viewer", QT_TRANSLATE_NOOP("Docks", "Viewer"), self.viewer, TOP),
            pane("queue", QT_TRANSLATE_NOOP("Docks", "Queue"), self.queue_pane, TOP, over="takes"),
            pane("splice", QT_TRANSLATE_NOOP("Docks", "Splice"), self.joins.pane, TOP, over="takes"),
            pane("inspector", QT_TRANSLATE_NOOP("Docks", "Inspector"), self.inspector, RIGHT),
        )

    def _lay_out(self) -> None:
        self.message = QLabel(self.tr("Open a timeline, or drop one here."))
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.setAccessibleName(self.tr("Message"))
        self.progress = WorkBar()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.first_page)
        self.pages.addWidget(TimelinePane(self.editor, self.timeline))
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 2, 8, 6)
        foot.addWidget(self.message, 1)
        foot.addWidget(self.progress)
        column.addLayout(foot)
        self.setCentralWidget(body)
        self.docks = laid_out(self, self._panes())
        self.commands.fill(self.menuBar())[Group.FILE].insertMenu(self.commands["save"], self.recent_menu)
        self.setAcceptDrops(True)
        self.setWindowTitle("Sottovoce[*]")
        self.resize(1280, 800)
        for key, restore in (("window/geometry", self.restoreGeometry), ("window/state", self.restoreState)):
            kept = self._settings.value(key)
            if kept is not None:
                restore(kept)

    def _tell(self) -> None:
        """Whatever has something to say says it in the message."""
        for said in (
            self.work.said,
            self.keeping.said,
            self.opening.said,
            self.making.said,
            self.results.said,
            self.suggesting.said,
            self.editor.refused,
            self.reader.failed,
            self.queue.failed,
            self.viewer.failed,
            self.joins.said,
        ):
            said.connect(self.say)

    def _connect(self) -> None:
        self.work.busy.connect(self._set_busy)
        self.work.progressed.connect(self.progress.show_progress)
        self.keeping.changed.connect(lambda: self.setWindowModified(self.keeping.is_dirty))
        self.opening.let_go.connect(self._let_go)
        self.opening.shown.connect(self._show_opened)
        self.estimates.changed.connect(self._tell_estimates)
        self.queue.made.connect(self._read_takes)
        self.making.made.connect(self._read_takes)
        self.making.queued.connect(self.docks["queue"].show)
        self.results.spliced.connect(self._show_spliced)
        self.results.found.connect(self._show_found)
        self.joins.found.connect(self.results.find)
        self.joins.pane.open_asked.connect(self.results.show_file)
        self.joins.pane.wanted.connect(self.docks["splice"].show)
        self.joins.pane.wanted.connect(self.docks["splice"].raise_)
        self.joins.pane.show_actions(self.commands)
        self.suggesting.play_asked.connect(self.viewer.toggle)
        self.takes.take_shown.connect(self.viewer.show_take)
        self.waveforms.measured.connect(self.timeline.update)
        self.timeline.set_peaks(self.waveforms)
        self.thumbnails.made.connect(self.timeline.update)
        self.timeline.set_pictures(self.thumbnails)
        self.timeline.activated.connect(lambda _: self.inspector.type_line())
        self.standing.changed.connect(lambda: self.timeline.set_states(self.standing.states))
        self.standing.changed.connect(self.inspector.show_current)
        self.inspector.set_warnings(self.standing.warnings)
        self.inspector.set_takes(self._chosen_take)
        self.first_page.open_asked.connect(self.ask_for_timeline)
        self.first_page.example_asked.connect(self.open_example)
        self.first_page.recent_asked.connect(self.open_timeline)
        self.recent_menu.asked.connect(self.open_timeline)

    def _answer_keys(self) -> None:
        self.commands.connect_all(intents(self))
        for key, register in zip(REGISTER_KEYS, enumerate(self.registers.registers), strict=False):
            number, named = register
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setWhatsThis(self.tr("Register: {name}").format(name=named.name))
            shortcut.activated.connect(lambda number=number: self.marking.register(number))
        keys = OwnKeys(self.timeline.setFocus, self)
        for dock in self.docks.values():
            keys.watch(dock.widget())

    def _may_open(self) -> bool:
        if self.queue.is_running:
            self.say(self.tr("Regions are being rendered. Stop that first, or let it finish."))
        return not self.queue.is_running

    def _let_go(self) -> None:
        self.setWindowTitle("Sottovoce[*]")
        self.results.let_go()
        self.queue.cancel()
        self.queue.clear_finished()
        self.reader.stop()
        self.standing.pause()
        self.joins.pause()
        self.viewer.stop()
        self.editor.open(_NOTHING)
        self.pile.show_takes({})
        self.viewer.show_movie(None)

    def _show_opened(self, opened: Opened, takes: Takes) -> None:
        self.queue.settings = opened.settings
        self.pile.show_takes(takes)
        self.viewer.set_missing(str(each.path) for each in opened.offline)
        self.standing.show_settings(opened.settings)
        self.joins.reader.begin()
        self.recent.add(opened.path)
        self.pages.setCurrentIndex(1)
        self.timeline.setFocus()
        self.setWindowTitle(f"{opened.path.name}[*] – Sottovoce")
        self._set_busy(self.work.is_under_way)

    def _show_spliced(self, files: SceneFiles) -> None:
        self.viewer.show_movie(files.movie)
        self.joins.reader.read()

    def _show_found(self, files: SceneFiles) -> None:
        self.viewer.offer_movie(files.movie)
        self._set_busy(self.work.is_under_way)

    def _tell_estimates(self) -> None:
        self.commands.tell("render_changed", self.estimates.of_changed)
        self.commands.tell("render_selected", self.estimates.of_selection)

    def _read_takes(self) -> None:
        if self.opening.now is not None:
            self.reader.read()

    def _chosen_take(self, region_id: str) -> Take | None:
        chosen = self.pile.chosen(region_id)
        return None if chosen is None else chosen.take

    def _caption(self, region_id: str) -> str:
        try:
            return self._desk.caption(self.editor.draft, region_id)
        except SottovoceError as error:
            return str(error)

    def _set_busy(self, busy: bool) -> None:
        opened = self.opening.now
        self.commands.enable(Needs.IDLE, not busy)
        self.commands.enable(Needs.TIMELINE, opened is not None)
        self.commands.enable(Needs.WRITING, not busy and opened is not None and not opened.read_only)
        self.commands.enable(Needs.SCENE, self.results.files is not None)
        self.first_page.setEnabled(not busy)
        self.recent_menu.setEnabled(not busy)
        if opened is None and not busy:
            self.pages.setCurrentWidget(self.first_page)
        self.progress.setVisible(busy)
        self.progress.setRange(0, 0)

    def _timeline_in(self, event: QDropEvent) -> Path | None:
        for url in event.mimeData().urls():
            if url.isLocalFile() and url.toLocalFile().lower().endswith(self._desk.suffixes()):
                return Path(url.toLocalFile())
        return None
