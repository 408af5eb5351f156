"""Scenes that are not plain: nested, trimmed, with fades from black, offline media, drop-frame, and odd names."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest
from tests.otio_adapters.coded_media import HEIGHT, WIDTH, seen, write_coded_movie, write_tone
from tests.otio_adapters.spliced_scenes import (
    REGISTERS,
    loaded_timeline,
    mark,
    spliced_of,
    spliced_region,
    time_range,
)
from tests.programs import need_program

from sottovoce.exporting.formats import FORMATS
from sottovoce.exporting.values import Export
from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job

from .read_back import Clip, fcp7_file, mlt_file
from .running import ran

pytestmark = pytest.mark.xdist_group("hosts")

RATE = Fraction(24)


def clip(file: Path | None, first: int, length: int, *, rate: float = 24.0, name: str = "") -> Any:
    media = None if file is None else otio.schema.ExternalReference(file.as_uri(), time_range(0, 120, rate))
    return otio.schema.Clip(name or (file.stem if file else "offline"), media, time_range(first, length, rate))


def track(name: str, *items: Any, kind: str = "Video") -> Any:
    return otio.schema.Track(name, children=list(items), kind=kind)


def export_of(folder: Path, *tracks: Any, marks: tuple[tuple[str, int, int], ...], rate: Fraction = RATE) -> Export:
    """Regions over `tracks`, spliced without their own pictures; takes are described only."""
    timeline = otio.schema.Timeline("awkward", tracks=list(tracks))
    timeline.metadata["sottovoce"] = {"raster": f"{WIDTH}x{HEIGHT}"}
    for text, start, length in marks:
        mark(timeline, text, start, length, rate)
    return spliced_export(timeline, folder)


def spliced_export(timeline: Any, folder: Path) -> Export:
    loaded = loaded_timeline(timeline, folder)
    regions = tuple(spliced_region(region, loaded.scene, folder, takes=1) for region in loaded.scene.regions)
    spliced = spliced_of(loaded.scene, folder, regions)
    seconds = float(loaded.scene.length_frames / loaded.scene.rate)
    write_tone(spliced.tone_stem, seconds=seconds, hertz=200)
    for region in regions:
        if not Path(region.placed.path).exists():
            length = float(region.placed.take.length_frames / loaded.scene.rate)
            write_tone(Path(region.placed.path), seconds=length, hertz=900, level=0.2)
    return Export(name="awkward", loaded=loaded, scene=loaded.scene, spliced=spliced, registers=REGISTERS)


def written(name: str, export: Export, folder: Path) -> Path:
    path = folder / f"out{FORMATS[name].suffix}"
    assert FORMATS[name].write(export, path, Job()) == ()
    return path


def places(clips: tuple[Clip, ...], track: str) -> list[tuple[int, int, str, int]]:
    return [(each.start, each.end, each.file, each.first) for each in clips if each.track == track]


@pytest.fixture
def movies(tmp_path: Path) -> tuple[Path, Path]:
    one, two = (
        write_coded_movie(tmp_path / f"{name}.mov", file=file, frames=120, rate=RATE, hertz=440)
        for name, file in (("one", 1), ("two", 2))
    )
    return one, two


def test_nested_compositions_are_flattened(movies: tuple[Path, Path], tmp_path: Path) -> None:
    """V1  |== one ==|( nested: |= two =|= one =| from its frame 10 on )|== one ==|"""
    one, two = movies
    nested = otio.schema.Stack("nested", children=[track("N1", clip(two, 5, 30), clip(one, 50, 30))])
    nested.source_range = time_range(10, 40, 24.0)
    picture = track("V1", clip(one, 0, 20), nested, clip(one, 80, 20))
    sound = track("Music", clip(one, 0, 80), kind="Audio")
    export = export_of(tmp_path, picture, sound, marks=(("Anna whisper: hello", 30, 20),))
    truth = [(0, 20, "one.mov", 0), (20, 40, "two.mov", 15), (40, 60, "one.mov", 50), (60, 80, "one.mov", 80)]
    assert places(mlt_file(written("mlt", export, tmp_path)).clips, "V1") == truth
    assert places(fcp7_file(written("fcp7", export, tmp_path)).clips, "V1") == truth


def test_melt_fades_from_black_and_shows_black_in_gaps(movies: tuple[Path, Path], tmp_path: Path) -> None:
    need_program("melt", "apt-get install melt")
    one, _ = movies
    fade = otio.schema.Transition(
        "in", "SMPTE_Dissolve", otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(10, 24)
    )
    gap = otio.schema.Gap(source_range=time_range(0, 10, 24.0))
    export = export_of(tmp_path, track("V1", gap, fade, clip(one, 0, 40)), marks=(("Anna whisper: hello", 25, 20),))
    project, movie = written("mlt", export, tmp_path), tmp_path / "played.mkv"
    ran(["melt", str(project), "-consumer", f"avformat:{movie}", "vcodec=mpeg4", "qscale=2"], tmp_path)
    frames = seen(movie)
    assert len(frames) == 50
    assert frames[:11] == [(0, 0)] * 11
    assert frames[20:] == [(1, frame) for frame in range(10, 40)]


def test_a_trimmed_stack_starts_at_its_first_frame(movies: tuple[Path, Path], tmp_path: Path) -> None:
    one, _ = movies
    timeline = otio.schema.Timeline("awkward", tracks=[track("V1", clip(one, 0, 100))])
    timeline.metadata["sottovoce"] = {"raster": f"{WIDTH}x{HEIGHT}"}
    timeline.tracks.source_range = time_range(30, 60, 24.0)
    mark(timeline, "Anna whisper: hello", 50, 20)
    export = spliced_export(timeline, tmp_path)
    assert export.scene.length_frames == 60
    for name, read in (("mlt", mlt_file), ("fcp7", fcp7_file)):
        back = read(written(name, export, tmp_path))
        assert [(mark.start, mark.end) for mark in back.marks] == [(20, 40)]
        shown = [each for each in back.clips if each.track == "V1"]
        assert [(each.start, each.end, each.first) for each in shown] == [(0, 60, 30)]


def test_markers_before_a_trimmed_stack_are_left_out(tmp_path: Path) -> None:
    timeline = otio.schema.Timeline(
        "awkward", tracks=[track("V1", otio.schema.Gap(source_range=time_range(0, 100, 24.0)))]
    )
    timeline.metadata["sottovoce"] = {"raster": f"{WIDTH}x{HEIGHT}"}
    timeline.tracks.source_range = time_range(30, 60, 24.0)
    for text, start in (("too early", 10), ("Anna whisper: hello", 50), ("too late", 95)):
        mark(timeline, text, start, 5)
    export = spliced_export(timeline, tmp_path)
    edl = written("edl", export, tmp_path).read_text()
    assert "too" not in edl
    assert "00:00:00:20" in edl


def test_effects_that_stay_behind_are_told(movies: tuple[Path, Path], tmp_path: Path) -> None:
    one, _ = movies
    slow = clip(one, 0, 80)
    slow.effects.append(otio.schema.LinearTimeWarp(time_scalar=0.5))
    export = export_of(tmp_path, track("V1", slow), marks=(("Anna whisper: hello", 20, 30),))
    for name in ("mlt", "fcp7"):
        told = FORMATS[name].write(export, tmp_path / f"out{FORMATS[name].suffix}", Job())
        assert told == ("The clip 'one' is there without its effects or its speed.",)


def test_takes_that_overlap_sound_on_lanes_of_their_own(tmp_path: Path) -> None:
    marks = (("Anna whisper: hello", 20, 30), ("Anna soft: and more", 50, 30), ("Ben (man) shout: no", 40, 20))
    gap = otio.schema.Gap(source_range=time_range(0, 100, 24.0))
    export = export_of(tmp_path, track("V1", gap), marks=marks)
    clips = mlt_file(written("mlt", export, tmp_path)).clips
    lanes = {each.track: each for each in clips}
    assert {"Anna (Sottovoce)", "Anna (Sottovoce) 2", "Ben (Sottovoce)"} <= set(lanes)
    for name in lanes:
        on_it = sorted((each.start, each.end) for each in clips if each.track == name)
        assert all(before[1] <= after[0] for before, after in pairwise(on_it))
    back = fcp7_file(written("fcp7", export, tmp_path))
    assert [place[:2] for place in places(back.clips, "Anna (Sottovoce)")] == [(20, 50), (50, 80)]


def test_media_that_are_offline_stay_where_they_were(movies: tuple[Path, Path], tmp_path: Path) -> None:
    one, _ = movies
    picture = track("V1", clip(None, 0, 20), clip(None, 0, 20), clip(one, 0, 60))
    export = export_of(tmp_path, picture, marks=(("Anna whisper: hello", 50, 20),))
    items = ET.parse(written("fcp7", export, tmp_path)).getroot().findall(".//video/track/clipitem")
    assert [(item.findtext("start"), item.findtext("end")) for item in items] == [
        ("0", "20"),
        ("20", "40"),
        ("40", "100"),
    ]
    assert [item.find("file/pathurl") is None for item in items] == [True, True, False]
    files = [item.find("file") for item in items]
    assert len({file.get("id") for file in files if file is not None}) == 3
    assert places(mlt_file(written("mlt", export, tmp_path)).clips, "V1")[-1] == (40, 100, "one.mov", 0)


def test_drop_frame_timecode_is_written_as_such(tmp_path: Path) -> None:
    rate = Fraction(30_000, 1001)
    number = float(rate)
    timeline = otio.schema.Timeline("awkward", global_start_time=otio.opentime.RationalTime(107_892, number))
    timeline.metadata["sottovoce"] = {"raster": f"{WIDTH}x{HEIGHT}"}
    timeline.tracks.append(track("V1", otio.schema.Gap(source_range=time_range(0, 100, number))))
    mark(timeline, "Anna whisper: hello", 30, 40, rate)
    export = spliced_export(timeline, tmp_path)
    export = replace(export, scene=replace(export.scene, drop_frame=True))
    root = ET.parse(written("fcp7", export, tmp_path)).getroot()
    assert root.findtext(".//sequence/timecode/string") == "01:00:00;00"
    assert root.findtext(".//sequence/timecode/displayformat") == "DF"
    assert (root.findtext(".//sequence/rate/timebase"), root.findtext(".//sequence/rate/ntsc")) == ("30", "TRUE")
    assert "FCM: DROP FRAME" in written("edl", export, tmp_path).read_text()
    profile = ET.parse(written("mlt", export, tmp_path)).getroot().find("profile")
    assert profile is not None
    assert (profile.get("frame_rate_num"), profile.get("frame_rate_den")) == ("30000", "1001")


def test_names_that_no_xml_can_hold(movies: tuple[Path, Path], tmp_path: Path) -> None:
    """Control characters, and what XML uses itself."""
    one, _ = movies
    name = 'a\x01b <&> "c" \ud83d\ude00'.encode("utf-16", "surrogatepass").decode("utf-16")
    export = export_of(tmp_path, track(name, clip(one, 0, 80, name=name)), marks=(("Anna whisper: a < b & c", 20, 30),))
    shown = 'a?b <&> "c" 😀'
    assert places(mlt_file(written("mlt", export, tmp_path)).clips, shown) == [(0, 80, "one.mov", 0)]
    root = ET.parse(written("fcp7", export, tmp_path)).getroot()
    assert root.findtext(".//video/track/clipitem/name") == shown
    assert "Anna whisper: a < b & c" in (root.findtext(".//sequence/marker/name") or "")


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("review", "handover")])
def test_nothing_is_written_over(name: str, movies: tuple[Path, Path], tmp_path: Path) -> None:
    one, _ = movies
    export = export_of(tmp_path, track("V1", clip(one, 0, 80)), marks=(("Anna whisper: hello", 20, 30),))
    path = tmp_path / f"out{FORMATS[name].suffix}"
    path.write_text("somebody's")
    with pytest.raises(InputError, match="exists already"):
        FORMATS[name].write(export, path, Job())
    assert path.read_text() == "somebody's"
