"""The timeline's view: shows the editor's draft, and turns the hand's moves into intents.

click                 selects; with Ctrl one more or less, with Shift all up to it
drag a region         moves the selection; over its edge trims it, over a border rolls it
drag an empty lane    draws a frame around regions to select
drag the ruler        moves the playhead; with Alt it sets in and out marks
wheel                 scrolls; with Ctrl it zooms around the pointer
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from sottovoce_engine.editing.spans import Edge, moved, rolled, trimmed
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.timing import timecode
from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.canvas import Canvas
from sottovoce_ui.timeline.colours import Colours, RegionColours, colours_of, region_colours_of
from sottovoce_ui.timeline.hits import Hit, Part, region_hit, regions_between
from sottovoce_ui.timeline.look import Drawn, Look, Peaks
from sottovoce_ui.timeline.overview import Overview
from sottovoce_ui.timeline.painting import Above, draw, playhead_areas
from sottovoce_ui.timeline.rows import MAP, RULER, Row, RowKind, row_at, rows_of
from sottovoce_ui.timeline.scale import Scale, whole
from sottovoce_ui.timeline.sheet import Sheet
from sottovoce_ui.timeline.snapping import snap_frames, snapped

_SNAP = 8.0  # pixels
_STILL = 3.0  # pixels: a shorter move is a click
_ZOOM = 1.25

_SHAPES = {
    Part.BODY: Qt.CursorShape.OpenHandCursor,
    Part.START: Qt.CursorShape.SizeHorCursor,
    Part.END: Qt.CursorShape.SizeHorCursor,
    Part.BORDER: Qt.CursorShape.SplitHCursor,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drag:
    """A drag from where it began."""

    at: QPointF
    frame: int
    kind: str  # "region", "select", "playhead", "range", "map"
    hit: Hit | None = None
    gesture: str = ""  # "" until the hand has moved
    attracting: tuple[int, ...] = ()  # the frames that edges snap to


class TimelineView(QWidget):
    """The whole timeline.

    Signals:
        scale_changed(): Another stretch is shown.
        activated(str): A region was double-clicked: its line is to be typed.
    """

    scale_changed = Signal()
    activated = Signal(str)

    def __init__(self, editor: Editor, registers: RegisterTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._registers = registers
        self._peaks: Peaks | None = None
        self._states: Mapping[str, str] = {}
        self._drag: _Drag | None = None
        self._frame: QRectF | None = None  # drawn around regions to select
        self._rows: tuple[Row, ...] = ()
        self._sheet = Sheet()
        self._overview = Overview(canvas=Canvas(1, 1))
        self._painted: Above | None = None  # what lies over the rows on the screen
        self._scale = whole(0, 1)
        self._palette: tuple[int, Colours, Mapping[str, RegionColours]] | None = None  # made for that palette
        self.snapping = True
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Timeline"))
        self.setMinimumHeight(RULER + MAP + 80)
        editor.opened.connect(self._open)
        editor.draft_changed.connect(self._show_draft)
        editor.selection_changed.connect(self._show_selection)
        editor.playhead_moved.connect(self._show_playhead)
        editor.range_changed.connect(self.update)
        self._open()

    @property
    def scale(self) -> Scale:
        return self._scale

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    def set_peaks(self, peaks: Peaks | None) -> None:
        """Where waveforms come from."""
        self._peaks = peaks
        self.update()

    def set_states(self, states: Mapping[str, str]) -> None:
        """A few words on regions that need something, by id."""
        self._states = states
        self.update()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Shows `factor` times as many frames; the playhead stays in its place unless the pointer is named."""
        at = self._scale.x(self._editor.playhead) if x is None else x
        inside = x is not None or 0 <= at <= self._scale.width
        self._rescale(self._scale.zoomed(factor, at if inside else self._scale.width / 2))

    def zoom_in(self) -> None:
        self.zoom(1 / _ZOOM)

    def zoom_out(self) -> None:
        self.zoom(_ZOOM)

    def scroll_by(self, share: float) -> None:
        """Shows what lies a share of the view's width further on."""
        self._rescale(self._scale.scrolled(share * self._scale.width * self._scale.frames_per_pixel))

    def zoom_to_all(self) -> None:
        """Shows the whole timeline."""
        self._rescale(whole(self._editor.scene.length_frames, max(1, self.width())))

    def region_box(self, region_id: str) -> QRectF:
        """Where a region is drawn; empty where it is not there."""
        for row in self._rows:
            for region in row.regions:
                if region.id == region_id:
                    left = self._scale.x(region.span.start)
                    return QRectF(left, row.top, self._scale.x(region.span.end) - left, row.height)
        return QRectF()

    @property
    def drawn(self) -> Drawn:
        """What the last picture of the rows took."""
        return self._sheet.drawn

    @property
    def pictures_made(self) -> int:
        """How often the rows were drawn: what moves over them does not draw them anew."""
        return self._sheet.made

    def look(self, ratio: float) -> Look:
        """What would be drawn now, on a screen of `ratio` pixels to one of ours."""
        colours, region_colours = self._coloured()
        return Look(
            rows=self._rows,
            scale=self._scale,
            columns=self._scale.at_ratio(ratio),
            ratio=ratio,
            font=self.font(),
            scene=self._editor.scene,
            colours=colours,
            registers=self._registers,
            region_colours=region_colours,
            peaks=self._peaks,
            measured_files=0 if self._peaks is None else self._peaks.measured_files,
            selection=self._editor.selection,
            states=self._states,
        )

    def _above(self, look: Look | None = None) -> Above:
        editor = self._editor
        return Above(
            height=self.height(),
            map_height=MAP,
            map=None if look is None else self._overview.shown(look).image,
            playhead=editor.playhead,
            range_in=editor.range_in,
            range_out=editor.range_out,
        )

    def _coloured(self) -> tuple[Colours, Mapping[str, RegionColours]]:
        key = self.palette().cacheKey()
        if self._palette is None or self._palette[0] != key:
            colours = colours_of(self.palette())
            self._palette = (key, colours, region_colours_of(colours, self._registers))
        return self._palette[1:]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        look = self.look(painter.deviceTransform().m11())
        self._painted = self._above(look)
        draw(painter, look, self._sheet.shown(look), self._painted, event.region())  # type: ignore[arg-type]
        if self._frame is not None:
            painter.setPen(QPen(self.palette().highlight().color(), 1, Qt.PenStyle.DashLine))
            painter.drawRect(self._frame)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().highlight().color(), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._rescale(self._scale.resized(event.size().width()))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM**-notches, event.position().x())
        else:
            self.scroll_by(-notches / 10)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = event.position()
        drag = _Drag(at=at, frame=self._scale.frame(at.x()), kind="select")
        row = row_at(self._rows, at.y())
        hit = region_hit(self._rows, self._scale, at.x(), at.y())
        if at.y() >= self.height() - MAP:
            self._drag = replace(drag, kind="map")
            self._show_on_map(at.x())
        elif row is not None and row.kind is RowKind.RULER:
            marking = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            self._drag = replace(drag, kind="range" if marking else "playhead", attracting=self._attracting())
            self._drag = replace(self._drag, frame=self._snapped(drag.frame))
            if not marking:
                self._editor.go_to(self._drag.frame)
        elif hit is not None:
            self._select(hit, event.modifiers())
            self._drag = replace(drag, kind="region", hit=hit)
        else:
            self._drag = drag

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position()
        if self._drag is None:
            hit = region_hit(self._rows, self._scale, at.x(), at.y())
            self.setCursor(_SHAPES[hit.part] if hit is not None else Qt.CursorShape.ArrowCursor)
            return
        frame = self._scale.frame(at.x())
        match self._drag.kind:
            case "map":
                self._show_on_map(at.x())
            case "playhead":
                self._editor.go_to(self._snapped(frame))
            case "range":
                start, end = sorted((self._drag.frame, self._snapped(frame)))
                if end > start:
                    self._editor.set_range(start, end)
            case "select":
                self._frame = QRectF(self._drag.at, at).normalized()
                self.update()
            case "region":
                self._drag_region(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        drag, self._drag = self._drag, None
        if drag is None or drag.kind != "select":
            return
        box, self._frame = self._frame, None
        if box is None or box.width() < _STILL:
            self._editor.select(())
            self._editor.go_to(self._scale.frame(event.position().x()))
        else:
            start, end = self._scale.frame(box.left()), self._scale.frame(box.right())
            inside = regions_between(self._rows, start, end, box.top(), box.bottom())
            adding = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._editor.select((*(self._editor.selection if adding else ()), *inside))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        hit = region_hit(self._rows, self._scale, event.position().x(), event.position().y())
        if hit is not None:
            self.activated.emit(hit.region.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape takes back a drag that is under way; all other keys are the window's."""
        if event.key() == Qt.Key.Key_Escape and self._drag is not None and self._drag.gesture:
            self._drag = None
            self._editor.stack.undo()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)
            return True
        return super().event(event)

    def _drag_region(self, at: QPointF) -> None:
        drag = self._drag
        if drag is None or drag.hit is None:
            return
        if not drag.gesture:
            if abs(at.x() - drag.at.x()) < _STILL:
                return
            dragged = self._dragged(drag.hit)
            drag = replace(drag, gesture=self._editor.new_gesture(), attracting=self._attracting(dragged))
            self._drag = drag
        hit = drag.hit
        assert hit is not None
        region, after = hit.region, hit.after
        by = self._scale.frame(at.x()) - drag.frame
        ids = self._editor.selection
        match hit.part:
            case Part.BODY:
                by = self._snapped(region.span.start + by) - region.span.start
                self._editor.do(self.tr("Move regions"), lambda draft: moved(draft, ids, by), gesture=drag.gesture)
            case Part.BORDER if after is not None:
                border = self._snapped(region.span.end + by)
                self._editor.do(
                    self.tr("Roll border"),
                    lambda draft: rolled(draft, region.id, after.id, border),
                    gesture=drag.gesture,
                )
            case part:
                edge = Edge.START if part is Part.START else Edge.END
                frame = self._snapped((region.span.start if part is Part.START else region.span.end) + by)
                self._editor.do(
                    self.tr("Trim region"),
                    lambda draft: trimmed(draft, region.id, edge, frame),
                    gesture=drag.gesture,
                )

    def _dragged(self, hit: Hit) -> frozenset[str]:
        """The regions whose edges move with a hit."""
        if hit.part is Part.BODY:
            return self._editor.selection
        return frozenset(each.id for each in (hit.region, hit.after) if each is not None)

    def _select(self, hit: Hit, modifiers: Qt.KeyboardModifier) -> None:
        region, editor = hit.region, self._editor
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            editor.select(editor.selection ^ {region.id}, region.id)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier and editor.current is not None:
            start, end = sorted((editor.current.span.start, region.span.start))
            between = [each.id for each in editor.draft.regions if start <= each.span.start <= end]
            editor.select((*editor.selection, *between), region.id)
        elif region.id in editor.selection:
            editor.select(editor.selection, region.id)
        else:
            editor.select((region.id,))

    def _snapped(self, frame: int) -> int:
        """What a drag means by a frame: one that attracts, where one is near."""
        if not self.snapping or self._drag is None:
            return frame
        return snapped(frame, self._drag.attracting, _SNAP * self._scale.frames_per_pixel)

    def _attracting(self, without: frozenset[str] = frozenset()) -> tuple[int, ...]:
        """The frames that attract while these regions are dragged; while the playhead is, it does not itself."""
        editor = self._editor
        marks = (editor.range_in, editor.range_out, *((editor.playhead,) if without else ()))
        return snap_frames(editor.scene, without=without, more=marks)

    def _show_on_map(self, x: float) -> None:
        shown = self._scale.last - self._scale.first
        middle = whole(self._scale.length_frames, self._scale.width).frame(x)
        self._rescale(replace(self._scale, first=middle - shown / 2).within())

    def _show_tip(self, event: QEvent) -> None:
        at = event.pos()  # type: ignore[attr-defined]
        hit = region_hit(self._rows, self._scale, at.x(), at.y())
        if hit is None:
            QToolTip.hideText()
            return
        scene, region = self._editor.scene, hit.region
        start = timecode(scene.start_frame + region.span.start, scene.rate, drop=scene.drop_frame)
        seconds = float(region.span.length / scene.rate)
        head = f"{start}  {seconds:.2f} s  {region.voice}, {region.register}"
        QToolTip.showText(event.globalPos(), f"{head}\n{region.line}", self)  # type: ignore[attr-defined]

    def _rescale(self, scale: Scale) -> None:
        if scale != self._scale:
            self._scale = scale
            self.scale_changed.emit()
            self.update()

    def _open(self) -> None:
        scene = self._editor.scene
        self._rows = rows_of(scene)
        self._scale = whole(scene.length_frames, max(1, self.width()))
        self.scale_changed.emit()
        self.update()

    def _show_draft(self) -> None:
        self._rows = rows_of(self._editor.scene, self._rows)
        self.update()

    def _show_selection(self) -> None:
        current = self._editor.current
        words = "" if current is None else f"{current.voice}, {current.register}: {current.line}"
        self.setAccessibleDescription(words)
        self.update()

    def _show_playhead(self, frame: int) -> None:
        """Only where it was and where it is now is painted."""
        self._rescale(self._scale.showing(frame))
        for above in (self._painted, self._above()):
            if above is not None:
                for area in playhead_areas(self._scale, above):
                    self.update(area)
