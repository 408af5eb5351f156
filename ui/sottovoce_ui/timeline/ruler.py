"""The ruler's ticks: as many as can be read, at steps that people count in."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import timebase, timecode
from sottovoce_ui.timeline.columns import SAME, Runs
from sottovoce_ui.timeline.easel import Easel
from sottovoce_ui.timeline.parts import Part, parts_after, whole_part
from sottovoce_ui.timeline.rows import Row
from sottovoce_ui.timeline.scale import Scale

_LABEL = 96  # pixels from label to label at least
_BESIDE = 12  # pixels beside a label that is wider than that, in a large font
_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)


_label = lru_cache(maxsize=1024)(timecode)  # the same ones come again as the view is scrolled


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Lines on the ruler, from left to right."""

    small: tuple[int, ...]  # scene frames
    labelled: tuple[tuple[int, str], ...]  # scene frame and timecode


def ticks(scale: Scale, rate: Fraction, start_frame: int, *, drop: bool, apart: float = _LABEL) -> Ticks:
    """What fits. Steps are counted in the timeline's own timecode, so that labels are round whatever it starts at.

    Where drop-frame leaves a number out, the next one that there is stands for it: 00:01:00;02.
    """
    base, skipped = timebase(rate), timebase(rate) // 15 if drop else 0
    step = _step(scale, base, apart)
    small = max(1, step // _parts(step))
    first = _number_of(start_frame + int(scale.first), base, skipped) // small * small
    last = _number_of(start_frame + int(min(scale.last, scale.length_frames)), base, skipped)
    plain: list[int] = []
    labelled: list[tuple[int, str]] = []
    for number in range(first, last + 1, small):
        frame = _frame_of(number, base, skipped) - start_frame
        if frame < 0 or (skipped and step < base and not _is_there(number, base, skipped)):
            continue
        if number % step == 0:
            labelled.append((frame, _label(start_frame + frame, rate, drop=drop)))
        else:
            plain.append(frame)
    return Ticks(small=tuple(plain), labelled=tuple(labelled))


def draw_ruler(easel: Easel, row: Row, by: int) -> None:
    """Draws the ruler, or, where it was scrolled `by` columns to the left, what is not there yet."""
    look, scale = easel.look, easel.look.columns
    wide = easel.stock.words.width(_label(0, look.scene.rate), look.colours.dim) / look.ratio
    apart = max(_LABEL, wide + _BESIDE)
    found = ticks(look.scale, look.scene.rate, look.scene.start_frame, drop=look.scene.drop_frame, apart=apart)
    small = np.array([scale.x(frame) + SAME for frame in found.small]).astype(np.int64)
    labels = np.floor([scale.x(frame) + SAME for frame, _ in found.labelled]).astype(np.int64)
    easel.drawn.ticks += len(small) + len(labels)
    parts = parts_after(_runs_from(labels, scale.width), scale.width, by) if by else (whole_part(scale.width),)
    bottom, line = easel.bottom(row), look.pixels(1)
    for part in parts:
        easel.canvas.fill(part.left, 0, part.right, bottom, look.colours.ground)
        easel.canvas.fill(part.left, bottom - line, part.right, bottom, look.colours.line)
        for step in range(line):
            for places, height in ((small, 5), (labels, 10)):
                columns = places[(places >= part.left) & (places + step < part.right)] + step
                easel.canvas.pixels[bottom - look.pixels(height) : bottom, columns] = look.colours.dim.rgb()
        _draw_labels(easel, [(x, text) for x, (_, text) in zip(labels.tolist(), found.labelled, strict=True)], part)


def _draw_labels(easel: Easel, labels: list[tuple[int, str]], part: Part) -> None:
    words, air, top = easel.stock.words, easel.look.pixels(4), easel.look.pixels(2)
    for x, text in labels:
        if part.left <= max(0, x) < part.right:
            words.draw(easel.painter, x + air, top, easel.canvas.size[0], text, easel.look.colours.dim)


def _runs_from(labels: NDArray[np.int64], width: int) -> Runs:
    """From each label to the next, as runs: none is drawn in part; what hangs in from before the first is one, too."""
    first = np.concatenate(([-1], labels[labels > 0])) if len(labels) else np.array([-1])
    starts = np.maximum(first, 0)
    ends = np.append(starts[1:], width)
    count = np.arange(len(starts))
    return Runs(
        pieces=count,
        starts=starts,
        ends=ends,
        first=first,
        lengths=(ends - first).astype(np.float64),
        opens=first >= 0,
        closes=count < len(starts) - 1,
    )


def _number_of(frame: int, base: int, skipped: int) -> int:
    """Timecode of a frame as a number: seconds times base, and frames; `skipped` are left out of most minutes.

    Source: SMPTE ST 12-1: drop-frame leaves out the first numbers of each minute but every tenth.
    """
    tens, rest = divmod(frame, 600 * base - 9 * skipped)
    return frame + skipped * (9 * tens + max(0, (rest - skipped) // (60 * base - skipped)))


def _frame_of(number: int, base: int, skipped: int) -> int:
    """The frame of a number; of one that is left out, the frame of the next that there is."""
    if not skipped:
        return number
    minutes, within = divmod(number, 60 * base)
    if minutes % 10:
        within = max(within, skipped)
    return minutes * 60 * base + within - skipped * (minutes - minutes // 10)


def _is_there(number: int, base: int, skipped: int) -> bool:
    minutes, within = divmod(number, 60 * base)
    return minutes % 10 == 0 or within >= skipped


def _step(scale: Scale, base: int, apart: float) -> int:
    """Numbers from label to label, which are that many pixels apart at least."""
    least = apart * scale.frames_per_pixel
    frames = [each for each in (1, 2, 5, 10, base // 2 or 1) if each < base]
    steps = [*frames, *(seconds * base for seconds in _SECONDS)]
    return next((step for step in steps if step >= least), steps[-1])


def _parts(step: int) -> int:
    return next((parts for parts in (5, 4, 3, 2) if step % parts == 0 and step > parts), 1)
