"""The timeline's view: shows the editor's draft, and hands on what the hand does.

ruler                     stays
rows                      scrolled up by `down` where there are more than fit
map                       stays
"""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.timing import timecode
from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.canvas import Canvas
from sottovoce_ui.timeline.colours import Colours, RegionColours, colours_of, region_colours_of
from sottovoce_ui.timeline.dragging import Dragging
from sottovoce_ui.timeline.hits import Hit, Part, region_hit
from sottovoce_ui.timeline.look import Drawn, Look, Peaks, Pictures
from sottovoce_ui.timeline.overview import Overview
from sottovoce_ui.timeline.painting import Above, draw, draw_feedback, playhead_areas
from sottovoce_ui.timeline.rows import MAP, RULER, Row, RowKind, rows_between, rows_of
from sottovoce_ui.timeline.scale import Scale, whole
from sottovoce_ui.timeline.sheet import Sheet

_ZOOM = 1.25
_NOTCH = 48  # pixels that the wheel scrolls rows up or down

_SHAPES = {
    Part.BODY: Qt.CursorShape.OpenHandCursor,
    Part.START: Qt.CursorShape.SizeHorCursor,
    Part.END: Qt.CursorShape.SizeHorCursor,
    Part.BORDER: Qt.CursorShape.SplitHCursor,
}


