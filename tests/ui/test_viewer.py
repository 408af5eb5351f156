"""The viewer over real movies whose frames say their number."""

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtMultimedia import QMediaDevices
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft, region
from tests.engine.judge.signals import voiced
from tests.media_making import write_numbered_movie
from tests.otio_adapters.spliced_scenes import spliced_region

from sottovoce.examples.numbered import BARS_SHARE, COLUMNS, ROWS
from sottovoce_engine.judge.judgement import unreadable
from sottovoce_engine.judge.level_finding import LevelFinding
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.scene import MediaRange, PicturePiece, Raster, SoundPiece
from sottovoce_engine.timing import Span
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.playing import Playing, matched_volume, source_picture_at, speech_lufs, take_playing
from sottovoce_ui.viewer import Viewer
from sottovoce_ui.viewer_foot import Shown

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
    image = viewer.picture.frame.toImage()
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
    assert viewer.foot.clock.text() == "00:00:00:05"


def test_so_it_is_where_the_next_clip_is_another_file(qtbot: QtBot, viewer: Viewer, tmp_path: Path) -> None:
    scene, other = viewer.editor.scene, tmp_path / "b.mov"
    write_numbered_movie(other, source_id=4, frames=160, rate=Fraction(24), raster=scene.raster, sine_hz=440.0)
    first, second = scene.pictures
    pictures = (first, replace(second, source=MediaRange(path=str(other), start=Fraction(100, 24)), clip="b"))
    viewer.editor.open(replace(viewer.editor.draft, scene=replace(scene, pictures=pictures)))
    for frame, number in ((10, 34), (60, 112), (5, 29), (90, 142)):
        viewer.editor.go_to(frame)
        wait_for(qtbot, viewer, number)


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


def test_a_join_heard_alone_is_seen_with_the_picture_around_it(qtbot: QtBot, viewer: Viewer, tmp_path: Path) -> None:
    editor, sound = viewer.editor, tmp_path / "join 1.wav"
    with WavWriter(sound, channels=1) as file:
        file.write(voiced(1.0)[None])
    viewer.play_join(sound, Span(36, 60), lambda frame: source_picture_at(editor.scene, frame))
    seen: set[int] = set()

    def looped_over_the_cut() -> bool:
        seen.add(number_shown(viewer))
        return any(60 <= each < 72 for each in seen) and any(100 <= each < 112 for each in seen)

    qtbot.waitUntil(looped_over_the_cut, timeout=20_000)
    viewer.stop()
    for frame, number in ((40, 64), (50, 102), (37, 61)):
        editor.go_to(frame)
        wait_for(qtbot, viewer, number)
    assert not viewer.picture.notice
    editor.go_to(10)
    wait_for(qtbot, viewer, 34)
    assert viewer.foot.told.text() == "beside the join: source"


def test_backwards_goes_frame_by_frame_to_the_start(qtbot: QtBot, viewer: Viewer) -> None:
    editor = viewer.editor
    editor.go_to(6)
    viewer.play_back()
    viewer.play_back()
    assert viewer.speed == -2
    qtbot.waitUntil(lambda: viewer.speed == 0, timeout=10_000)
    assert editor.playhead == 0
    assert not viewer.player.is_playing


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


def take_facts(loudness: float | None, path: str, key: str = "k") -> TakeFacts:
    one = draft(region(1, 24, 72))
    take = spliced_region(one.regions[0], one.scene, Path("/takes"), picture=False).placed.take
    job = replace(take.job, key=key)
    return TakeFacts(take=replace(take, job=job, loudness_lufs=loudness), path=Path(path))


def judged(facts: TakeFacts, loudness: float | None) -> TakeFacts:
    level = LevelFinding(loudness_lufs=loudness, true_peak_dbtp=-1.0)
    return replace(facts, judgement=replace(unreadable("", ""), level=level))


def test_takes_are_compared_as_loud_as_each_other(viewer: Viewer) -> None:
    movie = viewer.editor.scene.pictures[0].source.path
    whisper, shout = take_facts(-38.0, movie), take_facts(-18.0, movie, "other")
    viewer.show_take(whisper)
    viewer.compare(shout)
    assert viewer.shown is Shown.TAKE
    assert viewer.player.sound.volume() == pytest.approx(0.1, abs=1e-3), "the shout, turned down by 20 dB"
    assert viewer.foot.told.text() == "A: the other take, turned down 20.0 dB"
    viewer.compare(shout)
    assert viewer.player.sound.volume() == 1.0, "the whisper as it is"
    assert viewer.foot.told.text() == "B: the take looked at, as it is"
    assert matched_volume(take_facts(None, movie), shout) is None


def test_the_judges_level_of_the_speech_counts_not_the_peak_nor_what_the_take_came_with() -> None:
    one, other = take_facts(-10.0, "a"), take_facts(-10.0, "b", "other")
    assert speech_lufs(judged(one, -30.0)) == -30.0
    assert matched_volume(judged(one, -20.0), judged(other, -26.0)) == pytest.approx(10 ** (-6 / 20))
    assert matched_volume(judged(one, -26.0), judged(other, -20.0)) == 1.0
    assert matched_volume(judged(one, None), judged(other, -20.0)) is None


