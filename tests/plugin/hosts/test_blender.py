"""The add-on in the real Blender: strips made from our timelines, rendered, decoded, and handed back."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import pytest
from PIL import Image
from tests.media_making import cells_for, cells_of, decoded_frames, frame_number, write_numbered_movie
from tests.otio_adapters.built_timelines import clip, gap, marker, sound, span, timeline, track, transition
from tests.otio_adapters.coded_media import heard, seen
from tests.otio_adapters.coded_scenes import CHOSEN, HERTZ, LENGTH, SOURCE, TONE_HERTZ, coded_scene, expected
from tests.otio_adapters.spliced_scenes import REGISTERS

from sottovoce.examples.numbered import numbered_picture
from sottovoce_engine.scene import Raster
from sottovoce_otio.timeline import read_timeline
from sottovoce_otio.writing import write_otio

from .blender import blender_session, install_add_on
from .quick_settings import leave_the_judge_out

pytestmark = pytest.mark.xdist_group("hosts")

RATES = pytest.mark.parametrize("rate", [Fraction(24), Fraction(24_000, 1001)], ids=["24", "23.976"])
RASTER = Raster(width=320, height=180)
TIMECODE = 86_400  # where the numbering of the camera files starts


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_add_on(tmp_path_factory.mktemp("blender") / "scripts")


@RATES
def test_blender_plays_the_chosen_take_frame_by_frame(rate: Fraction, scripts: Path, tmp_path: Path) -> None:
    write_otio(coded_scene(tmp_path, rate), tmp_path / "out.otio")
    movie = tmp_path / "blender.mov"
    blender_session(scripts, "cut", tmp_path / "out.otio", movie, tmp_path / "back.otio")

    assert seen(movie) == [expected(frame) for frame in range(LENGTH)]
    inside, outside = (1.4, 2.7), (0.2, 1.0)
    original = heard(movie, HERTZ[SOURCE], outside)
    assert original > 0.2
    assert heard(movie, HERTZ[SOURCE], inside) < 0.001  # disabled under the region
    assert heard(movie, HERTZ[CHOSEN], inside) / original == pytest.approx(10 ** (-2.5 / 20), rel=0.01)  # its gain
    assert heard(movie, HERTZ[CHOSEN], outside) < 0.001
    assert heard(movie, HERTZ[2], inside) < 0.001  # the other take
    assert heard(movie, TONE_HERTZ, inside) / original == pytest.approx(0.01 / 0.25, rel=0.02)

    before, after = (read_timeline(tmp_path / name, REGISTERS) for name in ("out.otio", "back.otio"))
    assert after.scene == before.scene
    assert _clips(tmp_path / "back.otio") == _clips(tmp_path / "out.otio")


def test_what_was_edited_in_blender_is_read_back_with_its_takes(scripts: Path, tmp_path: Path) -> None:
    write_otio(coded_scene(tmp_path, Fraction(24)), tmp_path / "out.otio")
    blender_session(scripts, "edited", tmp_path / "out.otio", tmp_path / "back.otio")
    timelines = [otio.adapters.read_from_file(str(tmp_path / name)) for name in ("out.otio", "back.otio")]
    (before,), (after,) = (found.audio_tracks()[1].find_clips() for found in timelines)
    assert (before.range_in_parent(), after.range_in_parent()) == (span(30, 40), span(35, 37))
    assert after.source_range == span(before.source_range.start_time.value, 37)
    assert after.media_references().keys() == before.media_references().keys()
    assert after.active_media_reference_key == before.active_media_reference_key
    assert str(after.metadata) == str(before.metadata)

    (was,), (now,) = (read_timeline(tmp_path / path, REGISTERS).scene.regions for path in ("out.otio", "back.otio"))
    assert now == replace(was, span=was.span.shifted(5))


def _clips(path: Path) -> list[Any]:
    """Where every clip of a timeline lies, what it shows, and all its takes."""
    found = otio.adapters.read_from_file(str(path))
    return [
        (
            track.name,
            item.name,
            item.range_in_parent(),
            item.trimmed_range(),
            item.enabled,
            item.media_references().keys(),
        )
        for track in found.tracks
        for item in track
        if isinstance(item, otio.schema.Clip)
    ]


@pytest.fixture
def mixed(tmp_path: Path, rate: Fraction) -> Path:
    """V1 and A1  |== a 0-24 ==|X== b 24-48 ==|     V2, above: a still over 36-40, four numbered pictures over 40-44"""
    for source_id, name in ((1, "a"), (2, "b")):
        write_numbered_movie(
            tmp_path / f"{name}.mov",
            source_id=source_id,
            frames=60,
            rate=rate,
            raster=RASTER,
            sine_hz=440.0 * source_id,
            start_frame=TIMECODE,
        )
    for number in range(4):
        Image.fromarray(numbered_picture(3, number, RASTER)).save(tmp_path / f"card_{number + 8:04}.png")
    pictures = otio.schema.ImageSequenceReference(
        target_url_base=tmp_path.as_uri() + "/",
        name_prefix="card_",
        name_suffix=".png",
        start_frame=8,
        frame_zero_padding=4,
        rate=float(rate),
        available_range=span(0, 4, rate),
    )
    cards = track(
        "V2",
        gap(36, rate),
        clip("still", 0, 4, rate=rate, url=(tmp_path / "card_0011.png").as_uri(), available=(0, 1)),
        otio.schema.Clip("cards", pictures, span(0, 4, rate)),
    )
    made = timeline(
        track("V1", *_dissolved(tmp_path, rate)),
        cards,
        sound("A1", *_dissolved(tmp_path, rate)),
        marks=[marker("Anna whisper: close your eyes", 10, 20, rate), marker("note", 15, 1, rate)],
        sottovoce={"raster": str(RASTER)},
    )
    path = tmp_path / "mixed.otio"
    made.to_json_file(str(path))
    return path


def _dissolved(folder: Path, rate: Fraction) -> list[Any]:
    first, second = (
        clip(
            name,
            TIMECODE + start,
            24,
            rate=rate,
            url=(folder / f"{name}.mov").as_uri(),
            available=(TIMECODE, 60),
        )
        for name, start in (("a", 20), ("b", 30))
    )
    return [first, transition(4, 8, rate), second]


@RATES
def test_dissolves_stills_and_picture_sequences(rate: Fraction, mixed: Path, scripts: Path, tmp_path: Path) -> None:
    movie, back = tmp_path / "blender.mov", tmp_path / "back.otio"
    blender_session(scripts, "cut", mixed, movie, back)

    frames = list(decoded_frames(movie))
    assert len(frames) == 48
    plain = {number: frame_number(frame) for number, frame in enumerate(frames) if not 20 <= number < 32}
    assert plain == {number: _shown(number) for number in plain}
    for number in range(22, 30):  # the two pictures mix, the second one more with every frame
        first, second = cells_for(1, 20 + number), cells_for(2, 6 + number)
        light = cells_of(frames[number])
        share = float(light[second & ~first].mean())
        assert share == pytest.approx((number - 20) / 12, abs=0.08)
        assert np.abs(light - (first * (1 - share) + second * share)).max() < 0.12

    def level(hertz: float, start: int, end: int) -> float:
        return heard(movie, hertz, (float(start / rate), float(end / rate)))

    assert level(440.0, 2, 18) > 10 * level(880.0, 2, 18)
    assert level(880.0, 34, 46) > 10 * level(440.0, 34, 46)
    assert level(440.0, 24, 28) > 0.02
    assert level(880.0, 24, 28) > 0.02

    found, given = (otio.adapters.read_from_file(str(path)) for path in (back, mixed))
    for ours, theirs in zip(found.tracks, given.tracks, strict=True):
        assert [child.to_json_string() for child in ours] == [child.to_json_string() for child in theirs]
    assert [(mark.name, mark.marked_range) for mark in found.tracks.markers] == [
        (mark.name, mark.marked_range) for mark in given.tracks.markers
    ]


def _shown(frame: int) -> tuple[int, int]:
    """(source id, frame of that file)."""
    if 36 <= frame < 40:
        return 3, 3
    if 40 <= frame < 44:
        return 3, frame - 40
    return (1, 20 + frame) if frame < 24 else (2, 6 + frame)


def test_long_names_and_missing_media_go_through(scripts: Path, tmp_path: Path) -> None:
    """Blender shortens names to 63 bytes and texts to 512, numbers names that are taken, and shows nothing for no file."""
    line = "close your eyes and listen, " * 30
    made = timeline(
        track("V1", *(clip(f"{'night ' * 20}é", 10, 12, url="gone.mov") for _ in range(2))),
        track("V2", gap(3), clip("short", 0, 12, url="gone.mov", studio={"reel": "A1"})),
        marks=[marker(f"Anna whisper: {line}[SV:1f0c9a42]", 2, 30), marker("come here", 8, 0, comment="overlaps")],
    )
    made.to_json_file(str(tmp_path / "in.otio"))
    said = blender_session(scripts, "cut", tmp_path / "in.otio", "", tmp_path / "back.otio")
    assert said.count(f"'{tmp_path / 'gone.mov'}' is missing; relink its strips") == 1

    found = otio.adapters.read_from_file(str(tmp_path / "back.otio"))
    for ours, theirs in zip(found.tracks, made.tracks, strict=True):
        assert [child.to_json_string() for child in ours] == [child.to_json_string() for child in theirs]
    assert [mark.name for mark in found.tracks.markers] == [mark.name for mark in made.tracks.markers]


def test_more_tracks_than_channels_are_refused(scripts: Path, tmp_path: Path) -> None:
    made = timeline(*(track(f"V{number}", clip("a", 0, 2)) for number in range(128)))
    made.to_json_file(str(tmp_path / "in.otio"))
    said = blender_session(scripts, "refused", tmp_path / "in.otio")
    assert "'built' needs 128 channels; Blender has 127 for it. Export fewer tracks." in said


def test_a_marked_region_is_rendered_and_comes_back_as_a_new_scene(scripts: Path, tmp_path: Path) -> None:
    leave_the_judge_out()
    movie = tmp_path / "street.mov"
    write_numbered_movie(movie, source_id=1, frames=60, rate=Fraction(24), raster=RASTER, sine_hz=440.0)
    said = blender_session(scripts, "region", movie, tmp_path / "film.blend")

    made = json.loads(next(line for line in said.splitlines() if line.startswith("MADE")).removeprefix("MADE"))
    assert made["before"] == 2  # the scene that was handed over is as it was
    assert "Anna (Sottovoce)" in made["channels"]
    assert "Sottovoce marks" in made["channels"]
    handed_over = tmp_path / "film_Scene.otio"
    (region,) = read_timeline(handed_over, REGISTERS).scene.regions
    assert (region.voice, region.register, region.line) == ("Anna", "whisper", "close your eyes")


def test_strips_that_a_person_laid_are_the_timeline_s_frames(scripts: Path, tmp_path: Path) -> None:
    movie, still = tmp_path / "street.mov", tmp_path / "card.png"
    write_numbered_movie(movie, source_id=1, frames=90, rate=Fraction(24), raster=RASTER, sine_hz=None)
    Image.fromarray(numbered_picture(3, 0, RASTER)).save(still)
    said = blender_session(scripts, "strips", movie, still, tmp_path / "out.otio")

    found = otio.adapters.read_from_file(str(tmp_path / "out.otio"))
    low, beside, high = found.tracks
    assert [_placed(item) for item in low] == [
        ("first", 0, 23, 20),  # what lies before the scene's start is cut off
        "dissolve 3+3",
        ("second", 23, 37, 13),
    ]
    assert [_placed(item) for item in beside] == ["gap 30", ("muted", 30, 20, 0)]  # under the second one
    assert [item.enabled for track in found.tracks for item in track.find_clips()] == [True, True, False, True]
    assert [_placed(item) for item in high] == ["gap 40", ("still", 40, 10, 0)]
    assert said.count("Warning:") == 1
    assert "'colour' (color) is left out" in said
    (mark,) = found.tracks.markers
    assert (mark.name, mark.marked_range) == ("Anna whisper: close your eyes", span(10, 20))


def _placed(item: Any) -> str | tuple[str, int, int, int]:
    """A clip as (name, frame it starts at, length, first frame of the media)."""
    match item:
        case otio.schema.Transition():
            return f"dissolve {item.in_offset.value:.0f}+{item.out_offset.value:.0f}"
        case otio.schema.Gap():
            return f"gap {item.duration().value:.0f}"
    start, shown = item.range_in_parent().start_time, item.trimmed_range()
    return item.name, int(start.value), int(shown.duration.value), int(shown.start_time.value)
