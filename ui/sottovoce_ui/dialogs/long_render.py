"""A render that takes long: whether it begins."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from sottovoce_engine.estimating import Estimate
from sottovoce_ui.queue.estimates import told_estimate


class LongRenderBox(QMessageBox):
    """Asks; Return goes on, Escape does not.

    Signals:
        answered(bool): Whether it does.
    """

    answered = Signal(bool)

    def __init__(self, estimate: Estimate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(self.tr("Render"))
        self.setText(self.tr("This render takes a while."))
        self.setInformativeText(told_estimate(estimate))
        go_on = self.addButton(self.tr("&Render"), QMessageBox.ButtonRole.AcceptRole)
        self.setEscapeButton(self.addButton(self.tr("&Not now"), QMessageBox.ButtonRole.RejectRole))
        self.setDefaultButton(go_on)
        self.buttonClicked.connect(self._answer)

    def _answer(self, button: QAbstractButton) -> None:
        self.answered.emit(self.buttonRole(button) is QMessageBox.ButtonRole.AcceptRole)
