"""Which formats the scene is written in, and what will not survive there."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sottovoce_ui.desk import ExportFormat

_NAME, _ABOUT, _LOST = range(3)
_PREFIX = "will not survive there: "  # of what is lost, as the list is headed so


class ExportDialog(QDialog):
    """A row for each format, to be ticked, with what is lost in it; the words below are all about the row looked at."""

    def __init__(self, formats: Sequence[ExportFormat], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = tuple(formats)
        self.setWindowTitle(self.tr("Export"))
        self.resize(980, 560)
        self.table = self._table()
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.told.setMinimumHeight(5 * self.fontMetrics().lineSpacing())
        self.told.setAccessibleName(self.tr("What will not survive there"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.agree = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.agree.setText(self.tr("&Export…"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.table, 1)
        column.addWidget(self.told)
        column.addWidget(buttons)
        self.table.currentCellChanged.connect(lambda row, *_: self._tell(row))
        self.table.itemChanged.connect(lambda _: self.agree.setEnabled(bool(self.names)))
        self.table.setCurrentCell(0, _NAME)
        self.agree.setEnabled(False)
        self.table.setFocus()

    @property
    def names(self) -> tuple[str, ...]:
        """The formats that are ticked."""
        return tuple(each.name for row, each in enumerate(self._formats) if self._is_ticked(row))

    def _table(self) -> QTableWidget:
        table = QTableWidget(len(self._formats), 3)
        table.setHorizontalHeaderLabels(
            [self.tr("Format"), self.tr("What it is"), self.tr("What will not survive there")]
        )
        table.setAccessibleName(self.tr("Formats"))
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        for row, each in enumerate(self._formats):
            for column, words in enumerate((each.name, each.about, self._lost(each))):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                table.setItem(row, column, item)
            ticked = table.item(row, _NAME)
            assert ticked is not None
            ticked.setFlags(ticked.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            ticked.setCheckState(Qt.CheckState.Unchecked)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_LOST, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return table

    def _lost(self, each: ExportFormat) -> str:
        return "; ".join(lost.removeprefix(_PREFIX) for lost in each.lost) or self.tr("Everything survives there.")

    def _is_ticked(self, row: int) -> bool:
        item = self.table.item(row, _NAME)
        return item is not None and item.checkState() is Qt.CheckState.Checked

    def _tell(self, row: int) -> None:
        if 0 <= row < len(self._formats):
            chosen = self._formats[row]
            lost = [f"• {each}" for each in chosen.lost] or [self.tr("Everything survives there.")]
            self.told.setText("\n".join([f"{chosen.name}: {chosen.about}", *lost]))
