"""Exact time: frames are integers, rates are fractions, samples are computed from the scene's start.

A scene's frames count from 0 at its first frame; the timecode of that frame is kept apart. Spans are
half-open. No seconds as floats: 48000 samples a second times 1001/24000 is an integer, and
`floor(seconds * rate)` is off by one on two frames of five at 23.976.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.errors import InputError

SAMPLE_RATE = 48_000

_MIN_RATE, _MAX_RATE = 1, 1_000
_NTSC = Fraction(1000, 1001)
# Written rates are rounded to two or three decimals: 23.98 lies 0.004 from 24000/1001.
_MEANT_WITHIN = Fraction(6, 1000)
_HALF = Fraction(1, 2)
_TIMECODE = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;])(\d{2,3})")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open run of frames (or samples, where the field says so): `start` is in, `end` is not."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span cannot end ({self.end}) before it starts ({self.start})")

    @property
    def length(self) -> int:
        return self.end - self.start

    def shifted(self, by: int) -> "Span":
        return Span(self.start + by, self.end + by)

    def grown(self, before: int, after: int) -> "Span":
        return Span(self.start - before, self.end + after)

    def overlaps(self, other: "Span") -> bool:
        """Whether both share at least one frame; an empty span shares nothing."""
        return max(self.start, other.start) < min(self.end, other.end)

    def contains(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end

    def common(self, other: "Span") -> "Span | None":
        """The part both share, or None when they share nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None


def rate_from(value: float | Fraction) -> Fraction:
    """The exact rate meant by a float such as 23.976 or 29.97.

    Raises:
        InputError: The rate is not a number from 1 to 1000 frames a second.
    """
    if not _MIN_RATE <= value <= _MAX_RATE:  # not a number lies nowhere, either
        raise InputError(
            f"The frame rate is {value}. Give a number from {_MIN_RATE} to {_MAX_RATE} frames a second, "
            "such as 24 or 23.976."
        )
    exact = Fraction(value)
    nominal = Fraction(_rounded(exact))
    nearest_meant = min(nominal, nominal * _NTSC, key=lambda meant: abs(meant - exact))
    return nearest_meant if abs(nearest_meant - exact) < _MEANT_WITHIN else exact.limit_denominator(1001)


def rate_in(text: str) -> Fraction:
    """The exact rate a person writes: "24", "23.976", "24000/1001".

    Raises:
        InputError: It is no number, or none from 1 to 1000.
    """
    try:
        return rate_from(Fraction(text))
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(f"The rate '{text}' is no number. Write frames a second, such as 24 or 23.976.") from error


def sample_at(frame: int, rate: Fraction) -> int:
    """The sample (48 kHz, from the scene's start) at which `frame` begins: frame * 48000 / rate, halves up."""
    numerator = frame * SAMPLE_RATE * rate.denominator
    return (2 * numerator + rate.numerator) // (2 * rate.numerator)


def frame_at(sample: int, rate: Fraction) -> int:
    """The frame whose beginning lies nearest to `sample`; the inverse of `sample_at` on its values."""
    numerator = sample * rate.numerator
    denominator = SAMPLE_RATE * rate.denominator
    return (2 * numerator + denominator) // (2 * denominator)


def samples_of(span: Span, rate: Fraction) -> Span:
    """A span of frames as the span of samples it covers, both from the scene's start."""
    return Span(sample_at(span.start, rate), sample_at(span.end, rate))


def frames_in(seconds: Fraction | int | float, rate: Fraction) -> int:
    """The number of frames nearest to a duration in seconds."""
    return _rounded(Fraction(seconds) * rate)


def timebase(rate: Fraction) -> int:
    """The whole number of frames that timecode counts in a second: 24 for 23.976."""
    return max(1, -((rate.denominator - 2 * rate.numerator) // (2 * rate.denominator)))  # halves down, in integers


def can_drop_frames(rate: Fraction) -> bool:
    """Whether drop-frame timecode exists at this rate: 29.97 and 59.94.

    Source: SMPTE ST 12-1.
    """
    return rate in (Fraction(30_000, 1001), Fraction(60_000, 1001))


def frames_in_day(rate: Fraction, *, drop: bool = False) -> int:
    """The frames from one 00:00:00:00 to the next, as timecode counts them."""
    base = timebase(rate)
    return 144 * (600 * base - 9 * (base // 15)) if drop else 24 * 3600 * base


def timecode(frame: int, rate: Fraction, *, drop: bool = False) -> str:
    """`frame` as `HH:MM:SS:FF`, or `HH:MM:SS;FF` in drop-frame; hours wrap at 24.

    Source: SMPTE ST 12-1: drop-frame skips the first 2 (4 at 59.94) frame numbers of each minute but
    every tenth.

    Raises:
        ValueError: Drop-frame timecode does not exist at this rate.
    """
    base, day = timebase(rate), frames_in_day(rate, drop=drop)
    if drop:
        if not can_drop_frames(rate):
            raise ValueError(f"there is no drop-frame timecode at {rate} frames a second")
        skipped = base // 15
        per_minute, per_ten = 60 * base - skipped, 600 * base - 9 * skipped
        frame %= day
        tens, rest = divmod(frame, per_ten)
        minutes = max(0, (rest - skipped) // per_minute)
        frame += skipped * (9 * tens + minutes)
    seconds, frames = divmod(frame % frames_in_day(rate), base)
    digits = len(str(base - 1))
    return (
        f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        f"{';' if drop else ':'}{frames:0{max(2, digits)}}"
    )


def frame_from_timecode(text: str, rate: Fraction) -> int:
    """The frame number written as timecode; `;` before the frames means drop-frame.

    Raises:
        InputError: The text is no timecode, or names a frame that does not exist at this rate.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise InputError(f"'{text}' is no timecode. Write hours:minutes:seconds:frames, such as 01:00:04:12.")
    hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
    base, drop = timebase(rate), match[4] == ";"
    for unit, value, count in (("hours", hours, 24), ("minutes", minutes, 60), ("seconds", seconds, 60)):
        if value >= count:
            raise InputError(f"'{text}' does not exist: {unit} run from 00 to {count - 1}.")
    if frames >= base:
        raise InputError(
            f"'{text}' does not exist at {float(rate):g} frames a second: frames run from 00 to {base - 1}."
        )
    total = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    return total - _frames_dropped(text, rate, hours * 60 + minutes, seconds, frames) if drop else total


def _frames_dropped(text: str, rate: Fraction, whole_minutes: int, seconds: int, frames: int) -> int:
    """How many frame numbers drop-frame timecode has skipped before `text`."""
    skipped = timebase(rate) // 15
    if not can_drop_frames(rate):
        raise InputError(f"'{text}' is drop-frame timecode, which exists only at 29.97 and 59.94. Write it with ':'.")
    if seconds == 0 and whole_minutes % 10 and frames < skipped:
        raise InputError(f"'{text}' is a frame number that drop-frame timecode skips. Use {skipped:02} or above.")
    return skipped * (whole_minutes - whole_minutes // 10)


def _rounded(value: Fraction) -> int:
    """The nearest integer, halves up: the same direction everywhere, unlike `round`."""
    return math.floor(value + _HALF)
