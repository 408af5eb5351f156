"""The whole way over footage: what the finished scene shows and sounds, frame by frame and sample by sample."""

import hashlib
import itertools
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
from numpy.typing import NDArray
from tests.media_making import cells_for, cells_of, decoded_frames, frame_number

from sottovoce.deciding import Asked
from sottovoce.examples import footage
from sottovoce.project import read_project
from sottovoce.reading import Reading
from sottovoce.rendering import RenderedScene, render_scene
from sottovoce.settings import Settings
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.plan import PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import PictureMode, Scene
from sottovoce_engine.timing import Span, sample_at
from sottovoce_otio.timeline import read_timeline
from sottovoce_otio.writing import write_otio

pytestmark = pytest.mark.xdist_group("render")

Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The example with what was made of it."""

    folder: Path
    digests: dict[Path, str]  # of the source's files, before
    scene: Scene
    result: RenderedScene

    @property
    def rate(self) -> Fraction:
        return self.scene.rate


@pytest.fixture(scope="module", params=[footage.RATE, Fraction(24)], ids=["23.976", "24"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("footage")
    footage.write_media(folder, request.param)
    source = folder / "footage.otio"
    write_otio(footage.timeline(request.param), source)
    digests = digests_of(folder)
    project = read_project(source, Reading(settings=Settings(), registers=register_table()))
    result = render_scene(project, PlanSettings(), Asked(folder=folder / "out"), Job())
    return Whole(folder=folder, digests=digests, scene=project.scene, result=result)


def digests_of(folder: Path) -> dict[Path, str]:
    files = [folder / "footage.otio", *(folder / footage.MEDIA_FOLDER).iterdir()]
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def shown_at(frame: int) -> tuple[int, int]:
    """(source id, frame number) that the timeline asks for, dissolve left aside."""
    source = next(source for source in footage.SOURCES if frame < source.shown.end)
    return source.id, source.first + frame - source.shown.start


def test_the_scene_is_read_as_it_was_marked(whole: Whole) -> None:
    assert whole.scene.raster == footage.RASTER
    assert 8 <= whole.scene.length_frames / whole.rate <= 10
    assert [(region.voice, region.register, region.span) for region in whole.scene.regions] == [
        ("Anna", "whisper", Span(20, 60)),
        ("Ben", "loud", Span(86, 130)),
        ("Anna", "soft", Span(152, 204)),
    ]
    assert {piece.track for piece in whole.scene.sounds if piece.dialogue} == {"Dialogue"}
    assert {piece.track for piece in whole.scene.sounds if not piece.dialogue} == {"Music"}
    assert {piece.dissolve for piece in whole.scene.pictures if piece.dissolve is not None} == {footage.DISSOLVE}


def test_regions_over_a_picture_are_locked_to_it(whole: Whole) -> None:
    assert whole.result.failures == ()
    assert whole.result.without == ()
    assert {planned.picture for planned in whole.result.plan.regions} == {PictureMode.LOCK}
    assert not any(region.placed.take.has_picture for region in whole.result.spliced.regions)


@pytest.mark.parametrize("flavour", ["mov", "mp4"])
def test_every_frame_is_the_one_the_timeline_asks_for(whole: Whole, flavour: str) -> None:
    spliced = whole.result.spliced
    movie = spliced.movie if flavour == "mov" else spliced.mp4
    assert movie is not None
    picture = probe(movie).picture
    assert picture is not None
    assert (picture.rate, picture.raster) == (whole.rate, footage.RASTER)
    shown = list(decoded_frames(movie))
    assert len(shown) == footage.LENGTH_FRAMES
    mixing = range(footage.DISSOLVE.start, footage.DISSOLVE.end)
    wrong = [
        (frame, frame_number(picture), shown_at(frame))
        for frame, picture in enumerate(shown)
        if frame not in mixing and frame_number(picture) != shown_at(frame)
    ]
    assert wrong == []


def test_the_dissolve_mixes_the_right_frames_evenly(whole: Whole) -> None:
    street, kitchen = footage.SOURCES[:2]
    weights = []
    for frame, picture in enumerate(decoded_frames(whole.result.spliced.movie)):
        if footage.DISSOLVE.start <= frame < footage.DISSOLVE.end:
            before = cells_for(street.id, street.first + frame).astype(float)
            after = cells_for(kitchen.id, kitchen.first + frame - kitchen.shown.start).astype(float)
            differs = before != after
            found = (cells_of(picture) - before)[differs] / (after - before)[differs]
            assert np.ptp(found) < 0.1
            assert np.abs(cells_of(picture) - before)[~differs].max() < 0.05
            weights.append(float(found.mean()))
    steps = [after - before for before, after in itertools.pairwise(weights)]
    assert 0 <= weights[0] < 0.1
    assert 0.9 < weights[-1] <= 1
    assert steps == pytest.approx([1 / footage.DISSOLVE.length] * len(steps), abs=0.03)


def test_the_sound_outside_regions_is_the_sources(whole: Whole) -> None:
    expected, mixed = source_mix(whole), sound_of(whole.result.spliced.movie)
    assert mixed.shape == expected.shape
    outside = np.ones(expected.shape[1], bool)
    for region in whole.result.spliced.regions:
        outside[region.fade_in.start : region.fade_out.end] = False
    assert outside.sum() > expected.shape[1] // 4
    assert np.abs(mixed - expected)[:, outside].max() < 2e-6


def test_under_a_region_the_dialogue_is_gone_and_the_music_is_not(whole: Whole) -> None:
    mixed = sound_of(whole.result.spliced.movie)
    for region in whole.result.spliced.regions:
        inside = Span(region.fade_in.end, region.fade_out.start)
        source = next(source for source in footage.SOURCES if region.placed.region.span.start < source.shown.end)
        assert level_at(mixed, inside, footage.MUSIC_HZ) == pytest.approx(footage.MUSIC_LEVEL, rel=0.1)
        assert level_at(mixed, inside, source.sine_hz) < 0.02


def test_stems_and_music_are_as_long_as_the_timeline(whole: Whole) -> None:
    spliced = whole.result.spliced
    assert {voice for voice, _ in spliced.stems} == {"Anna", "Ben"}
    for path in (*(path for _, path in spliced.stems), spliced.tone_stem, spliced.movie):
        with SoundReader(path) as sound:
            assert sound.length_samples == sample_at(footage.LENGTH_FRAMES, whole.rate)


def test_the_new_timeline_keeps_the_old_one_and_disables_its_dialogue(whole: Whole) -> None:
    read = read_timeline(whole.result.files.timeline, register_table()).scene
    assert read.regions == whole.scene.regions
    assert read.pictures == whole.scene.pictures
    made = otio.adapters.read_from_file(str(whole.result.files.timeline))
    tracks = {track.name: track for track in made.tracks}
    disabled = [clip for clip in tracks["Dialogue"].find_clips() if not clip.enabled]
    assert len(disabled) >= len(whole.scene.regions)
    assert all(clip.enabled for clip in tracks["Music"].find_clips())
    assert sum(item.duration().value for item in disabled) < footage.LENGTH_FRAMES


def test_the_sources_are_untouched(whole: Whole) -> None:
    assert digests_of(whole.folder) == whole.digests


def source_mix(whole: Whole) -> Sound:
    """The timeline's own sound, mixed here from its files: an equal power crossfade over the dissolve, music throughout."""
    length = sample_at(footage.LENGTH_FRAMES, whole.rate)
    mixed = np.zeros((2, length), np.float32)
    for piece in whole.scene.sounds:
        span = Span(sample_at(piece.span.start, whole.rate), sample_at(piece.span.end, whole.rate))
        start = round(piece.source.start * 48_000)
        with SoundReader(piece.source.path) as reader:
            sound = reader.read(Span(start, start + span.length))
        for fade, rising in ((piece.fade_in, True), (piece.fade_out, False)):
            if fade is not None:
                over = Span(
                    sample_at(fade.start, whole.rate) - span.start, sample_at(fade.end, whole.rate) - span.start
                )
                weight = (np.arange(over.length) + 0.5) / over.length
                gain = (weight if rising else 1 - weight) / np.hypot(weight, 1 - weight)
                sound[:, over.start : over.end] *= gain.astype(np.float32)
        mixed[:, span.start : span.end] += sound
    return mixed


def sound_of(path: Path) -> Sound:
    with SoundReader(path) as reader:
        return reader.read(Span(0, reader.length_samples))


def level_at(sound: Sound, span: Span, hz: float) -> float:
    """The amplitude of a sine inside a span."""
    at = np.arange(span.start, span.end)
    turning = np.exp(-2j * np.pi * hz * at / 48_000) * np.hanning(at.size)
    return float(2 * np.abs(sound[0, span.start : span.end] @ turning) / np.hanning(at.size).sum())
