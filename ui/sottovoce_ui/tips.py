"""What a button is for, and the key that presses it, shown while the pointer rests on it."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton


def tell(button: QAbstractButton, about: str) -> None:
    """Says what a button does, in a few words, with the key that its text has at present."""
    keys = button.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    button.setToolTip(f"{about} ({keys})" if keys else about)
