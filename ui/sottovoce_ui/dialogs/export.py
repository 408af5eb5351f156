"""Which formats the scene is written in, and what will not survive there."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sottovoce_ui.desk import ExportFormat


class ExportDialog(QDialog):
    """A list of formats to tick; the words beside it are about the one looked at."""

    def __init__(self, formats: Sequence[ExportFormat], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = {each.name: each for each in formats}
        self.setWindowTitle(self.tr("Export"))
        self.resize(720, 420)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Formats"))
        for each in formats:
            item = QListWidgetItem(each.name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.told.setAccessibleName(self.tr("What will not survive there"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.agree = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.agree.setText(self.tr("&Export…"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        both = QHBoxLayout()
        both.addWidget(self.list)
        both.addWidget(self.told, 1)
        column = QVBoxLayout(self)
        column.addLayout(both)
        column.addWidget(buttons)
        self.list.currentTextChanged.connect(self._tell)
        self.list.itemChanged.connect(lambda _: self.agree.setEnabled(bool(self.names)))
        self.list.setCurrentRow(0)
        self.agree.setEnabled(False)

    @property
    def names(self) -> tuple[str, ...]:
        """The formats that are ticked."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return tuple(item.text() for item in items if item.checkState() is Qt.CheckState.Checked)

    def _tell(self, name: str) -> None:
        chosen = self._formats.get(name)
        if chosen is None:
            return
        lost = [f"• {each}" for each in chosen.lost] or [self.tr("Everything survives there.")]
        self.told.setText("\n".join([chosen.about, "", self.tr("What will not survive there:"), *lost]))
