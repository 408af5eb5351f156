"""The panes around the timeline, each in a dock that can be moved, closed and shown again.

A dock behind another one's tab is visible for Qt, and lies outside the window: its pane would go on measuring and painting
for nobody. So a pane is hidden while its dock lies behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

TOP = Qt.DockWidgetArea.TopDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One of them, where it lies until a person moves it."""

    name: str  # by which its place is remembered
    title: str
    widget: QWidget
    area: Qt.DockWidgetArea
    over: str = ""  # the name of the pane whose place it shares, as a tab behind it


def pane(name: str, title: object, widget: QWidget, area: Qt.DockWidgetArea, *, over: str = "") -> Pane:
    """One line for each."""
    return Pane(name=name, title=str(title), widget=widget, area=area, over=over)


def laid_out(window: QMainWindow, panes: Sequence[Pane]) -> dict[str, QDockWidget]:
    """A dock for each, in order: panes of one area lie beside each other."""
    window.setCorner(Qt.Corner.TopRightCorner, RIGHT)  # what is there is high rather than wide
    docks: dict[str, QDockWidget] = {}
    for pane in panes:
        dock = _dock(window, pane)
        window.addDockWidget(pane.area, dock)
        docks[pane.name] = dock
        if pane.over:
            window.tabifyDockWidget(docks[pane.over], dock)
    for pane in panes:
        if pane.over:
            docks[pane.over].raise_()
    return docks


def _dock(window: QMainWindow, pane: Pane) -> QDockWidget:
    dock = QDockWidget(QCoreApplication.translate("Docks", pane.title), window)
    dock.setObjectName(pane.name)
    keeps_room = pane.widget.sizePolicy()
    keeps_room.setRetainSizeWhenHidden(True)  # or the window would be laid out anew with every change of tabs
    pane.widget.setSizePolicy(keeps_room)
    dock.setWidget(pane.widget)

    def follow(seen: bool) -> None:
        """One that floats is behind none, wherever it lay before; Qt tells otherwise."""
        pane.widget.setVisible(seen or (dock.isFloating() and not dock.isHidden()))

    dock.visibilityChanged.connect(follow)
    dock.topLevelChanged.connect(lambda _: follow(not dock.isHidden()))
    return dock
