"""Drawing the timeline. Only what is on the screen is touched, and what is finer than a pixel is drawn once."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Region, Scene, SoundPiece
from sottovoce_engine.timing import Span
from sottovoce_ui.timeline.colours import Colours, mixed, readable_on
from sottovoce_ui.timeline.rows import Row, RowKind
from sottovoce_ui.timeline.ruler import ticks
from sottovoce_ui.timeline.scale import Scale, whole

_READABLE = 26  # pixels: a narrower region shows no words
_BADGE = 16


class Peaks(Protocol):
    """The lowest and highest samples of a sound file over stretches of it."""

    def between(self, path: str, start: float, end: float, count: int) -> NDArray[np.float32] | None:
        """`[count, 2]` in ±1 from second `start` to `end`; None where the file is not measured (yet)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything a picture of the timeline depends on."""

    scene: Scene
    rows: tuple[Row, ...]
    scale: Scale
    colours: Colours
    registers: RegisterTable
    peaks: Peaks | None = None
    selection: frozenset[str] = frozenset()
    playhead: int = 0
    range_in: int | None = None
    range_out: int | None = None
    states: Mapping[str, str] = field(default_factory=dict)  # a mark for regions that need something, by id
    height: int = 0  # of the view: the map lies at its bottom
    map_height: int = 0


@dataclass(slots=True)
class Drawn:
    """What was drawn, for those who count."""

    regions: int = 0
    clips: int = 0
    ticks: int = 0


def draw(painter: QPainter, look: Look) -> Drawn:
    """Draws the whole view."""
    drawn = Drawn()
    painter.fillRect(QRectF(0, 0, look.scale.width, look.height), look.colours.ground)
    for row in look.rows:
        _DRAWING[row.kind](painter, look, row, drawn)
    _draw_range(painter, look)
    _draw_map(painter, look)
    x = look.scale.x(look.playhead)
    painter.setPen(QPen(look.colours.playhead, 1.5))
    painter.drawLine(QLineF(x, 0, x, look.height))
    painter.setBrush(look.colours.playhead)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(QPolygonF([QPointF(x - 6, 0), QPointF(x + 6, 0), QPointF(x, 9)]))
    return drawn


def _draw_ruler(painter: QPainter, look: Look, row: Row, drawn: Drawn) -> None:
    scene = look.scene
    painter.setPen(look.colours.dim)
    lines = []
    for tick in ticks(look.scale, scene.rate, scene.start_frame, drop=scene.drop_frame):
        drawn.ticks += 1
        lines.append(QLineF(tick.x, row.bottom - (10 if tick.label else 5), tick.x, row.bottom))
        if tick.label:
            painter.drawText(QPointF(tick.x + 4, row.top + 13), tick.label)
    painter.drawLines(lines)


def _draw_pictures(painter: QPainter, look: Look, row: Row, drawn: Drawn) -> None:
    _ground(painter, look, row)
    for piece in _visible(row.pictures, look.scale):
        box = _box(piece.span, row, look.scale)
        drawn.clips += 1
        painter.fillRect(box, look.colours.clip)
        painter.setPen(look.colours.line)
        if piece.dissolve is not None:
            painter.drawLine(QLineF(box.left(), box.bottom(), box.right(), box.top()))
        painter.drawLine(QLineF(box.left(), box.top(), box.left(), box.bottom()))
        _text(painter, look.colours.dim, _on_screen(box).adjusted(5, 0, -3, 0), piece.clip)


def _draw_sound(painter: QPainter, look: Look, row: Row, drawn: Drawn) -> None:
    _ground(painter, look, row)
    for piece in _visible(row.sounds, look.scale):
        box = _box(piece.span, row, look.scale)
        drawn.clips += 1
        painter.fillRect(box, look.colours.clip)
        _draw_wave(painter, look, piece, box)
        painter.setPen(look.colours.line)
        painter.drawLine(QLineF(box.left(), box.top(), box.left(), box.bottom()))
        _text(painter, look.colours.dim, _on_screen(box).adjusted(5, 1, -3, 14 - box.height()), piece.clip)


def _draw_wave(painter: QPainter, look: Look, piece: SoundPiece, box: QRectF) -> None:
    left, right = max(0.0, box.left()), min(float(look.scale.width), box.right())
    count = int(right - left)
    if look.peaks is None or count < 2 or not piece.source.path:
        return
    rate = look.scene.rate
    first = float(piece.source.start) + (
        look.scale.first + left * look.scale.frames_per_pixel - piece.span.start
    ) / float(rate)
    seconds = count * look.scale.frames_per_pixel / float(rate)
    peaks = look.peaks.between(piece.source.path, first, first + seconds, count)
    if peaks is None:
        return
    middle, half = box.center().y(), box.height() / 2 - 2
    tops, bottoms = middle - peaks[:, 1] * half, middle - peaks[:, 0] * half + 0.5
    painter.setPen(look.colours.wave)
    painter.drawLines([QLineF(left + x, tops[x], left + x, bottoms[x]) for x in range(count)])


def _draw_lane(painter: QPainter, look: Look, row: Row, drawn: Drawn) -> None:
    _ground(painter, look, row)
    filled = -1  # pixels that a narrow region has taken
    for region in _visible(row.regions, look.scale):
        selected = region.id in look.selection
        right = int(look.scale.x(region.span.end))
        if right <= filled and not selected:
            continue
        filled = right
        drawn.regions += 1
        _draw_region(painter, look, region, row, selected=selected)


def _draw_region(painter: QPainter, look: Look, region: Region, row: Row, *, selected: bool) -> None:
    register = look.registers.get(region.register)
    colour = QColor(register.colour)
    box = _box(region.span, row, look.scale).adjusted(0, 3, 0, -3)
    if box.width() < 4:
        painter.fillRect(QRectF(box.left(), box.top(), max(1.0, box.width()), box.height()), colour)
        return
    ground = mixed(look.colours.lane, colour, 0.55 if selected else 0.32)
    painter.setPen(QPen(look.colours.selected if selected else colour, 2.0 if selected else 1.0))
    painter.setBrush(ground)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    if not region.line.strip():
        painter.setBrush(QBrush(colour, Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    box = _on_screen(box)
    if box.width() < _BADGE + 2:
        return
    badge = QRectF(box.left() + 2, box.top() + 2, _BADGE - 2, _BADGE - 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(badge, 2, 2)
    painter.setPen(readable_on(colour))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, register.letter)
    if box.width() >= _READABLE + _BADGE:
        words = box.adjusted(_BADGE + 4, 1, -4, 0)
        top, bottom = words.adjusted(0, 0, 0, -words.height() / 2), words.adjusted(0, words.height() / 2, 0, 0)
        _text(painter, look.colours.text, top, region.line)
        _text(painter, look.colours.dim, bottom, look.states.get(region.id, ""))


def _draw_range(painter: QPainter, look: Look) -> None:
    if look.range_in is None and look.range_out is None:
        return
    start = look.scale.x(look.range_in if look.range_in is not None else 0)
    end = look.scale.x(look.range_out if look.range_out is not None else look.scene.length_frames)
    shade = QColor(look.colours.range)
    shade.setAlpha(60)
    painter.fillRect(QRectF(start, 0, end - start, look.height - look.map_height), shade)
    painter.setPen(QPen(look.colours.text, 2))
    for x, frame in ((start, look.range_in), (end, look.range_out)):
        if frame is not None:
            painter.drawLine(QLineF(x, 0, x, look.rows[0].bottom))


def _draw_map(painter: QPainter, look: Look) -> None:
    """The whole timeline small, with a window where the view is."""
    if not look.map_height or not look.scene.length_frames:
        return
    top, height = look.height - look.map_height, look.map_height
    painter.fillRect(QRectF(0, top, look.scale.width, height), look.colours.lane)
    scale = whole(look.scene.length_frames, look.scale.width)
    lanes = [row for row in look.rows if row.kind is RowKind.LANE]
    each = height / max(1, len(lanes))
    for number, row in enumerate(lanes):
        filled = -1
        for region in row.regions:
            left, right = int(scale.x(region.span.start)), int(scale.x(region.span.end))
            if right <= filled:
                continue
            filled = max(right, left + 1)
            colour = QColor(look.registers.get(region.register).colour)
            painter.fillRect(QRectF(left, top + number * each + 1, max(1, right - left), each - 2), colour)
    seen = QRectF(scale.x(look.scale.first), top, (look.scale.last - look.scale.first) / scale.frames_per_pixel, height)
    painter.setPen(QPen(look.colours.text, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(seen.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.setPen(look.colours.playhead)
    x = scale.x(look.playhead)
    painter.drawLine(QLineF(x, top, x, look.height))


class _Placed(Protocol):
    @property
    def span(self) -> Span: ...


T = TypeVar("T", bound=_Placed)


def _visible(placed: Sequence[T], scale: Scale) -> Sequence[T]:
    """Those on the screen; they lie in order, and only neighbours overlap (crossfades)."""
    first = max(0, bisect_right(placed, scale.first, key=lambda each: each.span.start) - 2)
    return placed[first : bisect_left(placed, scale.last, key=lambda each: each.span.start)]


def _box(span: Span, row: Row, scale: Scale) -> QRectF:
    """A span in its row, cut a little outside the view: boxes of a million pixels are slow."""
    left = max(-8.0, scale.x(span.start))
    return QRectF(left, row.top, min(scale.width + 8.0, scale.x(span.end)) - left, row.height)


def _ground(painter: QPainter, look: Look, row: Row) -> None:
    painter.fillRect(QRectF(0, row.top, look.scale.width, row.height), look.colours.lane)


def _on_screen(box: QRectF) -> QRectF:
    """What of a box is right of the view's left edge: its words stay readable as it scrolls out."""
    return box.adjusted(max(0.0, -box.left()), 0, 0, 0)


def _text(painter: QPainter, colour: QColor, box: QRectF, text: str) -> None:
    if box.width() < _READABLE or not text:
        return
    painter.setPen(colour)
    elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)


_DRAWING: Mapping[RowKind, Callable[[QPainter, Look, Row, Drawn], None]] = {
    RowKind.RULER: _draw_ruler,
    RowKind.PICTURES: _draw_pictures,
    RowKind.SOUND: _draw_sound,
    RowKind.LANE: _draw_lane,
}
