"""A hand on the keyboard and the mouse of a shown panel: events go to its window, which gives them to what has the focus."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QWidget

from sottovoce_ui.panel import Panel

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


def linger(milliseconds: int) -> None:
    """Lets the window work for so long, and other threads too: `QTest.qWait` keeps Python's lock meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Hand:
    """What a person does at the window."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel

    def press(self, *keys: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """Keys, one after the other, to the window that is in front."""
        for key in keys:
            QTest.keyClick(self._front().windowHandle(), key, modifiers)
            QApplication.processEvents()

    def write(self, text: str) -> None:
        """Letters, to what has the focus."""
        for letter in text:
            QTest.keyClick(self._front().windowHandle(), letter)  # type: ignore[call-overload]  # the stubs lack it
            QApplication.processEvents()

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """The left button, in the middle of a widget or at a point of it."""
        place = widget.rect().center() if at is None else at
        window = widget.window()
        QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, PLAIN, widget.mapTo(window, place))
        QApplication.processEvents()

    def drag(self, widget: QWidget, start: QPoint, *through: QPoint, drop: bool = True) -> None:
        """The left button pressed at a point, moved through others, and let go at the last unless it is held."""
        window = widget.window()
        handle, left = window.windowHandle(), Qt.MouseButton.LeftButton
        QTest.mousePress(handle, left, PLAIN, widget.mapTo(window, start))
        for point in through:
            QTest.mouseMove(handle, widget.mapTo(window, point))
            linger(20)
        if drop:
            QTest.mouseRelease(handle, left, PLAIN, widget.mapTo(window, through[-1]))
        QApplication.processEvents()

    def answer(self, path: Path, ask: Callable[[], None]) -> None:
        """Does what opens a file dialog, and types a path into it."""

        def fill() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QFileDialog) or not dialog.isVisible():
                QTimer.singleShot(20, fill)
                return
            name = dialog.findChild(QLineEdit, "fileNameEdit")
            assert name is not None
            name.setFocus()
            name.selectAll()
            self.write(str(path))
            if name.text() != str(path):  # on a busy machine the dialog itself writes the folder it has just read
                QTimer.singleShot(20, fill)
                return
            self.press(Key.Key_Return)

        QTimer.singleShot(20, fill)
        ask()

    def dialog(self, kind: type[QDialog]) -> QDialog:
        """The small window that was just asked for, once it is in front."""
        self.wait(lambda: isinstance(QApplication.activeModalWidget(), kind))
        found = QApplication.activeModalWidget()
        assert isinstance(found, kind)
        return found

    def wait(self, reached: Callable[[], object], seconds: float = 30.0) -> None:
        """Lets the window work until something is so.

        Raises:
            TimeoutError: It never was.
        """
        until = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > until:
                raise TimeoutError(f"not reached; the window says: {self.panel.message.text()}")
            linger(10)

    def wait_until_idle(self) -> None:
        """Until nothing is read, rendered or written."""
        panel = self.panel
        self.wait(lambda: panel.commands["open"].isEnabled() and not panel.queue.is_running, 60.0)
        self.wait(lambda: panel.keeping.is_idle and not panel.reader.is_reading)

    def _front(self) -> QWidget:
        """The window in front, given the keys: a bare screen has no window manager that does so."""
        front = QApplication.activeModalWidget() or self.panel
        if not front.isActiveWindow():
            front.activateWindow()
            with suppress(TimeoutError):
                self.wait(front.isActiveWindow, 2.0)
        return front
