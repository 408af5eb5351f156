"""The timeline's own pictures and sounds, the sounds with their waveforms."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.scene import BLACK, PicturePiece, SoundPiece
from sottovoce_ui.timeline.columns import Runs, heard
from sottovoce_ui.timeline.easel import Easel
from sottovoce_ui.timeline.parts import Part
from sottovoce_ui.timeline.rows import Row

_PARTED = 4.0  # pixels: of narrower clips, every other one is darker instead of having an edge
NAME = 14  # the strip above a waveform
_WITH_HEAD = 72.0  # a narrower one shows no picture
_READABLE = 34.0  # a narrower clip shows no name


def draw_pictures(easel: Easel, row: Row, runs: Runs, part: Part) -> None:
    """Draws the pictures in a part of a row, dissolves with a stroke across."""
    look, top, bottom = easel.look, easel.top(row), easel.bottom(row)
    easel.canvas.pixels[top:bottom, part.left : part.right] = _columns(easel, runs)[part.left : part.right]
    runs = runs.between(part.left, part.right)
    easel.drawn.clips += len(runs.pieces)
    shown = np.flatnonzero(runs.lengths >= look.pixels(_PARTED)).tolist()
    painter = easel.painter
    painter.setPen(look.colours.line)
    for run in shown:
        if row.pictures[int(runs.pieces[run])].dissolve is not None:
            painter.setClipRect(int(runs.starts[run]), top, int(runs.ends[run] - runs.starts[run]), bottom - top)
            first = int(runs.first[run])
            painter.drawLine(first, bottom - 1, first + round(runs.lengths[run]), top)
            painter.setClipping(False)
    heads = _draw_heads(easel, row, runs)
    _draw_names(easel, row.pictures, runs, top + (bottom - top - easel.stock.words.height) // 2, heads)


def draw_sounds(easel: Easel, row: Row, runs: Runs, part: Part) -> None:
    """Draws the sounds in a part of a row. Their waveforms do not change where they were on the screen before."""
    look, top, bottom = easel.look, easel.top(row), easel.bottom(row)
    columns, middle, new = _columns(easel, runs), top + look.pixels(NAME), slice(part.new_left, part.new_right)
    easel.canvas.pixels[top:middle, part.left : part.right] = columns[part.left : part.right]
    easel.canvas.pixels[middle:bottom, new] = columns[new]
    if part.new_right > part.new_left:
        _draw_waves(easel, row, runs, part.new_left, part.new_right)
    runs = runs.between(part.left, part.right)
    easel.drawn.clips += len(runs.pieces)
    _draw_names(easel, row.sounds, runs, top)


def _columns(easel: Easel, runs: Runs) -> NDArray[np.uint32]:
    """`[width]`: what the columns of a row of clips are filled with."""
    look = easel.look
    clip, line = look.colours.clip.rgb(), look.colours.line.rgb()
    narrow = runs.lengths < look.pixels(_PARTED)
    colours = np.where(narrow & (runs.pieces % 2 == 1), np.uint32(line), np.uint32(clip))
    columns = np.full(look.columns.width, look.colours.lane.rgb(), np.uint32)
    columns[_inside(runs)] = np.repeat(colours, runs.widths)
    cuts = runs.starts[runs.opens & ~narrow]
    for step in range(look.pixels(1)):
        columns[np.minimum(cuts + step, look.columns.width - 1)] = line
    return columns


def _inside(runs: Runs) -> NDArray[np.int64]:
    """The columns of all runs, in order."""
    widths = runs.widths
    return np.arange(widths.sum()) + np.repeat(runs.starts - np.cumsum(widths) + widths, widths)


def _draw_heads(easel: Easel, row: Row, runs: Runs) -> dict[int, int]:
    """The first picture of each clip that has room for it, and a name; returns the columns it ends at, by run."""
    look, painter, found = easel.look, easel.painter, {}
    if look.pictures is None:
        return {}
    line = look.pixels(1)
    top, height = easel.top(row) + line, easel.bottom(row) - easel.top(row) - 2 * line
    for run in np.flatnonzero(runs.lengths >= look.pixels(_WITH_HEAD)).tolist():
        source = row.pictures[int(runs.pieces[run])].source
        known = bool(source.path) and source.path != BLACK.path
        head = look.pictures.at(source.path, source.start, height) if known else None
        left, right = int(runs.first[run]) + line, int(runs.ends[run])
        if head is not None and right > left and head.width() <= runs.lengths[run] / 2:
            painter.drawImage(left, top, head, 0, 0, min(head.width(), right - left), height)
            found[run] = left + head.width()
    return found


def _draw_names(
    easel: Easel,
    pieces: Sequence[PicturePiece | SoundPiece],
    runs: Runs,
    top: int,
    heads: Mapping[int, int] = MappingProxyType({}),
) -> None:
    """The names of the clips that are wide enough, behind what stands before them; what began before the view stays in it."""
    look, air = easel.look, easel.look.pixels(5)
    for run in np.flatnonzero(runs.widths >= look.pixels(_READABLE)).tolist():
        left = max(int(runs.starts[run]), heads.get(run, 0)) + air
        if name := pieces[int(runs.pieces[run])].clip:
            easel.stock.words.draw(easel.painter, left, top, int(runs.ends[run]) - air - left, name, look.colours.dim)


def _draw_waves(easel: Easel, row: Row, runs: Runs, left: int, right: int) -> None:
    """The waveforms of all clips of a row in `[left, right)`, as loud as they are played; each column is measured once.

    Heights go by the square root of the level, so that a whisper at -40 dBFS is a tenth of the row high, not a hundredth.
    """
    look = easel.look
    if look.peaks is None or row.source_seconds is None or row.gains is None or not len(runs.pieces):
        return
    scale, rate = look.columns, float(look.scene.rate)
    columns, pieces = _inside(runs), np.repeat(runs.pieces, runs.widths)
    part = slice(*np.searchsorted(columns, (left, right)).tolist())
    columns, pieces = columns[part], pieces[part]
    frames = scale.first + columns * scale.frames_per_pixel
    starts = row.source_seconds[pieces] + (frames - row.extents.starts[pieces]) / rate
    kinds = row.extents.kinds[pieces]
    peaks = np.full((right - left, 2), np.nan, np.float32)
    for kind in np.unique(kinds).tolist():
        path, these = row.extents.names[kind], np.flatnonzero(kinds == kind)
        found = look.peaks.at(path, starts[these], scale.frames_per_pixel / rate) if path else None
        if found is not None:
            peaks[columns[these] - left] = found * row.gains[pieces[these], None]
    if not np.isfinite(peaks).any():
        return
    peaks = np.sign(peaks) * np.sqrt(np.minimum(np.abs(peaks), 1))
    top, bottom = easel.top(row) + look.pixels(NAME), easel.bottom(row) - look.pixels(1)
    shown = heard(peaks[:, 0], peaks[:, 1], bottom - top)
    np.copyto(easel.canvas.pixels[top:bottom, left:right], look.colours.wave.rgb(), where=shown)
