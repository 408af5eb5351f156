"""Marks on the ruler of an MLT project, as Shotcut writes and reads them.

Source: Shotcut, `shotcut:markers` of a project's tractor.
"""

from collections.abc import Iterable
from fractions import Fraction

from sottovoce_otio.ruler_marks import RulerMark
from sottovoce_otio.times import clock_time, frame_near, second_of
from sottovoce_otio.xml_text import element, leaf

_MILLISECONDS = Fraction(1000)  # a second


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
    yield leaf("property", _clock(mark.span.start, rate), ' name="start"')
    yield leaf("property", _clock(last, rate), ' name="end"')
    yield leaf("property", mark.colour, ' name="color"')


def _clock(frame: int, rate: Fraction) -> str:
    """The millisecond nearest to a frame's start."""
    return clock_time(frame_near(second_of(frame, rate), _MILLISECONDS))
