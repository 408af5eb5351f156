"""The parts of timelines that the examples are put together from."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from sottovoce_engine.timing import Span


def empty_timeline(name: str, start_frame: int, rate: Fraction) -> Any:
    """A timeline without tracks; its timecode begins at `start_frame`."""
    return otio.schema.Timeline(name, global_start_time=otio.opentime.RationalTime(start_frame, float(rate)))


def frames(span: Span, rate: Fraction) -> Any:
    """A span of frames as an OTIO time range."""
    start, length = (otio.opentime.RationalTime(count, float(rate)) for count in (span.start, span.length))
    return otio.opentime.TimeRange(start, length)


def track(name: str, kind: str, items: Iterable[Any]) -> Any:
    """A track of kind "Video" or "Audio"."""
    made = otio.schema.Track(name, kind=kind)
    made.extend(items)
    return made


def gap(length_frames: int, rate: Fraction, name: str = "") -> Any:
    """Nothing, for so long; editors name a gap after what belongs there."""
    return otio.schema.Gap(name=name, source_range=frames(Span(0, length_frames), rate))


def marker(text: str, span: Span, rate: Fraction, colour: str = "GREEN") -> Any:
    """A marker as an editor sets one: a name and a colour, nothing else."""
    return otio.schema.Marker(name=text, marked_range=frames(span, rate), color=colour)
