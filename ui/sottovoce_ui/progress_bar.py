"""How far long work has come, in a bar."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QProgressBar, QWidget

from sottovoce_engine.progress import Progress
from sottovoce_ui.words import shown


class WorkBar(QProgressBar):
    """The stage, how many of how many, and the time left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Progress"))

    def show_progress(self, progress: Progress) -> None:
        self.setRange(0, max(1, progress.total))
        self.setValue(progress.done)
        self.setFormat(told_progress(progress))


def told_progress(progress: Progress) -> str:
    """The stage, how many of how many, and the time left."""
    seconds = progress.seconds_left
    told = QCoreApplication.translate("WorkBar", ", {n:.0f} s left")
    left = "" if seconds is None else told.format(n=seconds)
    return f"{shown(progress.stage)} {progress.done}/{progress.total}{left}"
