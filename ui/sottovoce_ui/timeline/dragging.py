"""What the hand's moves on the timeline mean.

click                 selects; with Ctrl one more or less, with Shift all up to it
drag a region         moves the selection; over its edge trims it, over a border rolls it
drag an empty lane    draws a frame around regions to select
drag the ruler        moves the playhead; with Alt it sets in and out marks
drag the map          shows another stretch
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal

from sottovoce_engine.editing.spans import Edge, moved, rolled, trimmed
from sottovoce_engine.timing import Span, timecode
from sottovoce_ui.editor import Edit, Editor
from sottovoce_ui.timeline.hits import Hit, Part, regions_between
from sottovoce_ui.timeline.rows import RULER, Row
from sottovoce_ui.timeline.scale import Scale
from sottovoce_ui.timeline.snapping import snap_frames, snapped

_SNAP = 8.0  # pixels
_STILL = 3.0  # pixels: a shorter move is a click

_CONTROL, _SHIFT, _ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Surface(Protocol):
    """What is dragged on."""

    snapping: bool

    @property
    def scale(self) -> Scale: ...

    @property
    def rows(self) -> tuple[Row, ...]: ...

    def hit_at(self, at: QPointF) -> Hit | None:
        """The region under a point of the view."""
        ...

    def is_on_map(self, at: QPointF) -> bool: ...

    def in_rows(self, y: float) -> float:
        """A height in the view as one in the rows, which may be scrolled up."""
        ...

    def show_on_map(self, x: float) -> None:
        """Shows the stretch around a place of the map."""
        ...


class _Kind(StrEnum):
    REGION = "region"
    SELECT = "select"
    PLAYHEAD = "playhead"
    RANGE = "range"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drag:
    """A drag from where it began."""

    at: QPointF
    frame: int
    kind: _Kind = _Kind.SELECT
    hit: Hit | None = None
    gesture: str = ""  # "" until the hand has moved
    attracting: tuple[int, ...] = ()  # the frames that edges snap to
    has_changed: bool = False  # whether there is a step to take back


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a drag shows beside the pointer."""

    at: QPointF
    words: str  # where the edge is now, and how far that is from where it was
    snapped: int | None = None  # the frame that it was drawn to


