"""Marks on the ruler of an MLT project, as Shotcut writes and reads them.

Source: Shotcut, `shotcut:markers` of a project's tractor.
"""

from collections.abc import Iterable
from fractions import Fraction

from sottovoce_otio.ruler_marks import RulerMark
from sottovoce_otio.xml_text import element, leaf


def marks_element(marks: Iterable[RulerMark], rate: Fraction) -> str:
    """The property of a project's tractor that holds its marks."""
    return element(
        "properties",
        (element("properties", _properties(mark, rate), name=number) for number, mark in enumerate(marks)),
        name="shotcut:markers",
    )


def _properties(mark: RulerMark, rate: Fraction) -> Iterable[str]:
    last = max(mark.span.start, mark.span.end - 1)
    yield leaf("property", mark.text, ' name="text"')
    yield leaf("property", clock(mark.span.start, rate), ' name="start"')
    yield leaf("property", clock(last, rate), ' name="end"')
    yield leaf("property", mark.colour, ' name="color"')


def clock(frame: int, rate: Fraction) -> str:
    """A frame's time as MLT writes it: `HH:MM:SS.mmm`, the millisecond nearest to its start."""
    milliseconds = (2 * 1000 * frame * rate.denominator + rate.numerator) // (2 * rate.numerator)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
