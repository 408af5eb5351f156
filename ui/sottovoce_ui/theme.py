"""Light and dark, following the system: neutral greys, so that colours on the timeline mean what they mean."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle, QStyleOption, QStyleOptionComplex, QWidget

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
    QPalette.ColorRole.Link: "#2a65a5",
    QPalette.ColorRole.Mid: "#7c7c7c",  # the outlines of fields and boxes
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
    QPalette.ColorRole.Mid: "#808080",
}
_DISABLED = {Qt.ColorScheme.Light: "#8c8c8c", Qt.ColorScheme.Dark: "#7d7d7d"}


_JUDGED_ON_LIGHT = {"passes": QColor("#1f7a3a"), "amber": QColor("#8a5a00"), "fails": QColor("#b3261e")}
_JUDGED_ON_DARK = {"passes": QColor("#5cc27a"), "amber": QColor("#e0a030"), "fails": QColor("#ff7a70")}


def judged_colours(palette: QPalette) -> Mapping[str, QColor]:
    """Of what passes, what is amber and what fails, as text on the palette's base."""
    return _JUDGED_ON_DARK if palette.base().color().lightnessF() < 0.5 else _JUDGED_ON_LIGHT


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


class OutlinedStyle(QProxyStyle):
    """Fusion, whose fields and boxes to tick have no outline that can be seen on a dark ground."""

    _OUTLINED = (
        QStyle.PrimitiveElement.PE_IndicatorCheckBox,
        QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck,
        QStyle.PrimitiveElement.PE_FrameLineEdit,
        QStyle.PrimitiveElement.PE_Frame,
    )

    def __init__(self) -> None:
        super().__init__("Fusion")

    def drawPrimitive(  # noqa: N802
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        super().drawPrimitive(element, option, painter, widget)
        if element in self._OUTLINED:
            _outline(painter, option)

    def drawComplexControl(  # noqa: N802
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        super().drawComplexControl(control, option, painter, widget)
        if control is QStyle.ComplexControl.CC_SpinBox:
            _outline(painter, option)


def _outline(painter: QPainter, option: QStyleOption) -> None:
    """Of what can be used; in the highlight's colour while it has the focus."""
    if not option.state & QStyle.StateFlag.State_Enabled:
        return
    focused = option.state & QStyle.StateFlag.State_HasFocus
    role = QPalette.ColorRole.Highlight if focused else QPalette.ColorRole.Mid
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(option.palette.color(role), 1))
    painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
    painter.restore()


def follow_system(application: QApplication) -> None:
    """One look on every system, light or dark as the system is, now and whenever that changes."""
    application.setStyle(OutlinedStyle())
    hints = application.styleHints()
    application.setPalette(palette_for(hints.colorScheme()))
    hints.colorSchemeChanged.connect(lambda scheme: application.setPalette(palette_for(scheme)))
