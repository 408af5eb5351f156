"""Drawing the timeline. Only what is on the screen is touched, and what is finer than a pixel is drawn once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPolygonF

from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.timing import Span
from sottovoce_ui.timeline.colours import Colours, RegionColours
from sottovoce_ui.timeline.columns import NOTHING, pieces_in_columns, stripe, visible_in, wave
from sottovoce_ui.timeline.rows import Row, RowKind
from sottovoce_ui.timeline.ruler import ticks
from sottovoce_ui.timeline.scale import Scale, whole

_READABLE = 26  # pixels: a narrower region shows no words
_BADGE = 16
_DENSE = 20  # pixels a piece, on average: below, only its colour is drawn


class Peaks(Protocol):
    """The lowest and highest samples of sound files."""

    def at(self, path: str, starts: NDArray[np.float64], seconds: float) -> NDArray[np.float32] | None:
        """`[len(starts), 2]` in ±1, lowest and highest of the `seconds` from each start on; NaN outside the file.

        None where the file is not measured (yet).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything a picture of the timeline depends on."""

    scene: Scene
    rows: tuple[Row, ...]
    scale: Scale
    colours: Colours
    registers: RegisterTable
    region_colours: Mapping[str, RegionColours]  # by register
    peaks: Peaks | None = None
    selection: frozenset[str] = frozenset()
    playhead: int = 0
    range_in: int | None = None
    range_out: int | None = None
    states: Mapping[str, str] = field(default_factory=dict)  # a mark for regions that need something, by id
    height: int = 0  # of the view: the map lies at its bottom
    map_height: int = 0
    map_stripes: tuple[QImage, ...] = ()  # a lane each; made anew only when regions change


@dataclass(slots=True)
class Drawn:
    """What was drawn, for those who count."""

    regions: int = 0
    clips: int = 0
    ticks: int = 0


def map_stripes(rows: Sequence[Row], registers: RegisterTable, scale: Scale) -> tuple[QImage, ...]:
    """The lanes of the map, each as an image one pixel high; the scale is that of the whole timeline."""
    lanes = (row for row in rows if row.kind is RowKind.LANE)
    return tuple(stripe(region_colours(row, registers, scale)) for row in lanes)


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
    found = ticks(look.scale, scene.rate, scene.start_frame, drop=scene.drop_frame)
    drawn.ticks += len(found.small) + len(found.labelled)
    painter.setPen(look.colours.dim)
    lines = [QLineF(x, row.bottom - 5, x, row.bottom) for x in found.small]
    painter.drawLines(lines + [QLineF(x, row.bottom - 10, x, row.bottom) for x, _ in found.labelled])
    for x, label in found.labelled:
        painter.drawText(QPointF(x + 4, row.top + 13), label)


def _draw_pictures(painter: QPainter, look: Look, row: Row, drawn: Drawn) -> None:
    _ground(painter, look, row)
    if _is_dense(row, look.scale):
        _draw_stripe(painter, look, row, _clip_colours(row, look))
        return
    for piece in row.pictures[visible_in(row.extents, look.scale)]:
        box = _draw_clip(painter, look, row, piece.span, drawn)
        if piece.dissolve is not None:
            painter.drawLine(QLineF(box.left(), box.bottom(), box.right(), box.top()))
        _text(painter, look.colours.dim, _on_screen(box).adjusted(5, 0, -3, 0), piece.clip)


def _draw_sound(painter: QPainter, look: Look, row: Row, drawn: Drawn) -> None:
    _ground(painter, look, row)
    if _is_dense(row, look.scale):
        _draw_stripe(painter, look, row, _clip_colours(row, look))
        _draw_waves(painter, look, row)
        return
    visible = row.sounds[visible_in(row.extents, look.scale)]
    boxes = [_draw_clip(painter, look, row, piece.span, drawn) for piece in visible]
    _draw_waves(painter, look, row)
    for piece, box in zip(visible, boxes, strict=True):
        _text(painter, look.colours.dim, _on_screen(box).adjusted(5, 1, -3, 14 - box.height()), piece.clip)


def _draw_clip(painter: QPainter, look: Look, row: Row, span: Span, drawn: Drawn) -> QRectF:
    drawn.clips += 1
    box = _box(span, row, look.scale)
    painter.fillRect(box, look.colours.clip)
    painter.setPen(look.colours.line)
    painter.drawLine(QLineF(box.left(), box.top(), box.left(), box.bottom()))
    return box


def _draw_waves(painter: QPainter, look: Look, row: Row) -> None:
    """The waveforms of all clips of a row, each column of pixels measured once."""
    if look.peaks is None or row.source_seconds is None:
        return
    scale, rate, extents = look.scale, float(look.scene.rate), row.extents
    shown = pieces_in_columns(extents, scale)
    columns = np.flatnonzero(shown != NOTHING)
    frames = scale.first + columns * scale.frames_per_pixel
    starts = row.source_seconds[shown[columns]] + (frames - extents.starts[shown[columns]]) / rate
    kinds = extents.kinds[shown[columns]]
    peaks = np.full((scale.width, 2), np.nan, np.float32)
    for kind in np.unique(kinds).tolist():
        path, these = extents.names[kind], np.flatnonzero(kinds == kind)
        found = look.peaks.at(path, starts[these], scale.frames_per_pixel / rate) if path else None
        if found is not None:
            peaks[columns[these]] = found
    if np.isfinite(peaks).any():
        image = wave(peaks[:, 0], peaks[:, 1], row.height - 4, look.colours.wave)
        painter.drawImage(QPointF(0, row.top + 2), image)


def _draw_lane(painter: QPainter, look: Look, row: Row, drawn: Drawn) -> None:
    _ground(painter, look, row)
    visible = row.regions[visible_in(row.extents, look.scale)]
    if _is_dense(row, look.scale):
        drawn.regions += _draw_stripe(painter, look, row, region_colours(row, look.registers, look.scale), inset=3)
        visible = tuple(region for region in visible if region.id in look.selection) if look.selection else ()
    for region in visible:
        drawn.regions += 1
        _draw_region(painter, look, region, row, selected=region.id in look.selection)


def _draw_region(painter: QPainter, look: Look, region: Region, row: Row, *, selected: bool) -> None:
    colours = look.region_colours[region.register]
    box = _box(region.span, row, look.scale).adjusted(0.5, 3.5, -0.5, -3.5)
    if box.width() < 4 and not selected:
        painter.fillRect(QRectF(box.left(), box.top(), max(1.0, box.width()), box.height()), colours.colour)
        return
    painter.setPen(QPen(look.colours.selected, 2.0) if selected else colours.colour)
    painter.setBrush(colours.selected if selected else colours.ground)
    painter.drawRoundedRect(box, 3, 3)
    if not region.line.strip():
        painter.setBrush(QBrush(colours.colour, Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(box, 3, 3)
    if box.width() >= _BADGE + 2:
        _draw_words(painter, look, region, _on_screen(box), colours)


def _draw_words(painter: QPainter, look: Look, region: Region, box: QRectF, colours: RegionColours) -> None:
    """The register's letter, the line, and what the region needs, as far as there is room."""
    badge = QRectF(box.left() + 2, box.top() + 2, _BADGE - 2, _BADGE - 2)
    painter.fillRect(badge, colours.colour)
    painter.setPen(colours.letter)
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, look.registers.get(region.register).letter)
    if box.width() < _READABLE + _BADGE:
        return
    words = box.adjusted(_BADGE + 4, 1, -4, 0)
    middle = words.height() / 2
    _text(painter, look.colours.text, words.adjusted(0, 0, 0, -middle), region.line)
    needs = look.states.get(region.id, "")
    if needs:
        _text(painter, look.colours.dim, words.adjusted(0, middle, 0, 0), needs)


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
    each = height / max(1, len(look.map_stripes))
    for number, image in enumerate(look.map_stripes):
        painter.drawImage(QRectF(0, top + number * each + 1, look.scale.width, each - 2), image)
    seen = QRectF(scale.x(look.scale.first), top, (look.scale.last - look.scale.first) / scale.frames_per_pixel, height)
    painter.setPen(QPen(look.colours.text, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(seen.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.setPen(look.colours.playhead)
    x = scale.x(look.playhead)
    painter.drawLine(QLineF(x, top, x, look.height))


def _is_dense(row: Row, scale: Scale) -> bool:
    """Whether the pieces are so narrow that their colour is all there is to see."""
    visible = visible_in(row.extents, scale)
    return int(visible.stop - visible.start) > scale.width / _DENSE


def _draw_stripe(painter: QPainter, look: Look, row: Row, colours: NDArray[np.uint32], inset: int = 0) -> int:
    """Colours for each column; returns how many of them show something."""
    painter.drawImage(QRectF(0, row.top + inset, look.scale.width, row.height - 2 * inset), stripe(colours))
    return int(np.count_nonzero(colours))


def _clip_colours(row: Row, look: Look) -> NDArray[np.uint32]:
    """Every other clip a little darker, so that cuts can be seen."""
    shown = pieces_in_columns(row.extents, look.scale)
    pair = np.array([look.colours.clip.rgba(), look.colours.line.rgba()], np.uint32)
    return np.where(shown == NOTHING, np.uint32(0), pair[shown % 2])


def region_colours(row: Row, registers: RegisterTable, scale: Scale) -> NDArray[np.uint32]:
    """`[width]`: 0xAARRGGBB of the register that each column of a lane shows; 0 for none."""
    shown = pieces_in_columns(row.extents, scale)
    known = np.array([0, *(QColor(registers.get(name).colour).rgba() for name in row.extents.names)], np.uint32)
    kinds = np.append(row.extents.kinds, NOTHING)
    colours: NDArray[np.uint32] = known[kinds[shown] + 1]
    return colours


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
