"""Marks on the ruler of an MLT project, as Shotcut writes and reads them.

Source: Shotcut, `shotcut:markers` of a project's tractor.
"""

from collections.abc import Iterable
from fractions import Fraction
from xml.etree import ElementTree as ET

from sottovoce_otio.ruler_marks import RulerMark
from sottovoce_otio.xml_text import xml_text


def marks_element(marks: Iterable[RulerMark], rate: Fraction) -> ET.Element:
    """The property of a project's tractor that holds its marks."""
    found = ET.Element("properties", name="shotcut:markers")
    for number, mark in enumerate(marks):
        one = ET.SubElement(found, "properties", name=str(number))
        last = max(mark.span.start, mark.span.end - 1)
        for name, value in (
            ("text", mark.text),
            ("start", clock(mark.span.start, rate)),
            ("end", clock(last, rate)),
            ("color", mark.colour),
        ):
            ET.SubElement(one, "property", name=name).text = xml_text(value)
    return found


def clock(frame: int, rate: Fraction) -> str:
    """A frame's time as MLT writes it: `HH:MM:SS.mmm`, the millisecond nearest to its start."""
    milliseconds = (2 * 1000 * frame * rate.denominator + rate.numerator) // (2 * rate.numerator)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
