"""The table of joins, with keys of its own while it has the focus.

Return          jumps there and loops it
, .             the cut one frame earlier, later
[ ]             the fade shorter, longer
digits, + -     write into the cell
Del             the join as all others
"""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from sottovoce_ui.fitted_columns import FittedColumns
from sottovoce_ui.splice.model import JoinsModel
from sottovoce_ui.splice.rows import BETWEEN

Key = Qt.Key

_RETURN = (Key.Key_Return, Key.Key_Enter)
_NUDGES = {Key.Key_Comma: -1, Key.Key_Period: 1}
_FADES = {Key.Key_BracketLeft: -1, Key.Key_BracketRight: 1}
_RESET = (Key.Key_Delete, Key.Key_Backspace)
_LEAST_WORDS = 170  # pixels
_WRITING = "0123456789+-−"
_OF_A_FIELD = (*_RETURN, Key.Key_Escape, Key.Key_Tab, Key.Key_Backtab)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class JoinsTable(QTableView):
    """Shows the model; what is asked of the current join is told.

    Signals:
        listen_asked(): To jump there and loop it.
        nudged(int): The cut, by frames.
        fade_stepped(int): Longer (1), shorter (-1).
        reset_asked(): As all others.
    """

    listen_asked = Signal()
    nudged = Signal(int)
    fade_stepped = Signal(int)
    reset_asked = Signal()

    def __init__(self, model: JoinsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_Writing(self))
        self.setAccessibleName(self.tr("Joins"))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QTableView.EditTrigger.DoubleClicked
            | QTableView.EditTrigger.EditKeyPressed
            | QTableView.EditTrigger.AnyKeyPressed
        )
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        FittedColumns(self, sharing={BETWEEN: _LEAST_WORDS})  # where that is too much, the table is scrolled

    def event(self, event: QEvent) -> bool:
        """Its own keys are not the window's while it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key = Key(event.key())
        if event.modifiers() not in _PLAIN or self.state() is QTableView.State.EditingState:
            super().keyPressEvent(event)
        elif key in _RETURN:
            self.listen_asked.emit()
        elif key in _NUDGES:
            self.nudged.emit(_NUDGES[key])
        elif key in _FADES:
            self.fade_stepped.emit(_FADES[key])
        elif key in _RESET:
            self.reset_asked.emit()
        else:
            super().keyPressEvent(event)


class _Writing(QStyledItemDelegate):
    """A field in a cell that keeps the keys it needs."""

    def createEditor(  # noqa: N802
        self, parent: QWidget, _: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        heading = index.model().headerData(index.column(), Qt.Orientation.Horizontal)
        editor.setAccessibleName(str(heading).replace("\n", " "))
        return editor

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:  # noqa: N802
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and Key(event.key()) in _OF_A_FIELD:
            event.accept()
            return True
        return super().eventFilter(editor, event)


def _is_own(event: QKeyEvent) -> bool:
    key = Key(event.key())
    own = key in (*_RETURN, *_NUDGES, *_FADES, *_RESET) or (event.text() and event.text() in _WRITING)
    return bool(own) and event.modifiers() in _PLAIN
