"""The timelines that were open last, remembered between sessions."""

from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QMenu, QWidget

MOST = 10
_KEY = "recent"


class Recent(QObject):
    """At most ten timelines, the newest first.

    Signals:
        changed(): There is another one, or the order is another.
    """

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings

    @property
    def paths(self) -> tuple[Path, ...]:
        """Those that are still there."""
        return tuple(path for path in self._kept() if path.is_file())

    def add(self, path: Path) -> None:
        """Puts a timeline first. One that is gone for now keeps its place: its disk may come back."""
        path = path.absolute()
        kept = [path, *(each for each in self._kept() if each != path)][:MOST]
        self._settings.setValue(_KEY, [str(each) for each in kept])
        self.changed.emit()

    def _kept(self) -> list[Path]:
        found = self._settings.value(_KEY) or []
        return [Path(each) for each in ([found] if isinstance(found, str) else found)]  # Qt reads a list of one as text


class RecentMenu(QMenu):
    """The same as a menu.

    Signals:
        asked(Path): This one is wanted.
    """

    asked = Signal(object)

    def __init__(self, recent: Recent, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Open &recent"))
        self._recent = recent
        recent.changed.connect(self._fill)
        self.aboutToShow.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self.clear()
        for path in self._recent.paths:
            action = self.addAction(shown_name(path))
            action.triggered.connect(lambda _=False, path=path: self.asked.emit(path))
        self.menuAction().setEnabled(not self.isEmpty())


def shown_name(path: Path) -> str:
    """A timeline and the folder it lies in; an ampersand in a name is no accelerator."""
    return f"{path.name}  –  {path.parent}".replace("&", "&&")
