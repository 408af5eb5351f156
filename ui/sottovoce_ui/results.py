"""What goes out of the panel: the spliced scene and exports, written in the background."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from sottovoce_engine.progress import Job
from sottovoce_ui.asking import Dialogs
from sottovoce_ui.desk import Desk, SceneFiles
from sottovoce_ui.dialogs.export import ExportDialog
from sottovoce_ui.editor import Editor
from sottovoce_ui.keeping import Keeping
from sottovoce_ui.work import Work


class Results(QObject):
    """Splices and exports the open timeline; each asks for its folder where none is named.

    Signals:
        spliced(SceneFiles): The scene lies there.
        found(SceneFiles): It lies there since an earlier session.
        said(str): What was written.
    """

    spliced = Signal(object)
    found = Signal(object)
    said = Signal(str)

    def __init__(self, desk: Desk, editor: Editor, keeping: Keeping, work: Work, dialogs: Dialogs) -> None:
        super().__init__(dialogs)
        self._desk = desk
        self._editor = editor
        self._keeping = keeping
        self._work = work
        self._dialogs = dialogs
        self.files: SceneFiles | None = None  # of the last splice of what is open

    def let_go(self) -> None:
        """What was spliced belongs to no open timeline any more."""
        self.files = None

    def find(self, files: SceneFiles) -> None:
        """What was spliced before the timeline was opened."""
        if self.files is None:
            self.files = files
            self.found.emit(files)

    def splice(self) -> None:
        folder = self._dialogs.folder(self.tr("Splice into"))
        if folder is not None:
            self.splice_into(folder)

    def splice_into(self, folder: Path) -> None:
        """Splices the chosen takes into `folder`."""
        draft, saved = self._editor.draft, self._keeping.save()

        def splice(job: Job) -> SceneFiles:
            saved.wait(job)
            return self._desk.splice(draft, folder, job)

        self._work.start(splice, self._show)

    def export(self) -> None:
        dialog = ExportDialog(self._desk.formats(), self._dialogs.window)
        dialog.accepted.connect(lambda: self._ask_where(dialog.names))
        self._dialogs.show(dialog)

    def export_into(self, folder: Path, names: Sequence[str]) -> None:
        """Writes the scene in these formats."""
        draft, saved = self._editor.draft, self._keeping.save()

        def export(job: Job) -> Sequence[Path]:
            saved.wait(job)
            return self._desk.export(draft, names, folder, job)

        def show(paths: Sequence[Path]) -> None:
            self.said.emit("\n".join(self.tr("Written: {path}").format(path=path) for path in paths))

        self._work.start(export, show)

    def show_movie(self) -> None:
        if self.files is not None:
            self.show_file(self.files.movie)

    def show_report(self) -> None:
        if self.files is not None:
            self.show_file(self.files.page)

    def show_file(self, path: Path) -> None:
        """In the program that the machine opens such files with."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _ask_where(self, names: Sequence[str]) -> None:
        folder = self._dialogs.folder(self.tr("Export into"))
        if folder is not None:
            self.export_into(folder, names)

    def _show(self, files: SceneFiles) -> None:
        self.files = files
        self.spliced.emit(files)
        self.said.emit(self.tr("Scene: {movie}").format(movie=files.movie))
