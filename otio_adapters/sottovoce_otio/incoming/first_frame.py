"""Where a file's clock starts: at the first frame, or at the whole hour of a timecode."""

from dataclasses import replace
from fractions import Fraction

from sottovoce_engine.timing import frame_from_timecode
from sottovoce_otio.incoming.values import TimedLines

_SECONDS_IN_HOUR = 3600


def counted_from_hour(found: TimedLines, what: str) -> TimedLines:
    """The lines, counted from the whole hour before the first: 10:00:04:12 lies 4 seconds and 12 frames in.

    A film whose first word comes after an hour does not exist.
    """
    first = min((line.start for line in found.lines), default=Fraction(0))
    hour_seconds = Fraction(_SECONDS_IN_HOUR)
    if found.rate is not None:
        hour_seconds = frame_of_hour(1, found.rate, drop=found.drop_frame) / found.rate
    hour = int(first // hour_seconds)
    if not hour:
        return found
    begins = hour * hour_seconds
    lines = tuple(replace(line, start=line.start - begins, end=line.end - begins) for line in found.lines)
    said = f"{what} counts from timecode {hour:02}:00:00:00, taken as that of the first frame"
    return replace(found, lines=lines, begins_hour=hour, notes=(*found.notes, said))


def frame_of_hour(hour: int, rate: Fraction, *, drop: bool) -> int:
    """The frame number of the timecode `hour`:00:00:00. An hour of timecode is no hour at 23.976."""
    return hour * frame_from_timecode("01:00:00;00" if drop else "01:00:00:00", rate)
