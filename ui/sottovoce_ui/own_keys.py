"""Keys that a field, a list or a button uses itself while it has the focus, though they are the window's elsewhere.

list, choice box      arrows, Home, End
number                up, down
button                Space, Return
field                 Escape goes back to the timeline, and stops no render
all of them           Tab walks on; what is typed is undone by the one history there is
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

Key = Qt.Key

_TAB = {Key.Key_Tab, Key.Key_Backtab}
_UP_DOWN = {Key.Key_Up, Key.Key_Down}
_ALONG = {*_UP_DOWN, Key.Key_Left, Key.Key_Right, Key.Key_Home, Key.Key_End}
_OWN: tuple[tuple[type[QWidget], set[Qt.Key]], ...] = (
    (QAbstractItemView, _ALONG),
    (QComboBox, {*_ALONG, Key.Key_Space}),
    (QAbstractSpinBox, _UP_DOWN),
    (QAbstractButton, {Key.Key_Space}),
)
_FIELDS = (QLineEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox)


class OwnKeys(QObject):
    """Looks at keys before the window's shortcuts do."""

    def __init__(self, leave: Callable[[], None], parent: QObject) -> None:
        """`leave` is called where Escape is pressed in a field."""
        super().__init__(parent)
        self._leave = leave

    def watch(self, inside: QWidget) -> None:
        """All that can have the focus inside a widget."""
        for child in inside.findChildren(QWidget):
            if child.focusPolicy() != Qt.FocusPolicy.NoFocus:
                child.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._left(watched, event)
            return False
        if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):
            event.ignore()  # the window's
            return True
        if self._is_own(watched, event):
            event.accept()
            return True
        return False

    def _left(self, watched: QObject, event: QKeyEvent) -> bool:
        left = event.key() == Key.Key_Escape and isinstance(watched, _FIELDS)
        if left:
            self._leave()
        return left

    def _is_own(self, watched: QObject, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _TAB or (key == Key.Key_Escape and isinstance(watched, _FIELDS)):
            return True
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        return plain and any(isinstance(watched, kind) and key in keys for kind, keys in _OWN)
