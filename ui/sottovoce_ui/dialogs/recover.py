"""An earlier session ended before it was saved: whether its changes are gone on from."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from sottovoce_ui.desk import Unsaved


class RecoverBox(QMessageBox):
    """Asks.

    Signals:
        answered(bool): Whether they are.
    """

    answered = Signal(bool)

    def __init__(self, unsaved: Unsaved, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        told = self.tr(
            "The last session ended before it was saved. %n changes since {when} can be recovered; the last: {label}.",
            "",
            len(unsaved.labels),
        )
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(self.tr("Recover changes"))
        self.setText(told.format(when=unsaved.when, label=unsaved.labels[-1]))
        self.setInformativeText(self.tr("Put aside, they stay in a file beside the timeline's takes."))
        self.addButton(self.tr("&Recover"), QMessageBox.ButtonRole.AcceptRole)
        self.addButton(self.tr("&Put aside"), QMessageBox.ButtonRole.RejectRole)
        self.buttonClicked.connect(self._answer)

    def _answer(self, button: QAbstractButton) -> None:
        self.answered.emit(self.buttonRole(button) is QMessageBox.ButtonRole.AcceptRole)