class TimelineView(QWidget):
    """The whole timeline.

    Signals:
        scale_changed(): Another stretch is shown.
        scrolled_down(): Other rows are shown: see `down` and `most_down`.
        activated(str): A region was double-clicked: its line is to be typed.
    """

    scale_changed = Signal()
    scrolled_down = Signal()
    activated = Signal(str)

    def __init__(self, editor: Editor, registers: RegisterTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._registers = registers
        self._peaks: Peaks | None = None
        self._pictures: Pictures | None = None
        self._states: Mapping[str, str] = {}
        self._dragging = Dragging(editor, self, self)
        self._dragging.changed.connect(self.update)
        self._down = 0
        self._rows: tuple[Row, ...] = ()
        self._shown: tuple[tuple[Row, ...], int] = (
            (),
            0,
        )  # those that are on the screen, and how far they are drawn up
        self._sheet = Sheet()
        self._overview = Overview(seen=Canvas(1, 1), unseen=Canvas(1, 1))
        self._playhead_at: tuple[QRect, ...] = ()  # what it covers on the screen
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

    @property
    def down(self) -> int:
        """Pixels of the rows that are scrolled out above, under the ruler."""
        return self._down

    @property
    def most_down(self) -> int:
        """How far the rows can be scrolled: 0 where all of them fit."""
        return max(0, self._rows[-1].bottom - (self.height() - MAP)) if self._rows else 0

    def scroll_down_to(self, down: int) -> None:
        """Scrolls the rows, as far as there are any."""
        down = min(max(down, 0), self.most_down)
        if down != self._down:
            self._down = down
            self.update()
        self.scrolled_down.emit()

    def in_rows(self, y: float) -> float:
        return y if y < RULER else y + self._down

    def is_on_map(self, at: QPointF) -> bool:
        return at.y() >= self.height() - MAP

    def hit_at(self, at: QPointF) -> Hit | None:
        return None if self.is_on_map(at) else region_hit(self._rows, self._scale, at.x(), self.in_rows(at.y()))

    def set_peaks(self, peaks: Peaks | None) -> None:
        """Where waveforms come from."""
        self._peaks = peaks
        self.update()

    def set_pictures(self, pictures: Pictures | None) -> None:
        """Where the clips' first pictures come from."""
        self._pictures = pictures
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
        """Shows what lies a share of the view's width further on, by whole pixels of the screen: most can be copied."""
        ratio = self.devicePixelRatioF()
        pixels = round(share * self._scale.width * ratio) / ratio
        self._rescale(self._scale.scrolled(pixels * self._scale.frames_per_pixel))

    def zoom_to_all(self) -> None:
        """Shows the whole timeline."""
        self._rescale(whole(self._editor.scene.length_frames, max(1, self.width())))

    def region_box(self, region_id: str) -> QRectF:
        """Where a region is drawn; empty where it is not there."""
        for row in self._rows:
            for region in row.regions:
                if region.id == region_id:
                    left = self._scale.x(region.span.start)
                    return QRectF(left, row.top - self._down, self._scale.x(region.span.end) - left, row.height)
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
        self._choose_rows()
        colours, region_colours = self._coloured()
        return Look(
            rows=self._shown[0],
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
            pictures=self._pictures,
            made_pictures=0 if self._pictures is None else self._pictures.made_pictures,
            selection=self._editor.selection,
            states=self._states,
        )

    def _choose_rows(self) -> None:
        """Only rows that are on the screen are drawn; the same ones are the same value, so that their picture is kept."""
        rows, by = rows_between(self._rows, RULER + self._down, self.height() - MAP + self._down)
        if [(row.extents, row.top) for row in self._shown[0]] != [(row.extents, row.top) for row in rows]:
            self._shown = (rows, by)

    def _above(self) -> Above:
        editor = self._editor
        return Above(
            height=self.height(),
            map_height=MAP,
            down=self._down - self._shown[1],
            overview=self._overview,
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

    def playhead_areas(self) -> tuple[QRect, ...]:
        """What is painted anew when the playhead comes here, or goes."""
        return playhead_areas(self._scale, self._above())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        with QPainter(self) as painter:
            look = self.look(painter.deviceTransform().m11())
            self._overview.follow(look, self._rows)
            draw(painter, look, self._sheet.shown(look), self._above(), [*event.region()])  # type: ignore[misc]
            self._draw_hand(painter, look)
            self._draw_hint(painter, look)
            if self.hasFocus():
                painter.setPen(QPen(self.palette().highlight().color(), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _draw_hand(self, painter: QPainter, look: Look) -> None:
        """What a drag shows."""
        if self._dragging.feedback is not None:
            draw_feedback(painter, look, self._dragging.feedback, self.height() - MAP)
        if self._dragging.frame is not None:
            highlight = self.palette().highlight().color()
            painter.setPen(QPen(highlight, 1))
            highlight.setAlpha(40)
            painter.setBrush(highlight)
            painter.drawRect(self._dragging.frame)

    def _draw_hint(self, painter: QPainter, look: Look) -> None:
        """How to begin, where nothing is marked."""
        if look.scene.regions or not look.scene.length_frames:
            return
        top = self._rows[-1].bottom - self._down
        free = QRectF(0, top, self.width(), self.height() - MAP - top)
        hint = self.tr("Nothing is marked yet. Set In and Out (I, O), then press the number of a register (1 to 7).")
        if free.height() >= painter.fontMetrics().height() * 2:
            painter.setPen(look.colours.dim)
            painter.drawText(free, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, hint)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._rescale(self._scale.resized(event.size().width()))
        self.scroll_down_to(self._down)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scrolls; with Ctrl it zooms around the pointer, with Shift it scrolls the rows."""
        notches, fine = (event.angleDelta().y() or event.angleDelta().x()) / 120, event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM**-notches, event.position().x())
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.scroll_down_to(self._down - round(notches * _NOTCH))
        elif not fine.isNull():
            self.scroll_by(-(fine.x() if abs(fine.x()) > abs(fine.y()) else fine.y()) / max(1, self.width()))
        else:
            self.scroll_by(-notches / 10)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragging.press(event.position(), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._dragging.is_on:
            self._dragging.move(event.position())
            return
        hit = self.hit_at(event.position())
        self.setCursor(_SHAPES[hit.part] if hit is not None else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._dragging.release(event.position(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        hit = self.hit_at(event.position())
        if hit is not None:
            self.activated.emit(hit.region.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape takes back a drag that is under way; all other keys are the window's."""
        if event.key() != Qt.Key.Key_Escape or not self._dragging.take_back():
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)
            return True
        return super().event(event)

    def show_on_map(self, x: float) -> None:
        shown = self._scale.last - self._scale.first
        middle = whole(self._scale.length_frames, self._scale.width).frame(x)
        self._rescale(replace(self._scale, first=middle - shown / 2).within())

    def _show_tip(self, event: QEvent) -> None:
        at = event.pos()  # type: ignore[attr-defined]
        hit = self.hit_at(QPointF(at))
        if hit is None:
            QToolTip.hideText()
            return
        scene, region = self._editor.scene, hit.region
        start = timecode(scene.start_frame + region.span.start, scene.rate, drop=scene.drop_frame)
        seconds = float(region.span.length / scene.rate)
        head = f"{start}  {seconds:.2f} s  {region.voice}, {region.register}"
        lines = (head, self._states.get(region.id, ""), region.line)
        QToolTip.showText(event.globalPos(), "\n".join(line for line in lines if line), self)  # type: ignore[attr-defined]

    def _rescale(self, scale: Scale) -> None:
        if scale != self._scale:
            self._scale = scale
            self.scale_changed.emit()
            self.update()

    def _open(self) -> None:
        scene = self._editor.scene
        self._rows = rows_of(scene)
        self._scale = whole(scene.length_frames, max(1, self.width()))
        self.scroll_down_to(0)
        self.scale_changed.emit()
        self.update()

    def _show_draft(self) -> None:
        self._rows = rows_of(self._editor.scene, self._rows)
        self.scroll_down_to(self._down)
        self.update()

    def _show_selection(self) -> None:
        current = self._editor.current
        words = "" if current is None else f"{current.voice}, {current.register}: {current.line}"
        self.setAccessibleDescription(words)
        voice = None if current is None else current.voice
        lane = next((row for row in self._rows if row.kind is RowKind.LANE and row.name == voice), None)
        if lane is not None:
            self.scroll_down_to(min(max(self._down, lane.bottom - (self.height() - MAP)), lane.top - RULER))
        self.update()

    def _show_playhead(self, frame: int) -> None:
        """Only where it was and where it is now is painted, unless another stretch is shown."""
        self._rescale(self._scale.showing(frame))
        now = self.playhead_areas()
        for area in (*self._playhead_at, *now):
            self.update(area)
        self._playhead_at = now
