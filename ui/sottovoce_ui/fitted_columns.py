"""Columns of a table as wide as what is seen in them; what is left of the width is shared by some.

    | 00:00:04:12 | timeline → Anna “close…”          | 80 ms | good |
     fitted        what is left, and never less than…  fitted  fitted

Qt's own way measures every column anew whenever a row is added, asking for all that there is to know of each cell, behind a
tab as well. Here a column grows with the cells that change, once for all changes of a moment, and while it is to be seen.
"""

from collections.abc import Collection, Mapping

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QHeaderView, QStyle, QTableView

_GRID = 1  # pixels between two cells
_PART = 1  # of a pixel, by which words are wider than they are told to be

Role = Qt.ItemDataRole


class FittedColumns(QObject):
    """Keeps the widths of one table."""

    def __init__(self, table: QTableView, *, sharing: Mapping[int, int], own: Collection[int] = ()) -> None:
        """Begins at once.

        Args:
            table: It has its model already.
            sharing: The columns that share what is left, each with its least width in pixels.
            own: Columns whose width is a person's, not ours.
        """
        super().__init__(table)
        self._table = table
        self._header = table.horizontalHeader()
        self._sharing = sharing
        self._fitted = tuple(
            column for column in range(self._header.count()) if column not in sharing and column not in own
        )
        self._headings: tuple[str, Mapping[int, int]] = ("", {})  # widths of headings in a font
        self._outdated: set[int] = set()
        self._anew = True  # columns may become narrower, too
        self._fitting = False  # what is resized is resized by us
        for column in (*self._fitted, *sharing):
            self._header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._fit)
        self._connect()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        match event.type():
            case QEvent.Type.Show if watched is self._table:
                self._fit()
            case QEvent.Type.FontChange | QEvent.Type.StyleChange if watched is self._table:
                self._begin_anew()
            case QEvent.Type.Resize if watched is self._table.viewport() and self._table.isVisible():
                self._share()
        return super().eventFilter(watched, event)

    def _connect(self) -> None:
        model = self._table.model()
        model.dataChanged.connect(self._note)
        model.rowsInserted.connect(lambda *_: self._ask(self._fitted))
        model.layoutChanged.connect(lambda *_: self._ask(self._fitted))
        model.modelReset.connect(self._begin_anew)
        self._table.verticalScrollBar().valueChanged.connect(lambda _: self._ask(self._fitted))
        self._header.sectionResized.connect(lambda _, before, after: self._follow(before, after))
        self._table.installEventFilter(self)
        self._table.viewport().installEventFilter(self)
        self._begin_anew()

    def _note(self, first: QModelIndex, last: QModelIndex) -> None:
        self._ask(range(first.column(), last.column() + 1))

    def _begin_anew(self) -> None:
        self._anew = True
        self._ask(self._fitted)

    def _ask(self, columns: Collection[int]) -> None:
        """Measures these, soon: several changes in a row are one."""
        self._outdated.update(columns)
        if not self._soon.isActive():
            self._soon.start(0)

    def _follow(self, before: int, after: int) -> None:
        """A person drags a column, or one is hidden."""
        if not self._fitting and before != after and self._table.isVisible():
            self._share()

    def _fit(self) -> None:
        if not self._table.isVisible():  # when it is shown, then
            return
        self._soon.stop()
        least = self._heading_widths()
        measured = {column for column in self._outdated if not self._header.isSectionHidden(column)}
        for column in measured.intersection(self._fitted):
            before = 0 if self._anew else self._header.sectionSize(column)
            self._resize(column, max(before, least[column], self._widest(column)))
        self._outdated -= measured
        self._anew = False
        self._share()

    def _widest(self, column: int) -> int:
        """Of the cells that are to be seen."""
        table, model = self._table, self._table.model()
        top, bottom = table.rowAt(0), table.rowAt(table.viewport().height() - 1)
        plain, margin = table.fontMetrics(), self._margin()
        widest = 0
        for row in range(max(0, top), (model.rowCount() if bottom < 0 else bottom + 1)):
            index = model.index(row, column)
            text = index.data(Role.DisplayRole)
            if text:
                font = index.data(Role.FontRole)
                metrics = QFontMetrics(font) if isinstance(font, QFont) else plain
                widest = max(widest, metrics.horizontalAdvance(str(text)))
        return widest + margin

    def _margin(self) -> int:
        """What a cell has beside its text, as Qt's own delegate lays it out."""
        focus = self._table.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self._table)
        return 2 * (focus + 1) + _PART + _GRID

    def _heading_widths(self) -> Mapping[int, int]:
        font = self._header.font().key()
        if self._headings[0] != font:
            self._headings = (
                font,
                {column: self._header.sectionSizeHint(column) for column in (*self._fitted, *self._sharing)},
            )
        return self._headings[1]

    def _share(self) -> None:
        least = self._heading_widths()
        shown = [column for column in self._sharing if not self._header.isSectionHidden(column)]
        others = self._header.length() - sum(self._header.sectionSize(column) for column in shown)
        left = self._table.viewport().width() - others
        for number, column in enumerate(shown):
            width = max(self._sharing[column], least[column], left // (len(shown) - number))
            left -= width
            self._resize(column, width)

    def _resize(self, column: int, width: int) -> None:
        if width != self._header.sectionSize(column):
            self._fitting = True
            self._header.resizeSection(column, width)
            self._fitting = False
