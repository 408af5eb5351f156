"""More rows than fit: they scroll under the ruler, and hands and names go with them."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollBar
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region

from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Voice
from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.headers import TimelinePane
from sottovoce_ui.timeline.rows import MAP, RULER
from sottovoce_ui.timeline.view import TimelineView

VOICES = tuple(f"VOICE {number}" for number in range(8))


@pytest.fixture
def editor(qapp: QApplication) -> Editor:
    assert qapp is not None
    bare = draft()
    scene = replace(bare.scene, voices=tuple(Voice(name=name, gender=Gender.MAN) for name in VOICES))
    regions = tuple(region(number + 1, 24, 120, voice=name) for number, name in enumerate(VOICES))
    return Editor(replace(bare, scene=scene.with_regions(regions)))


@pytest.fixture
def pane(qtbot: QtBot, editor: Editor) -> TimelinePane:
    shown = TimelinePane(editor, TimelineView(editor, register_table()))
    qtbot.addWidget(shown)
    shown.resize(900, RULER + MAP + 200)
    shown.show()
    return shown


def wheel(view: TimelineView, notches: int, keys: Qt.KeyboardModifier) -> None:
    at = QPointF(100, 100)
    turned = QPoint(0, 120 * notches)
    event = QWheelEvent(at, at, QPoint(), turned, Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(view, event)


def test_the_last_voice_is_reached_by_wheel_and_by_bar_and_no_farther(pane: TimelinePane) -> None:
    view, bar = pane.view, pane.findChild(QScrollBar)
    assert isinstance(bar, QScrollBar)
    assert bar.isVisible()
    wheel(view, -100, Qt.KeyboardModifier.ShiftModifier)
    assert view.down == view.most_down == bar.value() == bar.maximum()
    last = view.region_box(f"{8:08x}")
    assert last.bottom() == view.height() - MAP
    bar.setValue(0)
    assert view.down == 0
    first = view.scale.first
    wheel(view, 1, Qt.KeyboardModifier.ShiftModifier)
    assert (view.down, view.scale.first) == (0, first)
    pane.resize(900, 700)
    assert not bar.isVisible()


def test_rows_that_are_not_on_the_screen_are_not_drawn(pane: TimelinePane) -> None:
    view = pane.view
    view.grab()
    assert view.drawn.regions == 5, "in 198 pixels, 48 a lane"
    whole = pane.grab().toImage()
    view.scroll_down_to(view.most_down)
    view.grab()
    assert view.drawn.regions == 5
    made = view.pictures_made
    view.scroll_down_to(view.most_down - 3)
    view.grab()
    assert view.pictures_made == made, "the same rows, a little lower"
    view.scroll_down_to(0)
    assert pane.grab().toImage() == whole


def test_what_is_clicked_is_what_is_seen(pane: TimelinePane, editor: Editor) -> None:
    view = pane.view
    view.scroll_down_to(view.most_down)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.region_box(f"{8:08x}").center().toPoint())
    assert editor.selection == {f"{8:08x}"}
    under_ruler = view.region_box(f"{1:08x}").center().toPoint()
    assert under_ruler.y() < RULER
    frame_start = QPoint(10, view.height() - MAP - 90)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=frame_start)
    QTest.mouseMove(view, QPoint(800, view.height() - MAP - 5))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(800, view.height() - MAP - 5))
    assert editor.selection == {f"{7:08x}", f"{8:08x}"}


def test_the_lane_of_the_current_region_is_brought_in(pane: TimelinePane, editor: Editor) -> None:
    view = pane.view
    for number in (8, 1, 5):
        editor.select((f"{number:08x}",))
        box = view.region_box(f"{number:08x}")
        assert box.top() >= RULER
        assert box.bottom() <= view.height() - MAP


def test_the_names_stand_beside_their_rows(pane: TimelinePane) -> None:
    view = pane.view
    before = pane.grab().toImage()
    view.scroll_down_to(96)
    after = pane.grab().toImage()
    for y in range(RULER + 4, RULER + 60, 7):
        for x in range(4, 100, 3):
            assert after.pixelColor(x, y) == before.pixelColor(x, y + 96)
    assert after.pixelColor(4, 10) == before.pixelColor(4, 10), "nothing beside the ruler"
