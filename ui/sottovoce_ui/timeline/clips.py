"""The timeline's own pictures and sounds, the sounds with their waveforms."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter

from sottovoce_engine.scene import PicturePiece, SoundPiece
from sottovoce_ui.timeline.canvas import Canvas
from sottovoce_ui.timeline.columns import Runs, heard, runs_in
from sottovoce_ui.timeline.look import Drawn, Look
from sottovoce_ui.timeline.rows import Row
from sottovoce_ui.timeline.stock import Stock

_PARTED = 4.0  # pixels: of narrower clips, every other one is darker instead of having an edge
NAME = 14  # the strip above a waveform
_READABLE = 34.0  # a narrower clip shows no name


def draw_pictures(canvas: Canvas, painter: QPainter, look: Look, stock: Stock, row: Row, drawn: Drawn) -> None:
    """Draws the pictures, dissolves with a stroke across."""
    runs = _draw_clips(canvas, look, row, drawn)
    shown = np.flatnonzero(runs.widths >= look.pixels(_PARTED)).tolist()
    top, bottom = _edges(look, row)
    strokes = [
        QLineF(int(runs.starts[run]), bottom, int(runs.ends[run]), top)
        for run in shown
        if row.pictures[int(runs.pieces[run])].dissolve is not None
    ]
    painter.setPen(look.colours.line)
    painter.drawLines(strokes)
    _draw_names(painter, look, stock, row.pictures, runs, top + (bottom - top - stock.words.height) // 2)


def draw_sounds(canvas: Canvas, painter: QPainter, look: Look, stock: Stock, row: Row, drawn: Drawn) -> None:
    """Draws the sounds of a track."""
    runs = _draw_clips(canvas, look, row, drawn)
    _draw_waves(canvas, look, row, runs)
    _draw_names(painter, look, stock, row.sounds, runs, _edges(look, row)[0])


def _edges(look: Look, row: Row) -> tuple[int, int]:
    return round(row.top * look.ratio), round(row.bottom * look.ratio)


def _draw_clips(canvas: Canvas, look: Look, row: Row, drawn: Drawn) -> Runs:
    top, bottom = _edges(look, row)
    runs = runs_in(row.extents, look.columns)
    drawn.clips += len(runs.pieces)
    clip, line = look.colours.clip.rgb(), look.colours.line.rgb()
    narrow = runs.widths < look.pixels(_PARTED)
    colours = np.where(narrow & (runs.pieces % 2 == 1), np.uint32(line), np.uint32(clip))
    columns = np.full(canvas.size[0], look.colours.lane.rgb(), np.uint32)
    columns[_inside(runs)] = np.repeat(colours, runs.widths)
    cuts = runs.starts[runs.opens & ~narrow]
    for step in range(look.pixels(1)):
        columns[cuts + step] = line
    canvas.pixels[top:bottom] = columns
    return runs


def _inside(runs: Runs) -> NDArray[np.int64]:
    """The columns of all runs, in order."""
    widths = runs.widths
    return np.arange(widths.sum()) + np.repeat(runs.starts - np.cumsum(widths) + widths, widths)


def _draw_names(
    painter: QPainter,
    look: Look,
    stock: Stock,
    pieces: Sequence[PicturePiece | SoundPiece],
    runs: Runs,
    top: int,
) -> None:
    """The names of the clips that are wide enough; that of one which began before the view stands at its left edge."""
    air = look.pixels(5)
    shown = np.flatnonzero(runs.widths >= look.pixels(_READABLE))
    places = zip(runs.pieces[shown].tolist(), runs.starts[shown].tolist(), runs.widths[shown].tolist(), strict=True)
    for piece, left, width in places:
        if name := pieces[piece].clip:
            stock.words.draw(painter, left + air, top, width - 2 * air, name, look.colours.dim)


def _draw_waves(canvas: Canvas, look: Look, row: Row, runs: Runs) -> None:
    """The waveforms of all clips of a row, each column of pixels measured once.

    Heights go by the square root of the level, so that a whisper at -40 dBFS is a tenth of the row high, not a hundredth.
    """
    if look.peaks is None or row.source_seconds is None or not len(runs.pieces):
        return
    scale, rate = look.columns, float(look.scene.rate)
    columns, pieces = _inside(runs), np.repeat(runs.pieces, runs.widths)
    frames = scale.first + columns * scale.frames_per_pixel
    starts = row.source_seconds[pieces] + (frames - row.extents.starts[pieces]) / rate
    kinds = row.extents.kinds[pieces]
    peaks = np.full((scale.width, 2), np.nan, np.float32)
    for kind in np.unique(kinds).tolist():
        path, these = row.extents.names[kind], np.flatnonzero(kinds == kind)
        found = look.peaks.at(path, starts[these], scale.frames_per_pixel / rate) if path else None
        if found is not None:
            peaks[columns[these]] = found
    if not np.isfinite(peaks).any():
        return
    peaks = np.sign(peaks) * np.sqrt(np.abs(peaks))
    top, bottom = _edges(look, row)
    top, bottom = top + look.pixels(NAME), bottom - look.pixels(1)
    shown = heard(peaks[:, 0], peaks[:, 1], bottom - top)
    np.copyto(canvas.pixels[top:bottom], look.colours.wave.rgb(), where=shown)
