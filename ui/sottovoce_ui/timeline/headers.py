"""The names of tracks and voices beside their rows."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollBar, QWidget

from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.colours import colours_of
from sottovoce_ui.timeline.rows import GAP, LANE, MAP, RULER, RowKind
from sottovoce_ui.timeline.view import TimelineView

WIDTH = 112


class Headers(QWidget):
    """One name for each row."""

    def __init__(self, editor: Editor, view: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(self.tr("Tracks and voices"))
        editor.opened.connect(self.update)
        editor.draft_changed.connect(self.update)
        view.scrolled_down.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(WIDTH, self._view.sizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        painter, colours = QPainter(self), colours_of(self.palette())
        painter.fillRect(self.rect(), colours.ground)
        painter.setClipRect(0, RULER, WIDTH, self.height() - RULER - MAP)
        for row in self._view.rows:
            if row.kind is RowKind.RULER:
                continue
            box = QRectF(0, row.top - self._view.down, WIDTH - 1, row.height)
            painter.fillRect(box, colours.clip)
            painter.setPen(colours.text if row.kind is RowKind.LANE else colours.dim)
            words = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideMiddle, WIDTH - 14)
            painter.drawText(box.adjusted(7, 0, -7, 0), Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


class TimelinePane(QWidget):
    """The view with its names."""

    def __init__(self, editor: Editor, view: TimelineView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.setAccessibleName(self.tr("Rows of the timeline"))
        self._bar.setToolTip(self.tr("More tracks and voices (Shift and the wheel)"))
        self._bar.valueChanged.connect(view.scroll_down_to)
        view.scrolled_down.connect(self._show_bar)
        self._show_bar()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(Headers(editor, view, self))
        row.addWidget(view, 1)
        row.addWidget(self._bar)

    def _show_bar(self) -> None:
        """Shown where not all rows fit."""
        view, bar = self.view, self._bar
        bar.setVisible(view.most_down > 0)
        bar.setPageStep(max(1, view.height() - RULER - MAP))
        bar.setSingleStep(GAP + LANE)
        bar.setRange(0, view.most_down)
        bar.setValue(view.down)
