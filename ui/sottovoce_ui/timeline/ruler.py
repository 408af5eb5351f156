"""The ruler's ticks: as many as can be read, at steps that people count in."""

from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.timing import timebase, timecode
from sottovoce_ui.timeline.scale import Scale

_LABEL = 96  # pixels between two labels at least
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Lines on the ruler, from left to right."""

    small: tuple[float, ...]  # x
    labelled: tuple[tuple[float, str], ...]  # x and timecode


def ticks(scale: Scale, rate: Fraction, start_frame: int, *, drop: bool) -> Ticks:
    """What fits; every fifth line or so has a label. Labels count from the timeline's own timecode."""
    step = _step(scale, timebase(rate))
    small = max(1, step // _parts(step))
    last = int(min(scale.last, scale.length_frames))
    numbers = range(int(scale.first) // small * small, last + 1, small)
    return Ticks(
        small=tuple(scale.x(frame) for frame in numbers if frame % step),
        labelled=tuple(
            (scale.x(frame), timecode(start_frame + frame, rate, drop=drop)) for frame in numbers if not frame % step
        ),
    )


def _step(scale: Scale, base: int) -> int:
    """Frames from label to label."""
    least = _LABEL * scale.frames_per_pixel
    frames = [each for each in (1, 2, 5, 10, base // 2 or 1) if each < base]
    steps = [*frames, *(seconds * base for seconds in _SECONDS)]
    return next((step for step in steps if step >= least), steps[-1])


def _parts(step: int) -> int:
    return next((parts for parts in (5, 4, 3, 2) if step % parts == 0 and step > parts), 1)
