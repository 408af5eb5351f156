"""Drawing the view: the kept picture of the rows, and over it what moves: range, playhead, and the map at the bottom."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from sottovoce_ui.timeline.dragging import Feedback
from sottovoce_ui.timeline.look import Look
from sottovoce_ui.timeline.overview import Overview
from sottovoce_ui.timeline.scale import Scale, whole

_HEAD = 6.0  # pixels to both sides of the playhead that its mark on the ruler takes
_PLAYHEAD = 1.5  # pixels
_FRAME = 8.0  # pixels: a frame this wide is shown as a whole under the playhead
_SEEN = 6.0  # pixels: the window of the map is never narrower
_SHADE = 60  # alpha


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """What lies over the rows, and below them."""

    height: int  # of the view
    map_height: int
    down: int = 0  # how far the rows are scrolled up under the ruler
    overview: Overview  # the map
    playhead: int = 0  # scene frames
    range_in: int | None = None
    range_out: int | None = None


def draw(painter: QPainter, look: Look, sheet: QImage, above: Above, areas: Iterable[QRect]) -> None:
    """Draws the view where it has to be drawn anew.

    Args:
        painter: Of the view, clipped to the areas.
        look: What the rows show.
        sheet: The picture of the rows, in the screen's own pixels.
        above: Everything else.
        areas: In pixels of the view.
    """
    top, ruler = above.height - above.map_height, look.rows[0].bottom
    end = int(sheet.height() / look.ratio) - above.down
    for area in areas:
        painter.fillRect(_between(area, max(ruler, end), top), look.colours.ground)
        _copy(painter, look.ratio, sheet, -above.down, _between(area, ruler, top))
        _copy(painter, look.ratio, sheet, 0, _between(area, 0, ruler))
        _copy_map(painter, look, above, _between(area, top, above.height))
    _draw_range(painter, look, above)
    painter.setPen(QPen(look.colours.text, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(_seen(look, above)).adjusted(0.5, 0.5, -0.5, -0.5))
    draw_playhead(painter, look, above)


def playhead_areas(scale: Scale, above: Above) -> tuple[QRect, ...]:
    """What the playhead covers, in the rows and on the map."""
    top = above.height - above.map_height
    x, on_map = scale.x(above.playhead), whole(scale.length_frames, scale.width).x(above.playhead)
    wide = _HEAD + 2
    return (
        QRectF(x - wide, 0, 2 * wide + 1 / scale.frames_per_pixel, top).toAlignedRect(),
        QRectF(on_map - 3, top, 6, above.map_height).toAlignedRect(),
    )


def draw_playhead(painter: QPainter, look: Look, above: Above) -> None:
    """A line through all rows with a mark on the ruler, and a line on the map; close up, all of its frame."""
    colour, wide = look.colours.playhead, look.pixels(_PLAYHEAD) / look.ratio
    top, shown = above.height - above.map_height, look.scale.x(above.playhead)
    if 1 / look.scale.frames_per_pixel >= _FRAME:
        shade = QColor(colour)
        shade.setAlpha(_SHADE)
        painter.fillRect(QRectF(shown, 0, 1 / look.scale.frames_per_pixel, top), shade)
    x = _crisp(look, shown) - look.pixels(_PLAYHEAD) // 2 / look.ratio
    painter.fillRect(QRectF(x, 0, wide, top), colour)
    on_map = _crisp(look, whole(look.scale.length_frames, look.scale.width).x(above.playhead))
    painter.fillRect(QRectF(on_map, top, look.pixels(1) / look.ratio, above.map_height), colour)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour)
    painter.setPen(Qt.PenStyle.NoPen)
    middle = x + wide / 2
    painter.drawPolygon(QPolygonF([QPointF(middle - _HEAD, 0), QPointF(middle + _HEAD, 0), QPointF(middle, 9)]))
    painter.restore()


def draw_feedback(painter: QPainter, look: Look, feedback: Feedback, bottom: int) -> None:
    """What a drag tells: a line at the frame it was drawn to, and words beside the pointer."""
    colours = look.colours
    if feedback.snapped is not None:
        x = _crisp(look, look.scale.x(feedback.snapped))
        ruler = look.rows[0].bottom
        painter.fillRect(QRectF(x, ruler, look.pixels(1) / look.ratio, bottom - ruler), colours.text)
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(feedback.words) + 12, metrics.height() + 4
    left = min(max(0.0, feedback.at.x() + 14), look.scale.width - width)
    top = max(look.rows[0].bottom + 2.0, feedback.at.y() - height - 10)
    box = QRectF(round(left), round(top), width, height)
    painter.fillRect(box, colours.text)
    painter.setPen(colours.ground)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, feedback.words)


def _between(area: QRect, top: int, bottom: int) -> QRect:
    """What of an area lies between two heights."""
    return area.intersected(QRect(area.left(), top, area.width(), max(0, bottom - top)))


def _copy(painter: QPainter, ratio: float, image: QImage, top: int, area: QRect) -> None:
    """Copies what of an image lies in an area, one pixel of the screen to one; `top` is the height it begins at."""
    begin = round(top * ratio)
    left, right = int(area.left() * ratio), round((area.right() + 1) * ratio)
    upper, lower = (
        max(begin, round(area.top() * ratio)),
        min(begin + image.height(), round((area.bottom() + 1) * ratio)),
    )
    if lower <= upper:
        return
    painter.save()
    painter.scale(1 / ratio, 1 / ratio)
    painter.drawImage(left, upper, image, left, upper - begin, right - left, lower - upper)
    painter.restore()


def _crisp(look: Look, x: float) -> float:
    """The left edge of the screen's pixel at a place."""
    return int(x * look.ratio) / look.ratio


def _draw_range(painter: QPainter, look: Look, above: Above) -> None:
    if above.range_in is None and above.range_out is None:
        return
    start = look.scale.x(above.range_in if above.range_in is not None else 0)
    end = look.scale.x(above.range_out if above.range_out is not None else look.scene.length_frames)
    shade = QColor(look.colours.range)
    shade.setAlpha(_SHADE)
    painter.fillRect(QRectF(start, 0, end - start, above.height - above.map_height), shade)
    line = look.pixels(2) / look.ratio
    for x, frame in ((start, above.range_in), (end - line, above.range_out)):
        if frame is not None:
            painter.fillRect(QRectF(_crisp(look, x), 0, line, look.rows[0].bottom), look.colours.text)


def _copy_map(painter: QPainter, look: Look, above: Above, area: QRect) -> None:
    """The map, veiled beside the stretch that the view shows."""
    seen = _seen(look, above)
    _copy(painter, look.ratio, above.overview.unseen.image, seen.top(), area)
    _copy(painter, look.ratio, above.overview.seen.image, seen.top(), area.intersected(seen))


def _seen(look: Look, above: Above) -> QRect:
    """The window of the map that the view shows."""
    scale = whole(look.scale.length_frames, look.scale.width)
    left, right = scale.x(look.scale.first), scale.x(look.scale.last)
    middle, half = (left + right) / 2, max(right - left, _SEEN) / 2
    begin, end = round(max(0.0, middle - half)), round(min(float(look.scale.width), middle + half))
    return QRect(begin, above.height - above.map_height, end - begin, above.map_height)
