"""The viewer over real movies whose frames say their number."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtMultimedia import QMediaPlayer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region
from tests.media_making import write_numbered_movie
from tests.otio_adapters.spliced_scenes import spliced_region

from sottovoce.examples.numbered import BARS_SHARE, COLUMNS, ROWS
from sottovoce_engine.scene import MediaRange, PicturePiece, Raster
from sottovoce_engine.timing import Span
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.playing import Playing, matched_volume
from sottovoce_ui.viewer import Shown, Viewer

pytestmark = pytest.mark.xdist_group("window")


@given(
    st.integers(0, 200_000),
    st.sampled_from([Fraction(24), Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001), Fraction(60)]),
    st.integers(0, 500),
)
def test_the_position_of_a_frame_is_inside_that_frame(frame: int, rate: Fraction, start: int) -> None:
    playing = Playing(path="a", span=Span(0, 200_001), start=Fraction(start, 24))
    assert playing.frame(playing.milliseconds(frame, rate), rate) == frame


@pytest.fixture
def viewer(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Viewer:
    """Over two clips of one movie: frames 24 to 72, then frames 100 on."""
    assert qapp is not None
    movie = tmp_path / "a.mov"
    raster = Raster(width=320, height=180)
    write_numbered_movie(movie, source_id=3, frames=160, rate=Fraction(24), raster=raster, sine_hz=440.0)
    bare = draft()
    pictures = tuple(
        PicturePiece(span=span, source=MediaRange(path=str(movie), start=Fraction(first, 24)), clip="a")
        for span, first in ((Span(0, 48), 24), (Span(48, 96), 100))
    )
    scene = replace(bare.scene, pictures=pictures)
    shown = Viewer(Editor(replace(bare, scene=scene)))
    qtbot.addWidget(shown)
    shown.show()
    return shown


def number_shown(viewer: Viewer) -> int:
    """The number that the bars of the picture on the screen say; -1 for none."""
    image = viewer.picture.sink.videoFrame().toImage()
    if image.isNull():
        return -1
    height = int(image.height() * BARS_SHARE) // ROWS
    cells = [
        image.pixelColor(int((column + 0.5) * image.width() / COLUMNS), height // 2).lightnessF() > 0.5
        for column in range(COLUMNS)
    ]
    return int("".join("1" if cell else "0" for cell in cells), 2)


def wait_for(qtbot: QtBot, viewer: Viewer, number: int) -> None:
    def shown() -> None:
        assert number_shown(viewer) == number

    qtbot.waitUntil(shown, timeout=10_000)


def test_the_frame_at_the_playhead_is_shown_across_a_cut(qtbot: QtBot, viewer: Viewer) -> None:
    editor = viewer.editor
    for frame, number in ((0, 24), (10, 34), (47, 71), (48, 100), (60, 112), (5, 29)):
        editor.go_to(frame)
        wait_for(qtbot, viewer, number)
    assert viewer.clock.text() == "00:00:00:05"


def test_playing_moves_the_playhead_over_the_cut_and_stops_when_asked(qtbot: QtBot, viewer: Viewer) -> None:
    editor = viewer.editor
    editor.go_to(40)
    wait_for(qtbot, viewer, 64)
    viewer.toggle()
    qtbot.waitUntil(lambda: editor.playhead > 52, timeout=10_000)
    viewer.toggle()
    assert viewer.speed == 0
    at = editor.playhead
    wait_for(qtbot, viewer, at - 48 + 100)
    assert editor.playhead == at


def test_backwards_goes_frame_by_frame_to_the_start(qtbot: QtBot, viewer: Viewer) -> None:
    editor = viewer.editor
    editor.go_to(6)
    viewer.play_back()
    viewer.play_back()
    assert viewer.speed == -2
    qtbot.waitUntil(lambda: viewer.speed == 0, timeout=10_000)
    assert editor.playhead == 0
    assert viewer.player.playbackState() is not QMediaPlayer.PlaybackState.PlayingState


def test_a_range_is_played_over_and_over(qtbot: QtBot, viewer: Viewer) -> None:
    editor, visited = viewer.editor, list[int]()
    editor.set_range(10, 16)
    editor.playhead_moved.connect(visited.append)
    viewer.loop()
    qtbot.waitUntil(lambda: visited.count(10) >= 3, timeout=20_000)
    viewer.stop()
    assert max(visited) <= 16
    viewer.loop()
    viewer.loop()
    viewer.stop()


def take_facts(loudness: float | None, path: str) -> TakeFacts:
    one = draft(region(1, 24, 72))
    take = spliced_region(one.regions[0], one.scene, Path("/takes"), picture=False).placed.take
    return TakeFacts(take=replace(take, loudness_lufs=loudness), path=Path(path))


def test_takes_are_compared_as_loud_as_each_other(viewer: Viewer) -> None:
    movie = viewer.editor.scene.pictures[0].source.path
    whisper, shout = take_facts(-38.0, movie), take_facts(-18.0, movie)
    viewer.show_take(whisper)
    viewer.compare(shout)
    assert viewer.shown is Shown.TAKE
    assert viewer.sound.volume() == pytest.approx(0.1, abs=1e-3), "the shout, turned down by 20 dB"
    viewer.compare(shout)
    assert viewer.sound.volume() == 1.0, "the whisper as it is"
    assert matched_volume(take_facts(None, movie), shout) is None
