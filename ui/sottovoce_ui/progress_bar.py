"""How far long work has come, in a bar."""

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
        left = "" if progress.seconds_left is None else self.tr(", {n:.0f} s left").format(n=progress.seconds_left)
        self.setFormat(f"{shown(progress.stage)} {progress.done}/{progress.total}{left}")
