"""The splice pane: every join with its fade, its cut, its room tone and its figures; listen, splice, export.

┌ joins ──────────────────────────────────────────────┐
│ 00:00:04:12  timeline → Anna “close…”   80 ms  0 f … │
├ what is to be said of the current one ──────────────┤
│ Listen  As all others      Splice  Export  Written ▾ │
└─────────────────────────────────────────────────────┘
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from sottovoce_ui.actions import Actions
from sottovoce_ui.desk import SceneFiles
from sottovoce_ui.editor import Editor
from sottovoce_ui.splice.asking import JoinAsking
from sottovoce_ui.splice.hearing import JoinHearing
from sottovoce_ui.splice.model import JoinsModel
from sottovoce_ui.splice.reading import JoinsReader
from sottovoce_ui.splice.rows import AT
from sottovoce_ui.splice.table import JoinsTable
from sottovoce_ui.splice.words import moved_words, ms_words

if TYPE_CHECKING:  # a window is shown before anything is spliced
    from sottovoce_engine.join_wishes import JoinKey
    from sottovoce_engine.splice.values import SceneJoin

SPLICE, EXPORT, LISTEN, RESET = "splice", "export", "join_listen", "join_reset"


class SplicePane(QWidget):
    """A table of joins, and what can be done with the current one and with them all.

    Signals:
        listen_asked(SceneJoin): To jump to a join and loop it.
        open_asked(Path): A file of the last splice, to be shown outside.
        wanted(): The pane is asked for something, and is not to be seen.
    """

    listen_asked = Signal(object)
    wanted = Signal()
    open_asked = Signal(object)

    def __init__(
        self, editor: Editor, reader: JoinsReader, hearing: JoinHearing, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._reader = reader
        self.asking = JoinAsking(editor, self)
        self.model = JoinsModel(editor, reader, self.asking, hearing, self)
        self.table = JoinsTable(self.model)
        self.nothing, self.told, self.state = QLabel(), QLabel(), QLabel()
        self.written = QToolButton()
        self._key: JoinKey | None = None  # of the current join, and its row
        self._row = 0
        self._listed: SceneFiles | None = None
        self._lay_out()
        self._connect()
        self._show()

    @property
    def join(self) -> "SceneJoin | None":
        """The current one."""
        return self.model.join_at(self.table.currentIndex().row())

    def show_actions(self, actions: Actions) -> None:
        """The buttons are the window's commands, with their keys and whether they can be asked for."""
        for name in (LISTEN, RESET, "", SPLICE, EXPORT):
            if not name:
                self._foot.addStretch(1)
                continue
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._foot.addWidget(button)
        self._foot.addWidget(self.written)

    def come_up(self) -> None:
        """To be seen, with the keys in the table."""
        self.wanted.emit()
        self.table.setFocus()

    def listen(self) -> None:
        """Jumps to the current join and loops it."""
        join = self._current()
        if join is not None:
            self.listen_asked.emit(join)

    def go_beside(self, step: int) -> None:
        """The join after the current one (1), or before it (-1); without a current one, that beside the playhead."""
        if not self.isVisible():
            self.wanted.emit()
        count = self.model.rowCount()
        if not count:
            return
        row = self.table.currentIndex().row()
        if row < 0:
            frames = [self.model.frame_of(join) for join in self._reader.found.joins]
            after = sum(frame <= self._editor.playhead for frame in frames)
            row = after - 1 if step > 0 else after
        self._look_at(min(max(row + step, 0), count - 1))
        join = self.join
        if join is not None:
            self._editor.go_to(self.model.frame_of(join))

    def nudge(self, frames: int) -> None:
        join = self._current()
        if join is not None:
            self.asking.nudge(join, frames)

    def step_fade(self, step: int) -> None:
        join = self._current()
        if join is not None:
            self.asking.step_fade(join, step)

    def toggle_tone(self) -> None:
        join = self._current()
        if join is not None:
            self.asking.toggle_tone(join)

    def reset(self) -> None:
        join = self._current()
        if join is not None:
            self.asking.reset(join)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._reader.look(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._reader.look(False)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(760, 320)

    def _current(self) -> "SceneJoin | None":
        """The join that is asked for something; without one, or unseen, nothing is changed, and it is said."""
        if not self.isVisible():
            self.wanted.emit()
        elif self.join is not None:
            return self.join
        self._editor.refused.emit(self.tr("Choose a join first.") if self.model.rowCount() else self._why_nothing())
        return None

    def _connect(self) -> None:
        table = self.table
        table.listen_asked.connect(self.listen)
        table.nudged.connect(self.nudge)
        table.fade_stepped.connect(self.step_fade)
        table.reset_asked.connect(self.reset)
        table.selectionModel().currentRowChanged.connect(lambda *_: self._keep_place())
        self.model.modelReset.connect(self._find_place)
        self.model.dataChanged.connect(lambda *_: self._tell())
        self._reader.changed.connect(self._show)

    def _keep_place(self) -> None:
        join = self.join
        if join is not None:
            self._key, self._row = join.key, self.table.currentIndex().row()
        self._tell()

    def _find_place(self) -> None:
        """The current join stays so while it is there; else it is the one in its place."""
        row = self.model.row_of(self._key)
        if row < 0 and self._key is not None:
            row = min(self._row, self.model.rowCount() - 1)
        if row >= 0:
            self._look_at(row)

    def _look_at(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        column = max(AT, self.table.currentIndex().column())
        self.table.selectionModel().setCurrentIndex(self.model.index(row, column), flags)
        self.table.scrollTo(self.model.index(row, column))

    def _show(self) -> None:
        found = self._reader.found
        self._pages.setCurrentIndex(1 if found.joins else 0)
        self.nothing.setText(self._why_nothing())
        self.state.setText(self._standing())
        self._list_files(found.files)
        self._tell()

    def _why_nothing(self) -> str:
        if self._reader.problem:
            return self._reader.problem
        if not self._editor.draft.regions:
            return self.tr("Mark regions and render them: where their takes meet the timeline are joins.")
        if self._reader.is_reading or not self._reader.is_current:
            return self.tr("Looking for joins …")
        return self.tr("No region has a take yet, so there is nothing to join. Render first.")

    def _standing(self) -> str:
        """How the last splice stands to the scene as it is."""
        found = self._reader.found
        if not found.joins:
            return ""
        if found.files is None:
            return self.tr("Not spliced yet: figures come with the splice, or with listening.")
        if found.current and self._reader.is_current:
            return self.tr("✓ As spliced last.")
        return self.tr("↻ Changed since the last splice.")

    def _tell(self) -> None:
        """What is to be said of the current join: what could not be done, and how far it can go."""
        join = self.join
        if join is None:
            some = bool(self.model.rowCount())
            self.told.setText(self.tr("Choose a join with the arrow keys; Return loops it.") if some else "")
            return
        half, rate = join.fade.length // 2, self._editor.scene.rate
        earlier = max(0, join.at - half - join.room.start)
        later = max(0, join.room.end - half - join.at)
        room = self.tr(
            "Room for the cut: {earlier} earlier, {later} later; for the fade: {fade}. No word is cut."
        ).format(
            earlier=moved_words(earlier, rate).lstrip("+"),
            later=moved_words(later, rate).lstrip("+"),
            fade=ms_words(join.room.length),
        )
        self.told.setText("\n".join([*(f"▲ {note}" for note in join.notes), room]))

    def _list_files(self, files: SceneFiles | None) -> None:
        if files == self._listed and self.written.menu() is not None:
            return
        self._listed = files
        menu = QMenu(self.written)
        for title, path in () if files is None else self._files(files):
            action = menu.addAction(f"{title}: {path.name}")
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self.open_asked.emit(path))
        before = self.written.menu()
        self.written.setMenu(menu)
        if before is not None:
            before.deleteLater()
        self.written.setEnabled(files is not None)

    def _files(self, files: SceneFiles) -> list[tuple[str, Path]]:
        named = [
            (self.tr("Movie"), files.movie),
            (self.tr("Review movie"), files.mp4),
            (self.tr("Timeline"), files.timeline),
            (self.tr("Timeline with media"), files.bundle),
            (self.tr("Report"), files.page),
            *((self.tr("Stem"), path) for path in files.stems),
            (self.tr("Folder"), files.movie.parent),
        ]
        return [(title, path) for title, path in named if path is not None]

    def _lay_out(self) -> None:
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.nothing.setMargin(16)
        self.told.setWordWrap(True)
        self.told.setAccessibleName(self.tr("About this join"))
        self.state.setAccessibleName(self.tr("State of the splice"))
        self.written.setText(self.tr("Last splice"))
        self.written.setToolTip(self.tr("The files of the last splice: movie, timeline, report, stems"))
        self.written.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.written.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        lower = QVBoxLayout()
        lower.setContentsMargins(8, 4, 8, 6)
        self._foot = QHBoxLayout()
        lower.addWidget(self.told)
        lower.addWidget(self.state)
        lower.addLayout(self._foot)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages, 1)
        column.addLayout(lower)
