"""A painted frame of the timeline's view while it is moved about, against what filling the same picture costs.

Cores are shared, so CPU time of the painting thread is counted, and the floor is measured again after every frame: a
machine that is slow just then is slow for both. No view that paints all of a picture can be faster than filling it with
one colour; one that is kept as a picture, no faster than copying it.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.view import TimelineView

FRAMES = 200
PLAYED = 100


@dataclass(slots=True)
class Times:
    """Milliseconds of CPU time, of frames and of the floors measured beside each."""

    frames: list[float] = field(default_factory=list)
    fills: list[float] = field(default_factory=list)
    copies: list[float] = field(default_factory=list)


def painting(view: TimelineView, editor: Editor, width: int, height: int) -> dict[str, str]:
    """The figures of a view of that size."""
    view.resize(width, height)
    found = {}
    moved = _moved(view, 1.0)
    found["painting, median"] = f"{statistics.median(moved.frames):.1f} ms"
    found["painting, 99 of 100"] = f"{sorted(moved.frames)[int(len(moved.frames) * 0.99) - 1]:.1f} ms"
    found["floor: filling the picture"] = f"{statistics.median(moved.fills):.1f} ms"
    found["floor: copying a picture"] = f"{statistics.median(moved.copies):.1f} ms"
    found["the playhead one frame on"] = f"{statistics.median(_played(view, editor)):.2f} ms"
    return found


def painting_finely(view: TimelineView) -> dict[str, str]:
    """The same on a screen of twice as many pixels each way, which takes four times the memory."""
    moved = _moved(view, 2.0)
    return {
        "painting 5120×2880 pixels, median": f"{statistics.median(moved.frames):.1f} ms",
        "floor: filling those": f"{statistics.median(moved.fills):.1f} ms",
    }


def _moved(view: TimelineView, ratio: float) -> Times:
    """Zooming in, scrolling, zooming out."""
    width = view.width()
    moves: list[Callable[[], None]] = [lambda: view.zoom(1 / 1.1, width / 2)] * (FRAMES // 4)
    moves += [lambda: view.scroll_by(0.05)] * (FRAMES // 2)
    moves += [lambda: view.zoom(1.1, width / 3)] * (FRAMES // 4)
    picture, times = _picture(view, ratio), Times()
    other = picture.copy()
    view.zoom_to_all()
    view.render(picture)
    for move in moves:
        move()
        times.frames.append(_spent(lambda: view.render(picture)))
        times.fills.append(_spent(lambda: _fill(picture)))
        times.copies.append(_spent(lambda: _copy(picture, other)))
    return times


def _played(view: TimelineView, editor: Editor) -> list[float]:
    """The playhead moves on by a frame; what has to be painted is what the view itself asks for."""
    picture = _picture(view, 1.0)
    first = view.scale.frame(view.width() / 2)
    editor.go_to(first)
    view.render(picture)
    spent = []
    for frame in range(first + 1, first + PLAYED):
        before = view.playhead_areas()
        editor.go_to(frame)
        region = QRegion()
        for area in (*before, *view.playhead_areas()):
            region += QRegion(area)
        spent.append(_spent(lambda region=region: view.render(picture, QPoint(), region)))  # type: ignore[misc]
    return spent


def _picture(view: TimelineView, ratio: float) -> QImage:
    picture = QImage(view.size() * ratio, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    return picture


def _fill(picture: QImage) -> None:
    painter = QPainter(picture)
    painter.fillRect(QRect(QPoint(), picture.size()), QColor(Qt.GlobalColor.white))
    painter.end()


def _copy(picture: QImage, other: QImage) -> None:
    painter = QPainter(picture)
    painter.drawImage(0, 0, other)
    painter.end()


def _spent(work: Callable[[], None]) -> float:
    """Milliseconds of this thread's CPU time."""
    start = time.thread_time()
    work()
    return (time.thread_time() - start) * 1000
