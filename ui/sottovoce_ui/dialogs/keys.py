"""The keyboard map: every command with its keys, which can be typed over."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import RegisterTable
from sottovoce_ui.actions import Actions, named
from sottovoce_ui.commands import COMMANDS, REGISTER_KEYS
from sottovoce_ui.tips import tell

_KEYS = 2  # the column


class KeyMap(QDialog):
    """A row for each command; a key that another one has is refused in words."""

    def __init__(self, actions: Actions, registers: RegisterTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setWindowTitle(self.tr("Keyboard map"))
        self.resize(640, 600)
        self.wanted = QLineEdit(placeholderText=self.tr("Find a command or a key"))
        self.wanted.setAccessibleName(self.tr("Find"))
        self.wanted.textChanged.connect(self._find)
        self.table = QTableWidget(len(COMMANDS), 3)
        self.table.setHorizontalHeaderLabels([self.tr("Menu"), self.tr("Command"), self.tr("Keys")])
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().hide()
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(self.tr("Commands and their keys"))
        for row, command in enumerate(COMMANDS):
            text = actions[command.id].text().replace("&", "")
            for column, words in enumerate((named(command.group), text, "  ".join(actions.keys(command.id)))):
                item = QTableWidgetItem(words)
                if column != _KEYS:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self.table.setItem(row, column, item)
        self.table.resizeColumnToContents(_KEYS)
        self.table.cellChanged.connect(self._give)
        numbers = zip(REGISTER_KEYS, registers.names, strict=False)
        told = QLabel("   ".join(f"{number} {name}" for number, name in numbers))
        told.setWordWrap(True)
        self.message = QLabel(self.tr("Type over the keys of a command; several are set apart by spaces."))
        self.message.setWordWrap(True)
        self.message.setAccessibleName(self.tr("Message"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.reset = QPushButton(self.tr("&Reset all"))
        tell(self.reset, self.tr("Every command has the keys it came with again"))
        self.reset.setAutoDefault(False)
        self.reset.clicked.connect(self._reset)
        buttons.addButton(self.reset, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.accept)
        layout = QVBoxLayout(self)
        for widget in (self.wanted, self.table, told, self.message, buttons):
            layout.addWidget(widget)
        self.table.setCurrentCell(0, _KEYS)
        self.wanted.setFocus()

    def _give(self, row: int, column: int) -> None:
        command, item = COMMANDS[row], self.table.item(row, column)
        if column != _KEYS or item is None:
            return
        before = "  ".join(self._actions.keys(command.id))
        if item.text() == before:
            return
        try:
            self._actions.set_keys(command.id, item.text().split())
            self.message.setText(self.tr("Changed."))
        except InputError as error:
            self.message.setText(str(error))
        item.setText("  ".join(self._actions.keys(command.id)))

    def _reset(self) -> None:
        self._actions.reset()
        for row, command in enumerate(COMMANDS):
            item = self.table.item(row, _KEYS)
            if item is not None:
                item.setText("  ".join(self._actions.keys(command.id)))
        self.message.setText(self.tr("Every command has the keys it came with again."))

    def _find(self, text: str) -> None:
        for row in range(self.table.rowCount()):
            words = " ".join(item.text() for column in range(3) if (item := self.table.item(row, column)) is not None)
            self.table.setRowHidden(row, text.casefold() not in words.casefold())
        first = next((row for row in range(self.table.rowCount()) if not self.table.isRowHidden(row)), None)
        if first is not None:
            self.table.setCurrentCell(first, _KEYS)  # ready to be typed over
