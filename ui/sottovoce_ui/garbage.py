"""Python's garbage is looked for by the window's thread alone, a little at a time.

By itself Python looks wherever a value too many is made, in any thread. What it finds there it destroys there, and Qt does not
survive a widget that is destroyed outside the window's thread. It also stops all threads while it looks, for 0.3 µs a value
and several times that on a busy machine: the window with them.
"""

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

_EVERY_MS = 50
_NEW = 2_000  # values that are worth a look
_LOOKS = 4  # at new values, before those that stayed are looked at, too: after ten of them that takes 11 to 25 ms
_WHOLE = 125  # such looks, before everything is: for that the person has to be elsewhere


class Garbage(QObject):
    """Looks as long as it lives. The application's: there is one for all windows."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.destroyed.connect(gc.enable)

    def look(self) -> None:
        """As far as it is worth it."""
        new, looks, whole = gc.get_count()
        away = QGuiApplication.applicationState() is not Qt.ApplicationState.ApplicationActive
        if away and whole >= _WHOLE:
            gc.collect()
        elif looks >= _LOOKS:
            gc.collect(1)
        elif new >= _NEW:
            gc.collect(0)
