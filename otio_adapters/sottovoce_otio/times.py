"""OTIO's times as exact seconds.

OTIO keeps value and rate as doubles. A rate stands for the fraction it was rounded from (23.976 for
24000/1001); a value is taken as it is. So seconds are exact fractions, and only where they become scene
frames are they rounded, each from the scene's start. Times come as the plain JSON they are stored as.
"""

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sottovoce_engine.errors import InputError
from sottovoce_engine.timing import rate_from

LONGEST_SECONDS = 100 * 3600  # of a timeline, or from one end of a media file's clock to the other
_FRAME_CLOCK = 1_000  # a rate above counts samples or microseconds
_FASTEST_CLOCK = 10**9


def seconds(time: Mapping[str, Any], what: str) -> Fraction:
    """A `RationalTime` in seconds; `what` names what it is of, such as "clip 'a'".

    Raises:
        InputError: Its rate is no rate, or its value is no number or beyond any timeline.
    """
    try:
        return _seconds(time["value"], time["rate"])
    except InputError as error:
        raise InputError(f"The {what} has {error}. Mend the timeline in the program it was made with.") from error


def start_and_duration(time_range: Mapping[str, Any], what: str) -> tuple[Fraction, Fraction]:
    """A `TimeRange` in seconds.

    Raises:
        InputError: As `seconds`; also where the duration is negative.
    """
    start, duration = seconds(time_range["start_time"], what), seconds(time_range["duration"], what)
    if duration < 0:
        raise InputError(
            f"The {what} has the negative length {time_range['duration']['value']:g}. Mend the timeline in the program it was "
            "made with."
        )
    return start, duration


def frame_near(time: Fraction, rate: Fraction) -> int:
    """The frame that begins nearest to `time`, halves up."""
    numerator, denominator = time.numerator * rate.numerator, time.denominator * rate.denominator
    return (2 * numerator + denominator) // (2 * denominator)


def second_of(frame: int, rate: Fraction) -> Fraction:
    """The second at which a frame begins."""
    return Fraction(frame * rate.denominator, rate.numerator)


def clock_time(milliseconds: int) -> str:
    """A time as WebVTT and MLT write it: `HH:MM:SS.mmm`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


@lru_cache(maxsize=256)
def exact_clock(rate: float) -> Fraction:
    """Ticks a second: a frame rate, or a clock of samples.

    Raises:
        InputError: The rate is no number, 0, negative, or beyond any clock.
    """
    if _FRAME_CLOCK < rate <= _FASTEST_CLOCK:
        return Fraction(rate).limit_denominator(1001)
    return rate_from(rate)


@lru_cache(maxsize=2**16)
def _seconds(value: float, rate: float) -> Fraction:
    if not math.isfinite(value):
        raise InputError(f"the time {value}")
    try:
        clock = exact_clock(rate)
    except InputError as error:
        raise InputError(f"a time at {rate:g} ticks a second") from error
    found = Fraction(value) / clock
    if abs(found) > LONGEST_SECONDS:
        raise InputError(f"the time {value:g} at {rate:g} a second, beyond {LONGEST_SECONDS // 3600} hours")
    return found
