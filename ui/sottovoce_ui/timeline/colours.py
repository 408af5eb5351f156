"""Colours of the timeline, from the window's own palette: light and dark follow the system."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

from sottovoce_engine.registers import RegisterTable

FILL, SELECTED_FILL = 0.3, 0.42  # of a region's colour in its ground: words on it stay readable in both themes


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """What everything but the registers is drawn in."""

    ground: QColor
    lane: QColor
    line: QColor
    text: QColor
    dim: QColor
    clip: QColor
    wave: QColor
    range: QColor
    playhead: QColor
    selected: QColor


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionColours:
    """What regions of one register are drawn in."""

    colour: QColor
    ground: QColor
    selected: QColor  # the ground of a selected one
    letter: QColor  # on the register's own colour


def region_colours_of(colours: Colours, registers: RegisterTable) -> dict[str, RegionColours]:
    """By register."""
    found = {}
    for register in registers.registers:
        colour = QColor(register.colour)
        found[register.name] = RegionColours(
            colour=colour,
            ground=mixed(colours.lane, colour, FILL),
            selected=mixed(colours.lane, colour, SELECTED_FILL),
            letter=readable_on(colour),
        )
    return found


def colours_of(palette: QPalette) -> Colours:
    """The timeline's colours in a palette."""
    ground, text = palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.WindowText)
    highlight = palette.color(QPalette.ColorRole.Highlight)
    return Colours(
        ground=ground,
        lane=palette.color(QPalette.ColorRole.Base),
        line=mixed(ground, text, 0.18),
        text=text,
        dim=mixed(ground, text, 0.62),
        clip=mixed(ground, text, 0.12),
        wave=mixed(ground, text, 0.45),
        range=mixed(ground, highlight, 0.35),
        playhead=QColor("#e5484d"),
        selected=text,
    )


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of the other colour in the first."""
    return QColor(
        round(one.red() + (other.red() - one.red()) * share),
        round(one.green() + (other.green() - one.green()) * share),
        round(one.blue() + (other.blue() - one.blue()) * share),
    )


def readable_on(colour: QColor) -> QColor:
    """Black or white, whichever is read better on a colour.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(value) for value in (colour.redF(), colour.greenF(), colour.blueF()))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return QColor("black") if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else QColor("white")
