"""Light and dark, following the system: neutral greys, so that colours on the timeline mean what they mean."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

_LIGHT = {
    QPalette.ColorRole.Window: "#ececec",
    QPalette.ColorRole.WindowText: "#1a1a1a",
    QPalette.ColorRole.Base: "#fafafa",
    QPalette.ColorRole.AlternateBase: "#f2f2f2",
    QPalette.ColorRole.Text: "#1a1a1a",
    QPalette.ColorRole.Button: "#e2e2e2",
    QPalette.ColorRole.ButtonText: "#1a1a1a",
    QPalette.ColorRole.Highlight: "#2f6fb3",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.ToolTipBase: "#ffffff",
    QPalette.ColorRole.ToolTipText: "#1a1a1a",
    QPalette.ColorRole.PlaceholderText: "#6b6b6b",
    QPalette.ColorRole.Link: "#2f6fb3",
}
_DARK = {
    QPalette.ColorRole.Window: "#2a2a2a",
    QPalette.ColorRole.WindowText: "#e4e4e4",
    QPalette.ColorRole.Base: "#1e1e1e",
    QPalette.ColorRole.AlternateBase: "#242424",
    QPalette.ColorRole.Text: "#e4e4e4",
    QPalette.ColorRole.Button: "#3a3a3a",
    QPalette.ColorRole.ButtonText: "#e4e4e4",
    QPalette.ColorRole.Highlight: "#4a8fd6",
    QPalette.ColorRole.HighlightedText: "#101010",
    QPalette.ColorRole.ToolTipBase: "#333333",
    QPalette.ColorRole.ToolTipText: "#e4e4e4",
    QPalette.ColorRole.PlaceholderText: "#9a9a9a",
    QPalette.ColorRole.Link: "#7fb2ea",
}
_DISABLED = {Qt.ColorScheme.Light: "#8c8c8c", Qt.ColorScheme.Dark: "#7d7d7d"}


def palette_for(scheme: Qt.ColorScheme) -> QPalette:
    """The palette of a scheme; of an unknown one the light one."""
    dark = scheme is Qt.ColorScheme.Dark
    palette = QPalette()
    for role, colour in (_DARK if dark else _LIGHT).items():
        palette.setColor(role, QColor(colour))
    grey = QColor(_DISABLED[Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light])
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, grey)
    return palette


def follow_system(application: QApplication) -> None:
    """One look on every system, light or dark as the system is, now and whenever that changes."""
    application.setStyle("Fusion")
    hints = application.styleHints()
    application.setPalette(palette_for(hints.colorScheme()))
    hints.colorSchemeChanged.connect(lambda scheme: application.setPalette(palette_for(scheme)))
