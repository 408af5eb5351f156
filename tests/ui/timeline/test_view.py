"""A real mouse on a real view: what it hits, and what becomes of the draft."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region, spans

from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import MediaRange, SoundPiece
from sottovoce_engine.timing import Span
from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.clips import NAME
from sottovoce_ui.timeline.colours import colours_of
from sottovoce_ui.timeline.hits import Part, region_hit
from sottovoce_ui.timeline.rows import RowKind
from sottovoce_ui.timeline.view import TimelineView

FIRST, SECOND, THIRD = "00000001", "00000002", "00000003"


@pytest.fixture
def editor(qapp: QApplication) -> Editor:
    assert qapp is not None
    return Editor(draft(region(1, 24, 72), region(2, 120, 168), region(3, 168, 200), region(4, 24, 120, voice="BEN")))


@pytest.fixture
def view(qtbot: QtBot, editor: Editor) -> TimelineView:
    shown = TimelineView(editor, register_table())
    qtbot.addWidget(shown)
    shown.resize(980, 300)
    shown.show()
    return shown


def place(view: TimelineView, region_id: str, share: float) -> QPoint:
    """A point of a region, at a share of its width."""
    box = view.region_box(region_id)
    return QPoint(round(box.left() + share * box.width()), round(box.center().y()))


def drag(
    view: TimelineView, start: QPoint, by: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.mousePress(view, Qt.MouseButton.LeftButton, modifiers, start)
    for step in (by // 3, by // 2, by):
        QTest.mouseMove(view, start + QPoint(step, 0))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, modifiers, start + QPoint(by, 0))


def pixels(view: TimelineView, frames: int) -> int:
    return round(frames / view.scale.frames_per_pixel)


def test_a_drag_moves_a_region_and_is_undone_as_one(view: TimelineView, editor: Editor) -> None:
    drag(view, place(view, FIRST, 0.5), pixels(view, 20))
    assert spans(editor.draft)["1"] == (44, 92)
    assert editor.selection == {FIRST}
    editor.stack.undo()
    assert spans(editor.draft)["1"] == (24, 72)
    assert not editor.stack.canUndo()


def test_a_drag_snaps_to_edges_that_are_near_unless_that_is_off(view: TimelineView, editor: Editor) -> None:
    drag(view, place(view, FIRST, 0.999), pixels(view, 47))
    assert spans(editor.draft)["1"] == (24, 120), "BEN ends and ANNA speaks again at 120"
    editor.stack.undo()
    view.snapping = False
    drag(view, place(view, FIRST, 0.999), pixels(view, 40))
    assert spans(editor.draft)["1"] == (24, 112)


def test_a_border_between_two_regions_rolls(view: TimelineView, editor: Editor) -> None:
    drag(view, place(view, SECOND, 0.999), -pixels(view, 15))
    assert (spans(editor.draft)["2"], spans(editor.draft)["3"]) == ((120, 153), (153, 200))


def test_clicks_select_one_more_and_all_between(view: TimelineView, editor: Editor) -> None:
    def click(which: str, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, keys, place(view, which, 0.5))

    click(FIRST)
    click(THIRD, Qt.KeyboardModifier.ControlModifier)
    assert editor.selection == {FIRST, THIRD}
    click(THIRD, Qt.KeyboardModifier.ControlModifier)
    assert editor.selection == {FIRST}
    click(THIRD, Qt.KeyboardModifier.ShiftModifier)
    assert editor.selection == {FIRST, SECOND, THIRD, "00000004"}
    assert not editor.stack.canUndo(), "clicking changes nothing"


def test_a_frame_drawn_around_regions_selects_them_and_a_click_beside_moves_the_playhead(
    view: TimelineView, editor: Editor
) -> None:
    lane = next(row for row in view.rows if row.kind is RowKind.LANE)
    empty = QPoint(round(view.scale.x(80)), lane.top + 5)
    drag(view, empty, pixels(view, 60))
    assert editor.selection == {SECOND}
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=empty)
    assert (editor.selection, editor.playhead) == (frozenset(), view.scale.frame(empty.x()))


def test_the_ruler_moves_the_playhead_and_marks_a_range(view: TimelineView, editor: Editor) -> None:
    start = QPoint(round(view.scale.x(50)), 10)
    drag(view, start, pixels(view, 40))
    assert editor.playhead == 90
    drag(view, start, pixels(view, 40), Qt.KeyboardModifier.AltModifier)
    assert (editor.range_in, editor.range_out) == (50, 90)


def test_escape_takes_a_drag_back(view: TimelineView, editor: Editor) -> None:
    start = place(view, FIRST, 0.5)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(60, 0))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseMove(view, start + QPoint(90, 0))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(90, 0))
    assert spans(editor.draft)["1"] == (24, 72)


def test_escape_leaves_alone_what_was_done_before_a_drag_that_changes_nothing(
    view: TimelineView, editor: Editor
) -> None:
    drag(view, place(view, FIRST, 0.5), pixels(view, 20))
    done = spans(editor.draft)
    editor.read_only = "somebody else writes"
    start = place(view, THIRD, 0.5)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(30, 0))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert spans(editor.draft) == done


def test_the_wheel_zooms_around_the_pointer_and_scrolls(view: TimelineView) -> None:
    def wheel(x: float, keys: Qt.KeyboardModifier) -> None:
        at = QPointF(x, 100)
        event = QWheelEvent(
            at, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(view, event)

    before = view.scale
    wheel(500, Qt.KeyboardModifier.ControlModifier)
    assert view.scale.frames_per_pixel < before.frames_per_pixel
    assert view.scale.frame(500) == before.frame(500)
    first = view.scale.first
    wheel(500, Qt.KeyboardModifier.NoModifier)
    assert view.scale.first < first


@pytest.mark.parametrize(
    ("which", "share", "part"),
    [(FIRST, 0.5, Part.BODY), (FIRST, 0.001, Part.START), (FIRST, 0.999, Part.END), (SECOND, 0.999, Part.BORDER)],
)
def test_what_is_under_the_pointer(view: TimelineView, which: str, share: float, part: Part) -> None:
    at = place(view, which, share)
    hit = region_hit(view.rows, view.scale, at.x(), at.y())
    assert hit is not None
    assert (hit.region.id, hit.part) == (which, part)


def test_only_what_is_on_the_screen_is_drawn(qtbot: QtBot, qapp: QApplication) -> None:
    assert qapp is not None
    many = draft(*(region(number, number * 2, number * 2 + 2) for number in range(120)))
    view = TimelineView(Editor(many), register_table())
    qtbot.addWidget(view)
    view.resize(2400, 300)
    view.show()
    view.grab()
    assert view.drawn.regions == 120
    view.zoom(1 / 20, 0)
    view.grab()
    assert 29 <= view.drawn.regions <= 32, "60 frames are on the screen"
    view.resize(200, 300)
    view.zoom_to_all()
    view.grab()
    assert view.drawn.regions <= 200, "what is finer than a few pixels is drawn by columns"


def test_every_region_shows_in_its_colour_however_small_it_is_drawn(qtbot: QtBot, qapp: QApplication) -> None:
    assert qapp is not None
    view = TimelineView(Editor(draft(region(1, 0, 100), region(2, 150, 151))), register_table())
    qtbot.addWidget(view)
    view.resize(40, 300)
    view.show()
    lane = next(row for row in view.rows if row.kind is RowKind.LANE)
    picture = view.grab().toImage()
    whisper = QColor(register_table().get("whisper").colour).name()
    colours = {picture.pixelColor(x, lane.bottom - 6).name() for x in range(22, 30)}
    assert whisper in colours, "a frame of 240, six of them on a pixel"


def test_a_double_click_asks_for_the_line(qtbot: QtBot, view: TimelineView) -> None:
    with qtbot.waitSignal(view.activated) as told:
        QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=place(view, FIRST, 0.5))
    assert told.args == [FIRST]


class Tone:
    """A sound that is as loud as the second it is asked at is late."""

    measured_files = 1

    def at(self, path: str, starts: NDArray[np.float64], seconds: float) -> NDArray[np.float32]:
        assert path == "/a.wav"
        assert seconds > 0
        loud = np.clip(starts / 10, 0, 1).astype(np.float32)
        return np.stack([-loud, loud], axis=1)


@pytest.mark.parametrize(("clips", "gain_db"), [(1, 0.0), (200, 0.0), (1, -6.0)])
def test_waveforms_are_drawn_where_their_sound_lies(
    qtbot: QtBot, qapp: QApplication, clips: int, gain_db: float
) -> None:
    """From the second second of the file on, in one clip or in many that lie beside each other, as loud as played."""
    assert qapp is not None
    bare = draft()
    sounds = tuple(
        SoundPiece(
            span=Span(number * 240 // clips, (number + 1) * 240 // clips),
            source=MediaRange(path="/a.wav", start=2 + Fraction(number * 240 // clips, 24)),
            track="A1",
            clip="a",
            dialogue=True,
            gain_db=gain_db,
        )
        for number in range(clips)
    )
    view = TimelineView(Editor(replace(bare, scene=replace(bare.scene, sounds=sounds))), register_table())
    qtbot.addWidget(view)
    view.resize(1000, 300)
    view.set_peaks(Tone())
    view.show()
    row = next(row for row in view.rows if row.kind is RowKind.SOUND)
    picture, colour = view.grab().toImage(), colours_of(view.palette()).wave.name()

    def height(frame: int) -> int:
        x = round(view.scale.x(frame))
        return sum(picture.pixelColor(x, y).name() == colour for y in range(row.top, row.bottom))

    for frame in (24, 72, 120, 180):
        expected = ((2 + frame / 24) / 10 * 10 ** (gain_db / 20)) ** 0.5 * (row.height - NAME)
        assert abs(height(frame) - expected) <= 3


def test_a_drag_tells_where_the_edge_is_and_how_far_it_came(view: TimelineView, editor: Editor) -> None:
    hand = view._dragging  # what it tells is painted
    start = place(view, FIRST, 0.5)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(pixels(view, 20), 0))
    assert hand.feedback is not None
    assert hand.feedback.words == "00:00:01:20   +20"
    assert hand.feedback.snapped is None
    QTest.mouseMove(view, start + QPoint(pixels(view, 47), 0))
    assert hand.feedback.words == "00:00:03:00   +2:00"
    assert hand.feedback.snapped == 120, "its end was drawn to where SECOND begins"
    with_it = view.grab().toImage()
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start)
    assert hand.feedback is None
    assert view.grab().toImage() != with_it
    assert spans(editor.draft)["1"] == (72, 120)


def test_a_touchpad_scrolls_by_the_pixels_that_it_tells(view: TimelineView) -> None:
    view.zoom(0.25, 0)
    at = QPointF(100, 100)
    event = QWheelEvent(
        at,
        at,
        QPoint(-30, 4),
        QPoint(-20, 3),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    assert view.scale.first == pytest.approx(30 * view.scale.frames_per_pixel)


def test_close_up_the_playhead_shows_the_whole_of_its_frame(view: TimelineView, editor: Editor) -> None:
    editor.go_to(10)
    view.zoom(1 / 100, view.scale.x(10))
    left, right = round(view.scale.x(10)), round(view.scale.x(11))
    assert right - left == 40
    y = view.rows[-1].bottom + 10
    picture = view.grab().toImage()
    inside = {picture.pixelColor(x, y).name() for x in range(left + 3, right - 1)}
    assert len(inside) == 1
    assert inside != {picture.pixelColor(right + 3, y).name()}
    editor.go_to(11)
    assert view.playhead_areas()[0].contains(QPoint(round(view.scale.x(12)) - 1, y))
