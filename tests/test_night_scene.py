"""The whole way over no picture: the night example, small, with storyboard cards and all seven registers."""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.media_making import decoded_frames

from sottovoce.deciding import Asked
from sottovoce.examples import night
from sottovoce.project import read_project
from sottovoce.reading import Reading
from sottovoce.rendering import RenderedScene, render_scene
from sottovoce.settings import Settings
from sottovoce_engine.media.frames import planes_of
from sottovoce_engine.media.loudness import loudness_lufs, true_peak_dbtp
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.plan import PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import PictureMode, Raster, Scene
from sottovoce_engine.timing import Span, samples_of
from sottovoce_otio.ours import KEY
from sottovoce_otio.timeline import read_timeline
from sottovoce_otio.writing import write_otio

pytestmark = pytest.mark.xdist_group("render")

Sound = NDArray[np.float32]

SMALL = Raster(width=128, height=72)
REGISTERS = register_table()


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The example with what was made of it."""

    scene: Scene
    result: RenderedScene

    def stem(self, name: str) -> Sound:
        spliced = self.result.spliced
        return sound_of(spliced.tone_stem if name == "tone" else dict(spliced.stems)[name])


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scene]:
    source = tmp_path_factory.mktemp("night") / "night.otio"
    timeline = night.timeline()
    timeline.metadata[KEY]["raster"] = str(SMALL)
    write_otio(timeline, source)
    return source, read_timeline(source, REGISTERS).scene


@pytest.fixture(scope="module")
def whole(scene: tuple[Path, Scene]) -> Whole:
    project = read_project(scene[0], Reading(settings=Settings(), registers=REGISTERS))
    result = render_scene(project, PlanSettings(), Asked(folder=scene[0].parent / "out", mp4=False), Job())
    return Whole(scene=project.scene, result=result)


def sound_of(path: Path) -> Sound:
    with SoundReader(path) as reader:
        return reader.read(Span(0, reader.length_samples))


def test_every_mark_is_read_as_it_was_typed(scene: tuple[Path, Scene]) -> None:
    read = scene[1]
    assert [(region.span, region.voice, region.register, region.look, region.line) for region in read.regions] == [
        (line.span, line.voice.name, line.register, line.look, line.text) for line in night.LINES
    ]
    assert read.voices == (night.ANNA, night.BEN)
    assert (read.rate, read.raster, read.start_frame) == (night.RATE, SMALL, night.START_FRAME)
    assert read.pictures == ()


def test_the_scene_holds_what_a_splice_has_to_master(scene: tuple[Path, Scene]) -> None:
    read = scene[1]
    assert {region.register for region in read.regions} == set(REGISTERS.names)
    assert 25 <= read.length_frames / read.rate <= 32
    apart = [after.span.start - before.span.end for before, after in itertools.pairwise(read.regions)]
    assert max(apart) >= 1.5 * read.rate
    assert min(apart) <= -0.25 * read.rate
    assert len({region.look for region in read.regions}) == 2


def test_every_region_has_a_take_with_a_card(whole: Whole) -> None:
    assert whole.result.failures == ()
    assert whole.result.without == ()
    assert {planned.picture for planned in whole.result.plan.regions} == {PictureMode.CUT}
    assert all(region.placed.take.has_picture for region in whole.result.spliced.regions)


def test_cards_are_shown_over_regions_and_black_between_them(whole: Whole) -> None:
    light = [
        float(planes_of(frame.reformat(format="yuv422p"))[0].max())
        for frame in decoded_frames(whole.result.spliced.movie)
    ]
    assert len(light) == night.LENGTH_FRAMES
    for region in whole.scene.regions:
        assert min(light[region.span.start : region.span.end]) > 60
    assert max(light[320:340]) < 20
    assert max(light[:20]) < 20


def test_both_voices_sound_where_they_overlap_and_none_in_the_gap(whole: Whole) -> None:
    both = samples_of(Span(562, 570), night.RATE)
    gap = samples_of(Span(325, 335), night.RATE)
    for voice in ("Anna", "Ben"):
        stem = whole.stem(voice)
        assert np.abs(stem[:, both.start : both.end]).max() > 0.005
        assert np.abs(stem[:, gap.start : gap.end]).max() == 0
    assert np.abs(whole.stem("tone")[:, gap.start : gap.end]).max() > 0


def test_the_registers_keep_their_order_of_loudness(whole: Whole) -> None:
    for voice in ("Anna", "Ben"):
        stem, by_register = whole.stem(voice), dict[str, list[float]]()
        for region in whole.result.spliced.regions:
            if region.placed.region.voice == voice:
                loudness = loudness_lufs(stem[:, region.speech.start : region.speech.end])
                assert loudness is not None
                by_register.setdefault(region.placed.region.register, []).append(loudness)
        loudness_by_order = [np.mean(by_register[name]) for name in REGISTERS.names if name in by_register]
        assert len(loudness_by_order) >= 4
        assert loudness_by_order == sorted(loudness_by_order)


def test_the_speech_of_every_line_lies_inside_its_region(whole: Whole) -> None:
    for region in whole.result.spliced.regions:
        assert samples_of(region.placed.region.span, night.RATE).contains(region.speech), region.placed.region.line


def test_the_mix_stays_below_its_true_peak_and_the_report_tells_all(whole: Whole) -> None:
    assert true_peak_dbtp(sound_of(whole.result.spliced.movie)) <= -2.0 + 0.05
    report = json.loads(whole.result.files.report.read_text(encoding="utf-8"))
    assert len(report["regions"]) == len(night.LINES)
    assert len(report["joins"]) == len(whole.result.spliced.joins)
    assert "inaudible" not in whole.result.files.report.read_text(encoding="utf-8").lower()


def test_each_location_has_its_own_room_tone(whole: Whole) -> None:
    pieces = whole.result.spliced.tone_pieces
    assert len({piece.location for piece in pieces}) == 2
    assert pieces[0].location != pieces[-1].location


def test_the_new_timeline_reads_back_with_the_same_regions(whole: Whole) -> None:
    again = read_timeline(whole.result.files.timeline, REGISTERS).scene
    assert again.regions == whole.scene.regions
    assert again.voices == whole.scene.voices
    assert again.length_frames == night.LENGTH_FRAMES
