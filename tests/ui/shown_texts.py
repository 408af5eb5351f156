"""All that a window shows or says in words, and whether there is room for it."""

from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QSpinBox,
    QTabBar,
    QTableView,
    QWidget,
)

_QTS = ("qt_", "Scroll")  # names of what Qt makes and names itself


def texts_of(window: QWidget) -> Iterator[tuple[str, str]]:
    """Where each text is, and the text; what a person typed into fields is left out."""
    for action in window.findChildren(QAction):
        yield f"action {action.objectName()}", action.text()
        yield f"tip of action {action.objectName()}", action.toolTip()
    for widget in (window, *window.findChildren(QWidget)):
        if widget.objectName().startswith(_QTS):
            continue
        name = f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()}"
        yield f"tip of {name}", widget.toolTip()
        yield f"name of {name}", widget.accessibleName()
        yield f"description of {name}", widget.accessibleDescription()
        yield f"title of {name}", widget.windowTitle().removesuffix("Sottovoce[*]")
        for text in _own_texts(widget):
            yield name, text


def _own_texts(widget: QWidget) -> Iterator[str]:
    match widget:
        case QLabel() | QAbstractButton():
            yield widget.text()
        case QGroupBox() | QMenu():
            yield widget.title()
        case QLineEdit() | QPlainTextEdit():
            yield widget.placeholderText()
        case QComboBox():
            yield from (widget.itemText(index) for index in range(widget.count()))
        case QProgressBar():
            yield widget.format()
        case QTabBar():
            yield from (widget.tabText(index) for index in range(widget.count()))
        case QTableView():
            yield from _cells(widget.model())
        case QAbstractSpinBox():
            yield widget.specialValueText()
            if isinstance(widget, QSpinBox):
                yield widget.suffix()


def _cells(model: QAbstractItemModel) -> Iterator[str]:
    for column in range(model.columnCount(QModelIndex())):
        yield str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        for row in range(model.rowCount(QModelIndex())):
            yield str(model.index(row, column).data() or "")


def clipped_in(window: QWidget) -> list[str]:
    """Texts of buttons, labels and headings that are wider or taller than their place."""
    found = []
    for widget in window.findChildren(QWidget):
        if widget.isVisibleTo(window) and not widget.visibleRegion().isEmpty():
            found += [f"{type(widget).__name__}: {text}" for text in _clipped(widget)]
    return found


def _clipped(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel) and widget.wordWrap():
        if widget.heightForWidth(widget.width()) > widget.height():
            yield widget.text()
    elif isinstance(widget, QLabel | QAbstractButton) and widget.text():
        wide = widget.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, widget.text()).width()
        if wide > widget.width():
            yield widget.text()
    elif isinstance(widget, QTableView):
        header = widget.horizontalHeader()
        for column in range(header.count()):
            if not header.isSectionHidden(column) and header.sectionSizeHint(column) > header.sectionSize(column) + 1:
                yield str(widget.model().headerData(column, Qt.Orientation.Horizontal))