def test_one_take_alone_is_not_compared(qtbot: QtBot, viewer: Viewer) -> None:
    movie = viewer.editor.scene.pictures[0].source.path
    facts = take_facts(-20.0, movie)
    viewer.show_take(facts)
    for beside in (None, facts):
        with qtbot.waitSignal(viewer.failed) as told:
            viewer.compare(beside)
        assert "make another take A" in told.args[0]


def test_another_thing_is_played_at_the_same_place(qtbot: QtBot, viewer: Viewer) -> None:
    movie = viewer.editor.scene.pictures[0].source.path
    facts = take_facts(-20.0, movie)
    start = take_playing(facts, viewer.editor.scene).span.start
    viewer.editor.go_to(30)
    wait_for(qtbot, viewer, 54)
    viewer.show_take(facts)
    viewer.change_to(Shown.TAKE)
    wait_for(qtbot, viewer, 30 - start)
    assert viewer.foot.told.text() == ""
    viewer.change_to(Shown.SCENE)
    assert viewer.foot.told.text() == "not spliced yet: source"
    wait_for(qtbot, viewer, 54)
    viewer.show_movie(Path(movie))
    wait_for(qtbot, viewer, 30)
    viewer.change_to(Shown.TAKE)
    viewer.editor.go_to(take_playing(facts, viewer.editor.scene).span.end + 2)
    assert viewer.foot.told.text() == "beside the take: source"
    viewer.editor.go_to(80)
    viewer.toggle()
    viewer.change_to(Shown.SOURCE)
    qtbot.waitUntil(lambda: viewer.editor.playhead >= 84, timeout=10_000)
    viewer.stop()


def test_a_second_around_the_nearest_join_is_played_over_and_over(qtbot: QtBot, viewer: Viewer) -> None:
    editor = viewer.editor
    with qtbot.waitSignal(viewer.failed):
        viewer.loop_join()
    editor.do("Mark", lambda before: before.with_regions((region(1, 20, 48), region(2, 60, 90))))
    editor.go_to(52)
    viewer.loop_join()
    assert viewer.looped == Span(24, 72)
    assert editor.playhead == 24
    assert viewer.speed == 1
    viewer.loop_join()
    assert viewer.looped is None
    viewer.stop()
    editor.go_to(3)
    viewer.loop_join()
    assert viewer.looped == Span(0, 44)
    viewer.stop()


@pytest.fixture
def bare(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Viewer:
    """Nothing, then a sound alone from frame 24 to 48, then a file that is missing."""
    assert qapp is not None
    with WavWriter(tmp_path / "a.wav") as wav:
        wav.write(np.stack([voiced(4.0)] * 2))
    before = draft()
    sound = SoundPiece(
        span=Span(24, 48),
        source=MediaRange(path=str(tmp_path / "a.wav"), start=Fraction(0)),
        clip="a",
        track="A1",
        dialogue=True,
    )
    gone = PicturePiece(
        span=Span(60, 96), source=MediaRange(path=str(tmp_path / "gone.mov"), start=Fraction(0)), clip="gone"
    )
    shown = Viewer(Editor(replace(before, scene=replace(before.scene, sounds=(sound,), pictures=(gone,)))))
    shown.set_missing([gone.source.path])
    qtbot.addWidget(shown)
    shown.show()
    return shown


def test_where_there_is_no_picture_words_say_why(qtbot: QtBot, bare: Viewer) -> None:
    said = list[str]()
    bare.failed.connect(said.append)
    assert bare.picture.notice == "Nothing lies here."
    bare.editor.go_to(30)
    qtbot.waitUntil(lambda: bare.picture.notice == "Sound only: a.wav", timeout=10_000)
    bare.editor.go_to(70)
    assert "gone.mov' is missing" in bare.picture.notice
    assert not said, "it was told of when the timeline was opened"
    bare.editor.go_to(5)
    assert bare.picture.notice == "Nothing lies here."
    image = bare.picture.grab().toImage()
    assert any(image.pixelColor(x, y).lightnessF() > 0.5 for x in range(image.width()) for y in range(image.height()))
    assert bool(bare.foot.mute.text()) == QMediaDevices.defaultAudioOutput().isNull()


@pytest.mark.qt_log_ignore("Could not open media", extend=True)
def test_a_file_that_went_since_is_told_of(qtbot: QtBot, bare: Viewer) -> None:
    bare.set_missing(())
    with qtbot.waitSignal(bare.failed) as told:
        bare.editor.go_to(70)
    assert "gone.mov" in told.args[0]
    assert bare.picture.notice == told.args[0]


def test_time_goes_on_where_nothing_lies_and_what_comes_is_played(qtbot: QtBot, bare: Viewer) -> None:
    visited = list[int]()
    bare.editor.playhead_moved.connect(visited.append)
    began = time.monotonic()
    bare.play(2)
    qtbot.waitUntil(lambda: bare.editor.playhead >= 24, timeout=10_000)
    assert time.monotonic() - began >= 24 / 24 / 2 - 0.05, "no faster than twice the time"
    assert 24 in visited, "from its first frame on"
    qtbot.waitUntil(lambda: bare.editor.playhead > 28, timeout=10_000)
    bare.editor.go_to(62)
    qtbot.waitUntil(lambda: bare.editor.playhead > 66, timeout=10_000)
    bare.stop()
