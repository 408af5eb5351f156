"""A timeline is opened: read, its missing media asked about, shown, an earlier session's changes offered, read again.

asked for ──► read ──► media missing? ──► relinked ──► shown ──► unsaved changes?
                        no ─────────────────────────────►│
                                       changed elsewhere ┘ read again
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sottovoce_engine.editing.changes import change_between, changed
from sottovoce_engine.progress import Job
from sottovoce_ui.asking import Dialogs
from sottovoce_ui.desk import Desk, Opened, Unsaved
from sottovoce_ui.dialogs.recover import RecoverBox
from sottovoce_ui.dialogs.relink import RelinkDialog
from sottovoce_ui.editor import Editor
from sottovoce_ui.keeping import Keeping
from sottovoce_ui.takes.pile import Takes
from sottovoce_ui.work import Work


class Opening(QObject):
    """The open timeline, and how it comes to be open.

    Signals:
        let_go(): Nothing is open any more: no key and no field, and nothing that ends later, changes what was.
        shown(Opened, Takes): A timeline is open.
        said(str): What a person should know.
    """

    let_go = Signal()
    shown = Signal(object, object)
    said = Signal(str)

    def __init__(self, desk: Desk, editor: Editor, keeping: Keeping, work: Work, dialogs: Dialogs) -> None:
        super().__init__(dialogs)
        self._desk = desk
        self._editor = editor
        self._keeping = keeping
        self._work = work
        self._dialogs = dialogs
        self.now: Opened | None = None
        self.question: RecoverBox | None = None  # that waits for an answer

    def open_timeline(self, path: Path) -> None:
        """Saves what is open, then reads a timeline in the background."""
        self._open(lambda _: path, self.tr("Reading {name} …").format(name=path.name))

    def open_example(self) -> None:
        """Writes the example scene where the person's timelines lie, and opens it."""
        self._open(self._desk.example, self.tr("Writing the example scene …"))

    def close(self) -> None:
        """Lets go of what is open."""
        self.now = None
        self._keeping.end()
        self.let_go.emit()

    def look_at_disk(self) -> None:
        """Reads the timeline again if it was changed elsewhere; what was changed here stays changed."""
        if self.now is not None and not self._work.is_under_way:
            self._keeping.look_at_disk(self._read_again)

    def _read_again(self) -> None:
        if self.now is None or self._work.is_under_way:
            return
        draft, kept = self._editor.draft, self._keeping.settle()

        def read(job: Job) -> Opened:
            kept.wait(job)
            return self._desk.reread(draft, job)

        def show(opened: Opened) -> None:
            self.now = opened
            if opened.read_only:
                self._editor.open(opened.draft, read_only=opened.read_only)
            else:  # what was changed while it was read stays changed
                meanwhile = change_between(draft, self._editor.draft, "")
                self._editor.do(self.tr("Read changed timeline"), lambda _: changed(opened.draft, meanwhile))
            told = self.tr("The timeline was changed elsewhere and read again.")
            self.said.emit("\n".join([told, *opened.differences]))

        self._work.start(read, show)

    def _open(self, find: Callable[[Job], Path], told: str) -> None:
        """Once all that was changed is on the disk, also what is changed while it is saved."""
        if self._keeping.is_dirty or not self._keeping.is_idle:
            self.said.emit(self.tr("Saving …"))
            self._work.start(self._keeping.save().wait, lambda _: self._open(find, told))
            return
        self.close()
        self.said.emit(told)
        self._work.start(lambda job: self._read(find(job), job), lambda found: self._look_for_media(*found))

    def _read(self, path: Path, job: Job) -> tuple[Opened, Takes]:
        opened = self._desk.open(path, job)
        return opened, self._desk.takes(job)

    def _look_for_media(self, opened: Opened, takes: Takes) -> None:
        """Missing media are asked about before the timeline is shown."""
        if not opened.offline:
            self._show(opened, takes)
            return
        dialog = RelinkDialog(self._desk, opened.offline, self._dialogs.window)
        dialog.accepted.connect(lambda: self._relink(opened, takes, dialog.files))
        dialog.rejected.connect(self._leave_closed)
        self._dialogs.show(dialog)

    def _relink(self, opened: Opened, takes: Takes, files: Mapping[Path, Path]) -> None:
        if files:
            self._work.start(lambda job: self._desk.relinked(files, job), lambda found: self._show(found, takes))
        else:
            self._show(opened, takes)

    def _leave_closed(self) -> None:
        self._desk.close()
        self.said.emit(self.tr("Not opened: media are missing."))

    def _show(self, opened: Opened, takes: Takes) -> None:
        self.now = opened
        self._keeping.begin(opened.draft)
        self._editor.open(opened.draft, read_only=opened.read_only)
        self.shown.emit(opened, takes)
        missing = ""
        if opened.offline:
            missing = self.tr("%n media files are missing; they are black and silent.", "", len(opened.offline))
        notes = (opened.read_only, missing, *opened.differences, *opened.draft.scene.notes)
        count = len(opened.draft.regions)
        self.said.emit("\n".join([self.tr("%n regions.", "", count), *filter(None, notes)]))
        if opened.unsaved is not None:
            self._ask_about(opened.unsaved)

    def _ask_about(self, unsaved: Unsaved) -> None:
        """An earlier session ended before it was saved: whether its changes are gone on from."""

        def answered(wanted: bool) -> None:
            self.question = None
            self._keeping.recover(wanted)
            if wanted:
                self._editor.do(self.tr("Recover changes"), lambda _: unsaved.draft)

        self.question = RecoverBox(unsaved, self._dialogs.window)
        self.question.answered.connect(answered)
        self.question.open()
