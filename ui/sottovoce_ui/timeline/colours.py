"""Colours of the timeline, from the window's own palette: light and dark follow the system."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

from sottovoce_engine.registers import RegisterTable

SEEN = 3.0  # the least contrast of what is not text, as WCAG 2.2 has it
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
    edge: QColor  # the same where it stands out of the lane, else nearer to the text
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
            edge=standing_out(colour, colours.lane, colours.text),
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


def standing_out(colour: QColor, ground: QColor, text: QColor) -> QColor:
    """A colour with as much of the text's in it as it needs to be seen on a ground."""
    shares = (step / 20 for step in range(21))
    return next((found for share in shares if contrast(found := mixed(colour, text, share), ground) >= SEEN), text)


def readable_on(colour: QColor) -> QColor:
    """Black or white, whichever is read better on a colour."""
    black, white = QColor("black"), QColor("white")
    return black if contrast(black, colour) >= contrast(white, colour) else white


def contrast(one: QColor, other: QColor) -> float:
    """From 1, none, to 21.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())
