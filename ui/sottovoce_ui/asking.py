"""What the window asks a person for: files, folders, and small windows over it."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget


class Dialogs(QObject):
    """Small windows over a window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.window = window
        self.last: QDialog | None = None  # the one shown last

    def show(self, dialog: QDialog) -> None:
        """Shows one; it goes when it is closed."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.last = dialog
        dialog.open()

    def file(self, title: str, kinds: str = "") -> Path | None:
        """The file a person names, if any.

        Args:
            title: Of the dialog.
            kinds: What can be chosen, as Qt writes it: a name and patterns in brackets.
        """
        chosen, _ = QFileDialog.getOpenFileName(self.window, title, "", kinds)
        return Path(chosen) if chosen else None

    def folder(self, title: str) -> Path | None:
        """The folder a person names, if any."""
        chosen = QFileDialog.getExistingDirectory(self.window, title)
        return Path(chosen) if chosen else None
