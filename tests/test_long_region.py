"""The whole way with a region longer than one window: rendered in parts that meet, and still one mark."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sottovoce.deciding import Asked
from sottovoce.examples.parts import empty_timeline, gap, marker, track
from sottovoce.project import read_project
from sottovoce.reading import Reading
from sottovoce.rendering import RenderedScene, render_scene
from sottovoce.settings import Settings
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.plan import PlanSettings, RegionState
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.timing import Span
from sottovoce_otio.ours import FORMAT, KEY
from sottovoce_otio.timeline import read_timeline
from sottovoce_otio.writing import write_otio

pytestmark = pytest.mark.xdist_group("render")

RATE = Fraction(24)
LENGTH_FRAMES = 576
REGION = Span(24, 552)  # 22 s
LINE = " ".join(["I told you that I would come back to you.", "I said it twice, and then I came here."] * 4)
READING = Reading(settings=Settings(), registers=register_table())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.otio"
    timeline = empty_timeline("long", 0, RATE)
    timeline.metadata[KEY] = {"format": FORMAT, "raster": "64x48"}
    timeline.tracks.append(track("V1", "Video", [gap(LENGTH_FRAMES, RATE)]))
    timeline.tracks.markers.append(marker(f"Anna soft: {LINE}", REGION, RATE))
    write_otio(timeline, path)
    return path


@pytest.fixture(scope="module")
def result(source: Path) -> RenderedScene:
    asked = Asked(folder=source.parent / "out", mp4=False)
    return render_scene(read_project(source, READING), PlanSettings(), asked, Job())


def test_the_parts_meet_between_two_sentences(result: RenderedScene) -> None:
    first, second = (planned.region for planned in result.plan.regions)
    assert first.span.end == second.span.start
    assert Span(first.span.start, second.span.end) == REGION
    assert first.line.endswith(".")
    assert f"{first.line} {second.line}" == LINE
    assert result.without == ()


def test_the_voice_goes_on_over_the_seam(result: RenderedScene) -> None:
    ((_, stem),) = result.spliced.stems
    with SoundReader(stem) as sound:
        assert sound.length_samples == LENGTH_FRAMES * 2000
        voice = sound.read(Span(0, sound.length_samples))
    for region in result.spliced.regions:
        assert np.abs(voice[:, region.speech.start : region.speech.end]).max() > 0.01


def test_the_new_timeline_has_one_mark_for_all_parts(source: Path, result: RenderedScene) -> None:
    before, after = (read_timeline(path, READING.registers).scene for path in (source, result.files.timeline))
    assert after.regions == before.regions
    assert [region.span for region in after.regions] == [REGION]


def test_the_parts_are_pinned_when_the_timeline_is_opened_again(source: Path, result: RenderedScene) -> None:
    project = read_project(source, READING)
    plan = project.plan(PlanSettings(), project.takes())
    assert [planned.state for planned in plan.regions] == [RegionState.PINNED] * 2
    assert plan.jobs == ()
    assert result.plan.scene.regions == plan.scene.regions
