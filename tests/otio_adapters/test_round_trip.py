"""Regions and voices survive being written and read again, whatever they say and wherever they lie."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sottovoce_engine.scene import Gender, PictureMode, Region, Scene, Voice, checked
from sottovoce_engine.timing import Span
from sottovoce_otio.plain import object_from
from sottovoce_otio.scene_timeline import marked_timeline, scene_timeline
from sottovoce_otio.timeline import read_timeline
from sottovoce_otio.writing import write_otio

from .spliced_scenes import REGISTERS, loaded_timeline, mark, source_timeline, spliced_scene, time_range

RATES = [Fraction(24), Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001), Fraction(60_000, 1001)]
LENGTH = 240


def test_typed_marks_read_back_identically_and_are_there_once(tmp_path: Path) -> None:
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes", 20, 40)
    mark(timeline, "Ben (man, shouting): stay there!", 100, 36)
    loaded = loaded_timeline(timeline, tmp_path)
    assert [(region.voice.casefold(), region.register) for region in loaded.scene.regions] == [
        ("anna", "whisper"),
        ("ben", "shout"),
    ]
    write_otio(scene_timeline(loaded, spliced_scene(loaded.scene, tmp_path), REGISTERS), tmp_path / "out.otio")
    again = read_timeline(tmp_path / "out.otio", REGISTERS)
    assert again.scene.regions == loaded.scene.regions
    assert again.scene.voices == loaded.scene.voices
    assert (again.scene.rate, again.scene.start_frame) == (loaded.scene.rate, loaded.scene.start_frame)
    names = [marker.name for marker in again.timeline.tracks.markers]
    assert len(names) == 3
    assert names[0] == "grade me"
    assert names[1].startswith("ANNA whisper: close your eyes | ")


def test_writing_again_from_what_was_written_changes_nothing(tmp_path: Path) -> None:
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes", 20, 40)
    mark(timeline, "Ben (man, shouting): stay there!", 100, 36)
    loaded = loaded_timeline(timeline, tmp_path)
    once = scene_timeline(loaded, spliced_scene(loaded.scene, tmp_path), REGISTERS)
    write_otio(once, tmp_path / "once.otio")
    again = read_timeline(tmp_path / "once.otio", REGISTERS)
    twice = scene_timeline(again, spliced_scene(again.scene, tmp_path), REGISTERS)
    assert json.loads(twice.to_json_string()) == json.loads(once.to_json_string())
    assert again.scene.sounds == loaded.scene.sounds
    assert again.scene.pictures == loaded.scene.pictures


@pytest.mark.parametrize("owner", ["track", "clip", "nested"])
def test_a_mark_that_hangs_elsewhere_moves_to_the_stack(tmp_path: Path, owner: str) -> None:
    timeline = source_timeline()
    clip = timeline.tracks[1][2]
    if owner == "track":
        timeline.tracks[1].markers.append(otio.schema.Marker("soft: are you there", time_range(140, 30, 24)))
    elif owner == "clip":
        at = clip.source_range.start_time.value + 20
        clip.markers.append(otio.schema.Marker("soft: are you there", time_range(at, 30, 24)))
    else:
        stack = otio.schema.Stack("nested", source_range=time_range(0, 240, 24))
        track = otio.schema.Track("inside", kind="Audio")
        track.append(otio.schema.Clip("x", source_range=time_range(0, 240, 24)))
        track.markers.append(otio.schema.Marker("soft: are you there", time_range(140, 30, 24)))
        stack.append(track)
        outer = otio.schema.Track("A9", kind="Audio")
        outer.append(stack)
        timeline.tracks.append(outer)
    loaded = loaded_timeline(timeline, tmp_path)
    assert [region.span for region in loaded.scene.regions] == [Span(140, 170)]
    write_otio(scene_timeline(loaded, spliced_scene(loaded.scene, tmp_path), REGISTERS), tmp_path / "out.otio")
    again = read_timeline(tmp_path / "out.otio", REGISTERS)
    assert again.scene.regions == loaded.scene.regions
    assert [found.address for found in again.marks] == [()]


@st.composite
def scenes(draw: st.DrawFn, base: Scene) -> Scene:
    names = draw(
        st.lists(
            st.sampled_from(["ANNA", "Ben", "Old Man", "Mère", "R2-D2", "李"]), min_size=1, max_size=3, unique=True
        )
    )
    voices = tuple(
        Voice(name=name, gender=draw(st.sampled_from(Gender)), sound=draw(st.sampled_from(["", "low, tired"])))
        for name in names
    )
    line = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=30).map(
        lambda text: f"so {text} it".strip()
    )
    regions = []
    for index in range(draw(st.integers(0, 4))):
        start = index * 50 + draw(st.integers(0, 20))
        regions.append(
            Region(
                id=draw(st.text("0123456789abcdef", min_size=8, max_size=12)),
                span=Span(start, start + draw(st.integers(2, 25))),  # a single frame is a point mark
                register=draw(st.sampled_from(REGISTERS.names)),
                voice=draw(st.sampled_from(names)),
                line=draw(line),
                look=draw(st.sampled_from(["", "a dim room"])),
                location=draw(st.sampled_from(["", "kitchen"])),
                cue=draw(st.sampled_from(["", "SC12-034"])),
                picture=draw(st.sampled_from([None, *PictureMode])),
                seed=draw(st.none() | st.integers(0, 2**31 - 1)),
                lead_frames=draw(st.integers(0, 3)),
                gain_db=draw(st.sampled_from([0.0, -1.5, 6.0])),
                length_guessed=draw(st.booleans()),
            )
        )
    unique = {region.id: region for region in regions}
    used = {region.voice for region in unique.values()}
    scene = replace(base, voices=tuple(voice for voice in voices if voice.name in used))
    return checked(scene.with_regions(tuple(unique.values())))


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.5g}")
@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_region_reads_back_identically(tmp_path: Path, rate: Fraction, data: st.DataObject) -> None:
    loaded = loaded_timeline(source_timeline(rate, LENGTH), tmp_path)
    assert loaded.scene.rate == rate
    scene = data.draw(scenes(loaded.scene))
    path = tmp_path / "marked.otio"
    path.write_text(object_from(marked_timeline(loaded, scene, REGISTERS)).to_json_string(), encoding="utf-8")
    again = read_timeline(path, REGISTERS).scene
    assert again.regions == scene.regions
    assert set(again.voices) == set(scene.voices)


def test_rates_are_written_as_the_nearest_double_and_the_start_time_is_kept(tmp_path: Path) -> None:
    rate = Fraction(24_000, 1001)
    timeline = source_timeline(rate)
    mark(timeline, "ANNA whisper: close your eyes", 20, 40, rate)
    loaded = loaded_timeline(timeline, tmp_path)
    written = scene_timeline(loaded, spliced_scene(loaded.scene, tmp_path), REGISTERS)
    assert written.global_start_time == timeline.global_start_time
    rates = {node["rate"] for node in _nodes(json.loads(written.to_json_string())) if "rate" in node}
    assert rates == {24_000 / 1001}


def test_the_upgrade_from_the_first_marker_keeps_a_range_that_stands_twice(tmp_path: Path) -> None:
    """OTIO's main branch runs that upgrade on every Marker.2; a lower version number makes 0.18.1 run it, too."""
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes", 20, 40)
    loaded = loaded_timeline(timeline, tmp_path)
    written = scene_timeline(loaded, spliced_scene(loaded.scene, tmp_path), REGISTERS)
    assert written.tracks.markers[-1].marked_range == time_range(20, 40, 24)
    document = json.loads(written.to_json_string())
    marker = document["tracks"]["markers"][-1]
    assert marker["OTIO_SCHEMA"] == "Marker.2"
    marker["OTIO_SCHEMA"] = "Marker.1"
    upgraded = otio.adapters.read_from_string(json.dumps(document))
    assert upgraded.tracks.markers[-1].marked_range == time_range(20, 40, 24)
    del marker["range"]
    with pytest.raises(ValueError, match="marked_range"):
        otio.adapters.read_from_string(json.dumps(document))


def _nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [node for each in value for node in _nodes(each)]
    if isinstance(value, dict):
        return [value, *(node for each in value.values() for node in _nodes(each))]
    return []
