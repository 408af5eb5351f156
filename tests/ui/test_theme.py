"""Contrast, as WCAG 2.2 counts it: 4.5 for text, 3 for what is greyed out or large."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from sottovoce_engine.registers import register_table
from sottovoce_ui.theme import palette_for
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
    ):
        assert contrast(palette.color(ground), palette.color(text)) >= 4.5
    colours = colours_of(palette)
    assert contrast(colours.clip, colours.dim) >= 3
    assert contrast(colours.ground, colours.dim) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lines_and_letters_can_be_read_on_every_register(qapp: QApplication, scheme: Qt.ColorScheme) -> None:
    assert qapp is not None
    colours = colours_of(palette_for(scheme))
    for name, region in region_colours_of(colours, register_table()).items():
        assert contrast(region.colour, region.letter) >= 4.5, name
        assert contrast(region.ground, colours.text) >= 4.5, name
        assert contrast(region.selected, colours.text) >= 4.5, name
