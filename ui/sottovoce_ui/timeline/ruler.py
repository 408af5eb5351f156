"""The ruler's ticks: as many as can be read, at steps that people count in."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sottovoce_engine.timing import timebase, timecode
from sottovoce_ui.timeline.columns import SAME
from sottovoce_ui.timeline.easel import Easel
from sottovoce_ui.timeline.rows import Row
from sottovoce_ui.timeline.scale import Scale

_LABEL = 96  # pixels between two labels at least
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Lines on the ruler, from left to right."""

    small: tuple[int, ...]  # scene frames
    labelled: tuple[tuple[int, str], ...]  # scene frame and timecode


def ticks(scale: Scale, rate: Fraction, start_frame: int, *, drop: bool) -> Ticks:
    """What fits. Steps are counted in the timeline's own timecode, so that labels are round whatever it starts at.

    Where drop-frame leaves a number out, the next one that there is stands for it: 00:01:00;02.
    """
    base, skipped = timebase(rate), timebase(rate) // 15 if drop else 0
    step = _step(scale, base)
    small = max(1, step // _parts(step))
    first = _number_of(start_frame + int(scale.first), base, skipped) // small * small
    last = _number_of(start_frame + int(min(scale.last, scale.length_frames)), base, skipped)
    plain: list[int] = []
    labelled: list[tuple[int, str]] = []
    for number in range(first, last + 1, small):
        frame = _frame_of(number, base, skipped) - start_frame
        if frame < 0 or (step < base and not _is_there(number, base, skipped)):
            continue
        if number % step == 0:
            labelled.append((frame, timecode(start_frame + frame, rate, drop=drop)))
        else:
            plain.append(frame)
    return Ticks(small=tuple(plain), labelled=tuple(labelled))


def draw_ruler(easel: Easel, row: Row) -> None:
    """Draws the ruler."""
    canvas, look = easel.canvas, easel.look
    scene, scale = look.scene, look.columns
    found = ticks(look.scale, scene.rate, scene.start_frame, drop=scene.drop_frame)
    easel.drawn.ticks += len(found.small) + len(found.labelled)
    bottom, colour = easel.bottom(row), look.colours.dim
    canvas.fill(0, 0, canvas.size[0], bottom, look.colours.ground)
    line = look.pixels(1)
    canvas.fill(0, bottom - line, canvas.size[0], bottom, look.colours.line)
    labels = [int(scale.x(frame) + SAME) for frame, _ in found.labelled]
    small = [int(scale.x(frame) + SAME) for frame in found.small]
    for step in range(line):
        for places, height in ((small, 5), (labels, 10)):
            columns = np.array([x + step for x in places if 0 <= x + step < canvas.size[0]], np.int64)
            canvas.pixels[bottom - look.pixels(height) : bottom, columns] = colour.rgb()
    for x, (_, label) in zip(labels, found.labelled, strict=True):
        easel.stock.words.draw(easel.painter, x + look.pixels(4), look.pixels(2), canvas.size[0], label, colour)


def _number_of(frame: int, base: int, skipped: int) -> int:
    """Timecode of a frame as a number: seconds times base, and frames; `skipped` are left out of most minutes.

    Source: SMPTE ST 12-1: drop-frame leaves out the first numbers of each minute but every tenth.
    """
    tens, rest = divmod(frame, 600 * base - 9 * skipped)
    return frame + skipped * (9 * tens + max(0, (rest - skipped) // (60 * base - skipped)))


def _frame_of(number: int, base: int, skipped: int) -> int:
    """The frame of a number; of one that is left out, the frame of the next that there is."""
    minutes, within = divmod(number, 60 * base)
    if minutes % 10:
        within = max(within, skipped)
    return minutes * 60 * base + within - skipped * (minutes - minutes // 10)


def _is_there(number: int, base: int, skipped: int) -> bool:
    minutes, within = divmod(number, 60 * base)
    return minutes % 10 == 0 or within >= skipped


def _step(scale: Scale, base: int) -> int:
    """Numbers from label to label."""
    least = _LABEL * scale.frames_per_pixel
    frames = [each for each in (1, 2, 5, 10, base // 2 or 1) if each < base]
    steps = [*frames, *(seconds * base for seconds in _SECONDS)]
    return next((step for step in steps if step >= least), steps[-1])


def _parts(step: int) -> int:
    return next((parts for parts in (5, 4, 3, 2) if step % parts == 0 and step > parts), 1)
