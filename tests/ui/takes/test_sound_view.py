"""A take's sound as it is painted, over real files: voice, breath and silence by colour and by shape."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.engine.editing.drafts import draft
from tests.engine.judge.heard_takes import REGION, SOUND, take_of
from tests.engine.judge.signals import voiced

from sottovoce.reading import default_reading
from sottovoce.scene_desk import SceneDesk
from sottovoce_engine.judge.heard_frames import HeardFrames
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.timing import SAMPLE_RATE
from sottovoce_ui.desk import TakeFacts
from sottovoce_ui.editor import Editor
from sottovoce_ui.playing import take_playing
from sottovoce_ui.takes.sound_view import SoundView
from sottovoce_ui.takes.sounds import TakeSounds
from sottovoce_ui.takes.waveform import wave_colours_of

pytestmark = pytest.mark.xdist_group("window")


def shown_view(qtbot: QtBot) -> SoundView:
    editor = Editor(draft(REGION))
    view = SoundView(editor, TakeSounds(SceneDesk(default_reading()), editor))
    view.setParent(None)
    editor.setParent(view)
    qtbot.addWidget(view)
    view.resize(600, 140)
    view.show()
    return view


def facts_of(folder: Path, sound: NDArray[np.float32], key: str = "k") -> TakeFacts:
    take, path = take_of(sound, folder, key)
    return TakeFacts(take=take, path=path)


def columns_of(image: QImage, colour: QColor, top: int, bottom: int) -> set[int]:
    """The columns in which a colour is found between two rows."""
    wanted = colour.rgb()
    return {x for x in range(image.width()) for y in range(top, bottom) if image.pixel(x, y) == wanted}


def measured(qtbot: QtBot, view: SoundView, facts: TakeFacts) -> QImage:
    view.show_take(facts)
    qtbot.waitUntil(lambda: view.wave is not None, timeout=30_000)
    return view.grab().toImage()


def test_voice_is_solid_and_breath_a_comb_where_each_is_heard(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown_view(qtbot)
    view.show_take(None)
    assert "No take" in view.accessibleDescription()
    image = measured(qtbot, view, facts_of(tmp_path, SOUND))
    colours, box = wave_colours_of(view.palette()), view.wave_box
    top, bottom = round(box.top()) + 8, round(box.bottom())

    def second(x: int) -> float:
        return (x - box.left()) / box.width() * 97 * 2000 / SAMPLE_RATE

    voice, breath = columns_of(image, colours.voice, top, bottom), columns_of(image, colours.breath, top, bottom)
    assert voice
    assert breath
    assert all(2.15 < second(x) < 3.45 for x in voice)
    assert all(0.45 < second(x) < 3.45 for x in breath)
    runs = np.diff(sorted(x for x in breath if second(x) < 1.75))
    assert (runs >= 3).all(), "a comb: every third column"
    assert (np.diff(sorted(voice)) == 1).mean() > 0.9, "solid"
    assert "has a voice" in view.accessibleDescription()


def test_region_edges_follow_the_region_and_a_click_moves_the_playhead(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown_view(qtbot)
    facts = facts_of(tmp_path, SOUND)
    measured(qtbot, view, facts)
    editor = view.editor
    assert view.wave is not None
    assert view.wave.region is not None
    assert (view.wave.region.start, view.wave.region.end) == (12 * 2000, 84 * 2000)
    trimmed = replace(REGION, span=replace(REGION.span, end=60))
    editor.do("Trim", lambda before: before.with_regions((trimmed,)))
    assert view.wave.region.end == 60 * 2000

    asked = list[int]()
    view.asked.connect(asked.append)
    view.asked.connect(editor.go_to)
    box = view.wave_box
    for share in (0.5, 0.0, 1.0):
        at = QPoint(round(box.left() + share * box.width()), round(box.center().y()))
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    start = take_playing(facts, editor.scene).span.start
    assert [frame - start for frame in asked] == pytest.approx([48, 0, 97], abs=1)
    editor.go_to(start + 24)
    image = view.grab().toImage()
    x = round(box.left() + 24 / 97 * box.width())
    assert any(image.pixelColor(x + by, 60).red() > 150 > image.pixelColor(x + by, 60).blue() for by in (-1, 0, 1))


def test_what_cannot_be_heard_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown_view(qtbot)
    facts = facts_of(tmp_path, SOUND)
    facts.path.unlink()
    view.show_take(facts)
    qtbot.waitUntil(lambda: "relink" in view.accessibleDescription(), timeout=30_000)
    assert view.wave is None


def test_the_take_looked_at_is_listened_to_before_the_others(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown_view(qtbot)
    sounds, order = view.sounds, list[str]()
    sounds.measured.connect(order.append)
    many = [facts_of(tmp_path, voiced(0.6, seed=number), f"k{number}") for number in range(4)]
    for facts in many:
        assert sounds.of(facts) is None
    sounds.look_at(many[3])
    qtbot.waitUntil(lambda: len(order) == 4, timeout=40_000)
    assert order == ["k0", "k3", "k1", "k2"]
    assert sounds.of(many[1]) is not None


def test_a_take_is_listened_to_again_after_that_was_stopped(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown_view(qtbot)
    facts = facts_of(tmp_path, SOUND)
    assert view.sounds.of(facts) is None
    view.sounds.stop()
    view.show_take(facts)
    qtbot.waitUntil(lambda: view.wave is not None, timeout=40_000)


def test_where_the_judges_process_has_ended_nothing_is_asked_over_and_over(qtbot: QtBot, tmp_path: Path) -> None:
    view = shown_view(qtbot)
    asked = list[str]()

    class Ended(SceneDesk):
        def frames(self, facts: TakeFacts, job: Job) -> HeardFrames:
            job.check()
            asked.append(facts.take.key)
            raise JobCancelled

    sounds = TakeSounds(Ended(default_reading()), view)
    assert sounds.of(facts_of(tmp_path, SOUND)) is None
    qtbot.waitUntil(lambda: asked == ["k"], timeout=40_000)
    qtbot.wait(200)
    assert asked == ["k"]
    sounds.stop()
