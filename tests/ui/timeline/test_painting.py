"""What is painted anew and what is copied, at every ratio of a screen's pixels to ours."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region

from sottovoce_engine.registers import register_table
from sottovoce_ui.editor import Editor
from sottovoce_ui.timeline.canvas import pixels_of
from sottovoce_ui.timeline.rows import LANE, MAP, RowKind
from sottovoce_ui.timeline.view import TimelineView

RATIOS = [1.0, 1.25, 1.5, 2.0]
WIDTH, HEIGHT = 640, 220


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> TimelineView:
    assert qapp is not None
    unwritten = replace(region(3, 168, 200), line="", register="shout")
    shown = TimelineView(
        Editor(draft(region(1, 24, 72), region(2, 120, 168), unwritten, region(4, 24, 120, voice="BEN"))),
        register_table(),
    )
    qtbot.addWidget(shown)
    shown.resize(WIDTH, HEIGHT)
    return shown


def painted(view: TimelineView, ratio: float = 1.0, onto: QImage | None = None, area: QRegion | None = None) -> QImage:
    """The view's picture, or an area of it painted over another one."""
    image = onto
    if image is None:
        image = QImage(round(WIDTH * ratio), round(HEIGHT * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(0xFF00FF)
    view.render(image, area.boundingRect().topLeft() if area is not None else QPoint(), area or QRegion())
    return image


def colours_in(image: QImage) -> NDArray[np.uint32]:
    return pixels_of(image).copy()


def editor_of(view: TimelineView) -> Editor:
    return view._editor  # the one that the fixture made


def test_what_moves_over_the_rows_does_not_draw_them_anew(view: TimelineView) -> None:
    editor = editor_of(view)
    painted(view)
    made = view.pictures_made
    editor.go_to(100)
    painted(view)
    editor.set_range(20, 90)
    painted(view)
    assert view.pictures_made == made
    editor.select(("00000001",))
    painted(view)
    view.zoom_in()
    painted(view)
    view.set_states({"00000001": "no take"})
    painted(view)
    assert view.pictures_made == made + 3


def test_an_area_painted_alone_is_as_in_the_whole_picture(view: TimelineView) -> None:
    editor = editor_of(view)
    editor.set_range(20, 90)
    before = painted(view)
    editor.go_to(100)
    whole = colours_in(painted(view))
    strips = [QRect(255, 0, 30, HEIGHT), QRect(10, 90, 50, 40), QRect(0, HEIGHT - 20, 90, 20)]
    partly = before.copy()
    for strip in strips:
        painted(view, onto=partly, area=QRegion(strip))
    for strip in strips:
        inside = np.s_[strip.top() : strip.bottom() + 1, strip.left() : strip.right() + 1]
        assert (colours_in(partly)[inside] == whole[inside]).all()


@pytest.mark.parametrize("ratio", RATIOS)
def test_every_pixel_is_painted_and_boxes_are_crisp(view: TimelineView, ratio: float) -> None:
    picture = colours_in(painted(view, ratio)) & 0xFFFFFF
    assert not (picture == 0xFF00FF).any()
    lane = next(row for row in view.rows if row.kind is RowKind.LANE)
    middle = picture[round((lane.top + LANE * 0.8) * ratio)]
    colour = int(register_table().get("whisper").colour[1:], 16)
    start = int(view.scale.x(24) * ratio)
    edge = np.flatnonzero(middle[start - 4 : start + 8] == colour) + start - 4
    assert len(edge) == max(1, round(ratio)), "a line of whole pixels, nothing blurred beside it"
    assert edge[0] == start


@pytest.mark.parametrize("ratio", RATIOS)
def test_the_whole_height_is_used_at_every_ratio(view: TimelineView, ratio: float) -> None:
    picture = colours_in(painted(view, ratio)) & 0xFFFFFF
    base = int(view.palette().base().color().name()[1:], 16)
    on_map = picture[round((HEIGHT - MAP) * ratio) + 2 :]
    assert (on_map == base).any()
    assert len(set(on_map[-1].tolist())) > 1, "regions' bars stand on the last line of pixels"


@pytest.mark.parametrize("register", ["whisper", "quieter", "scream"])
def test_a_register_shows_by_height_where_there_is_no_room_for_its_letter(
    qtbot: QtBot, qapp: QApplication, register: str
) -> None:
    assert qapp is not None
    one = replace(region(1, 100, 102), register=register)
    shown = TimelineView(Editor(draft(one)), register_table())
    qtbot.addWidget(shown)
    shown.resize(WIDTH, HEIGHT)
    lane = next(row for row in shown.rows if row.kind is RowKind.LANE)
    column = colours_in(painted(shown))[lane.top : lane.bottom, int(shown.scale.x(100.5))] & 0xFFFFFF
    tall = int((column == int(register_table().get(register).colour[1:], 16)).sum())
    heights = {"whisper": 16, "quieter": 24, "scream": 40}
    assert tall == heights[register]


@pytest.mark.parametrize("length", [0, 1, 24 * 3600 * 10])
def test_timelines_without_regions_are_painted(qtbot: QtBot, qapp: QApplication, length: int) -> None:
    assert qapp is not None
    bare = draft()
    scene = replace(bare.scene, length_frames=length, voices=())
    shown = TimelineView(Editor(replace(bare, scene=scene)), register_table())
    qtbot.addWidget(shown)
    shown.resize(WIDTH, HEIGHT)
    assert not (colours_in(painted(shown)) == 0xFFFF00FF).any()
    assert [row.kind for row in shown.rows] == [RowKind.RULER]
    assert shown.drawn.ticks > 0


def test_what_a_region_needs_is_words_where_they_fit_and_a_dot_where_they_do_not(view: TimelineView) -> None:
    lane = next(row for row in view.rows if row.kind is RowKind.LANE)
    view.set_states({"00000001": "no take"})

    def dot_in(picture: QImage) -> bool:
        """Whether a square of the text's colour stands under the first region's letter."""
        left = int(view.scale.x(24))
        under = colours_in(picture)[lane.top + 28 : lane.top + 38, left + 2 : left + 16]
        return int((under == view.palette().windowText().color().rgb()).sum()) == 25

    assert view.region_box("00000001").width() > 120
    assert not dot_in(painted(view)), "there is room for the words"
    view.zoom(2.2, 0)
    view.resize(240, HEIGHT)
    view.zoom_to_all()
    assert view.region_box("00000001").width() < 60
    assert dot_in(painted(view))
    view.set_states({})
    assert not dot_in(painted(view))
