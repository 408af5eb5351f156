"""Contrast, as WCAG 2.2 counts it: 4.5 for text, 3 for what is greyed out or large."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QListWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from sottovoce_engine.registers import register_table
from sottovoce_ui.theme import OutlinedStyle, judged_colours, palette_for
from sottovoce_ui.timeline.colours import colours_of, region_colours_of

SCHEMES = (Qt.ColorScheme.Light, Qt.ColorScheme.Dark)


def contrast(one: QColor, other: QColor) -> float:
    def luminance(colour: QColor) -> float:
        def linear(value: float) -> float:
            return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

        return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_can_be_read_in_both_themes(qapp: QApplication, scheme: Qt.ColorScheme) -> None:
    assert qapp is not None
    palette, role = palette_for(scheme), QPalette.ColorRole
    for ground, text in (
        (role.Window, role.WindowText),
        (role.Base, role.Text),
        (role.Button, role.ButtonText),
        (role.Highlight, role.HighlightedText),
        (role.ToolTipBase, role.ToolTipText),
        (role.AlternateBase, role.Text),
        (role.Base, role.PlaceholderText),
        (role.Window, role.PlaceholderText),
        (role.Base, role.Link),
        (role.Window, role.Link),
    ):
        assert contrast(palette.color(ground), palette.color(text)) >= 4.5
    colours = colours_of(palette)
    assert contrast(colours.clip, colours.dim) >= 3
    assert contrast(colours.ground, colours.dim) >= 4.5
    for name, judged in judged_colours(palette).items():
        assert contrast(palette.color(role.Base), judged) >= 4.5, name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_outlines_focus_and_what_moves_can_be_seen_in_both_themes(qapp: QApplication, scheme: Qt.ColorScheme) -> None:
    assert qapp is not None
    palette, role = palette_for(scheme), QPalette.ColorRole
    colours = colours_of(palette)
    for ground in (role.Window, role.Base):
        assert contrast(palette.color(ground), palette.color(role.Mid)) >= 3
        assert contrast(palette.color(ground), palette.color(role.Highlight)) >= 3
        assert contrast(palette.color(ground), colours.playhead) >= 3
    for name, region in region_colours_of(colours, register_table()).items():
        assert contrast(region.edge, colours.lane) >= 3, name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_empty_box_and_an_empty_field_are_seen(qapp: QApplication, qtbot: QtBot, scheme: Qt.ColorScheme) -> None:
    """On the ground of a list, where Fusion alone draws both in its colour."""
    before = qapp.palette(), qapp.style().name()
    qapp.setStyle(OutlinedStyle())
    qapp.setPalette(palette_for(scheme))
    try:
        shown = QListWidget()
        qtbot.addWidget(shown)
        item = QListWidgetItem("srt")
        item.setCheckState(Qt.CheckState.Unchecked)
        shown.addItem(item)
        shown.resize(120, 60)
        assert furthest_from_ground(shown, QRect(2, 4, 18, 14)) >= 3
        field = QLineEdit()
        qtbot.addWidget(field)
        assert furthest_from_ground(field, QRect(0, 4, 4, 8)) >= 3
    finally:
        qapp.setPalette(before[0])
        qapp.setStyle(before[1])


def furthest_from_ground(widget: QWidget, where: QRect) -> float:
    """The greatest contrast of a pixel there with the widget's own ground."""
    ground, image = widget.palette().base().color(), widget.grab().toImage()
    inside = where.intersected(image.rect())
    places = [(x, y) for x in range(inside.left(), inside.right()) for y in range(inside.top(), inside.bottom())]
    return max(contrast(ground, image.pixelColor(x, y)) for x, y in places)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lines_and_letters_can_be_read_on_every_register(qapp: QApplication, scheme: Qt.ColorScheme) -> None:
    assert qapp is not None
    colours = colours_of(palette_for(scheme))
    for name, region in region_colours_of(colours, register_table()).items():
        assert contrast(region.colour, region.letter) >= 4.5, name
        assert contrast(region.ground, colours.text) >= 4.5, name
        assert contrast(region.selected, colours.text) >= 4.5, name