class Dragging(QObject):
    """One drag at a time, from press to release.

    Signals:
        changed(): `frame` or `feedback` is otherwise.
    """

    changed = Signal()

    def __init__(self, editor: Editor, surface: Surface, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._surface = surface
        self._drag: _Drag | None = None
        self.frame: QRectF | None = None  # drawn around regions to select
        self.feedback: Feedback | None = None

    @property
    def is_on(self) -> bool:
        """Whether something is held."""
        return self._drag is not None

    def press(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The left button goes down."""
        drag = _Drag(at=at, frame=self._surface.scale.frame(at.x()))
        hit = self._surface.hit_at(at)
        if self._surface.is_on_map(at):
            self._drag = replace(drag, kind=_Kind.MAP)
            self._surface.show_on_map(at.x())
        elif at.y() < RULER:
            kind = _Kind.RANGE if modifiers & _ALT else _Kind.PLAYHEAD
            self._drag = replace(drag, kind=kind, attracting=self._attracting())
            self._drag = replace(self._drag, frame=self._snapped(drag.frame))
            if kind is _Kind.PLAYHEAD:
                self._editor.go_to(self._drag.frame)
        elif hit is not None:
            self._select(hit, modifiers)
            self._drag = replace(drag, kind=_Kind.REGION, hit=hit)
        else:
            self._drag = drag

    def move(self, at: QPointF) -> None:
        """The pointer moves while something is held."""
        drag = self._drag
        if drag is None:
            return
        frame = self._surface.scale.frame(at.x())
        match drag.kind:
            case _Kind.MAP:
                self._surface.show_on_map(at.x())
            case _Kind.PLAYHEAD:
                self._editor.go_to(self._snapped(frame))
            case _Kind.RANGE:
                start, end = sorted((drag.frame, self._snapped(frame)))
                if end > start:
                    self._editor.set_range(start, end)
                    self._tell(at, self._snapped(frame), end - start)
            case _Kind.SELECT:
                self.frame = QRectF(drag.at, at).normalized()
                self.changed.emit()
            case _Kind.REGION:
                self._drag_region(drag, at)

    def release(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The button comes up."""
        drag, self._drag = self._drag, None
        box, self.frame, self.feedback = self.frame, None, None
        if drag is not None and drag.kind is _Kind.SELECT:
            self._select_inside(box, at, modifiers)
        self.changed.emit()

    def take_back(self) -> bool:
        """Ends a drag that changes regions as if it had never been; whether there was one."""
        drag = self._drag
        if drag is None or not drag.gesture:
            return False
        self._drag, self.feedback = None, None
        if drag.has_changed:
            self._editor.stack.undo()
        self.changed.emit()
        return True

    def _drag_region(self, drag: _Drag, at: QPointF) -> None:
        hit = drag.hit
        assert hit is not None
        if not drag.gesture:
            if abs(at.x() - drag.at.x()) < _STILL:
                return
            gesture, attracting = self._editor.new_gesture(), self._attracting(self._dragged(hit))
            drag = self._drag = replace(drag, gesture=gesture, attracting=attracting)
        region, after, by = hit.region, hit.after, self._surface.scale.frame(at.x()) - drag.frame
        was = region.span.start if hit.part in (Part.BODY, Part.START) else region.span.end
        frame, ids, far = self._snapped(was + by), self._editor.selection, self._snapped_move(region.span, by)
        match hit.part:
            case Part.BODY:
                self._do(self.tr("Move regions"), lambda draft: moved(draft, ids, far), drag)
            case Part.BORDER if after is not None:
                self._do(self.tr("Roll border"), lambda draft: rolled(draft, region.id, after.id, frame), drag)
            case part:
                edge = Edge.START if part is Part.START else Edge.END
                self._do(self.tr("Trim region"), lambda draft: trimmed(draft, region.id, edge, frame), drag)
        span = next((each.span for each in self._editor.draft.regions if each.id == region.id), region.span)
        now = span.start if hit.part in (Part.BODY, Part.START) else span.end
        self._tell(at, now, now - was, also=span.end if hit.part is Part.BODY else None)

    def _do(self, label: str, edit: Edit, drag: _Drag) -> None:
        if self._editor.do(label, edit, gesture=drag.gesture) and not drag.has_changed:
            self._drag = replace(drag, has_changed=True)

    def _tell(self, at: QPointF, frame: int, by: int, *, also: int | None = None) -> None:
        """Where an edge is now, and how far it came, in timecode; another edge may be the one that was drawn."""
        scene, attracting = self._editor.scene, () if self._drag is None else self._drag.attracting
        here = timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame)
        far = timecode(abs(by), scene.rate).lstrip("0:") or "0"
        drawn = (edge for edge in (frame, also) if self._surface.snapping and edge in attracting)
        self.feedback = Feedback(at=at, words=f"{here}   {'−' if by < 0 else '+'}{far}", snapped=next(drawn, None))
        self.changed.emit()

    def _dragged(self, hit: Hit) -> frozenset[str]:
        """The regions whose edges move with a hit."""
        if hit.part is Part.BODY:
            return self._editor.selection
        return frozenset(each.id for each in (hit.region, hit.after) if each is not None)

    def _select(self, hit: Hit, modifiers: Qt.KeyboardModifier) -> None:
        region, editor = hit.region, self._editor
        if modifiers & _CONTROL:
            editor.select(editor.selection ^ {region.id}, region.id)
        elif modifiers & _SHIFT and editor.current is not None:
            start, end = sorted((editor.current.span.start, region.span.start))
            between = [each.id for each in editor.draft.regions if start <= each.span.start <= end]
            editor.select((*editor.selection, *between), region.id)
        elif region.id in editor.selection:
            editor.select(editor.selection, region.id)
        else:
            editor.select((region.id,))

    def _select_inside(self, box: QRectF | None, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The regions in a frame; without one, a click beside regions moves the playhead."""
        surface, editor = self._surface, self._editor
        if box is None or box.width() < _STILL:
            editor.select(())
            editor.go_to(surface.scale.frame(at.x()))
            return
        start, end = surface.scale.frame(box.left()), surface.scale.frame(box.right())
        inside = regions_between(surface.rows, start, end, surface.in_rows(box.top()), surface.in_rows(box.bottom()))
        editor.select((*(editor.selection if modifiers & _CONTROL else ()), *inside))

    def _snapped(self, frame: int) -> int:
        """What a drag means by a frame: one that attracts, where one is near."""
        if not self._surface.snapping or self._drag is None:
            return frame
        return snapped(frame, self._drag.attracting, _SNAP * self._surface.scale.frames_per_pixel)

    def _snapped_move(self, span: Span, by: int) -> int:
        """How far a drag means a span to go: whichever of its edges is nearer to what attracts it is drawn there."""
        if not self._surface.snapping or self._drag is None:
            return by
        drawn = {edge: self._snapped(edge + by) for edge in (span.start, span.end)}
        moves = (frame - edge for edge, frame in drawn.items() if frame in self._drag.attracting)
        return min(moves, key=lambda move: abs(move - by), default=by)

    def _attracting(self, without: frozenset[str] = frozenset()) -> tuple[int, ...]:
        """The frames that attract while these regions are dragged; while the playhead is, it does not itself."""
        editor = self._editor
        marks = (editor.range_in, editor.range_out, *((editor.playhead,) if without else ()))
        return snap_frames(editor.scene, without=without, more=marks)
