"""A timeline of ours through hosts and back: regions by id, edits kept, our own tracks told from the editor's."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.timing import Span
from sottovoce_otio.matching import matched
from sottovoce_otio.scene_timeline import scene_timeline
from sottovoce_otio.timeline import LoadedTimeline, read_timeline

from .host_edits import HOSTS, through_kdenlive, through_resolve
from .spliced_scenes import REGISTERS, loaded_timeline, mark, source_timeline, spliced_scene, time_range

Host = Callable[[Any], Any]
ROOM = {"1" * 8: (20, 40), "2" * 8: (100, 36), "3" * 8: (170, 30)}


def three_lines(folder: Path) -> LoadedTimeline:
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes [SV:11111111]", 20, 40)
    mark(timeline, "BEN (man) shout: stay there [SV:22222222]", 100, 36)
    mark(timeline, "ANNA soft: I know [SV:33333333]", 170, 30)
    return loaded_timeline(timeline, folder)


def exported(loaded: LoadedTimeline, folder: Path, *, picture: bool = False) -> Any:
    return scene_timeline(loaded, spliced_scene(loaded.scene, folder, picture=picture), REGISTERS)


def back(timeline: Any, folder: Path) -> Scene:
    path = folder / "back.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return read_timeline(path, REGISTERS).scene


def heard(scene: Scene) -> set[tuple[object, ...]]:
    """What each frame plays, track by track, whatever pieces it lies in."""
    return {
        (frame, piece.track, piece.source.path, piece.source.start + (frame - piece.span.start) / scene.rate)
        for piece in scene.sounds
        for frame in range(piece.span.start, piece.span.end)
    }


@pytest.mark.parametrize("picture", [False, True], ids=["locked", "own picture"])
@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.__name__)
def test_our_tracks_are_left_out_again_without_our_metadata(tmp_path: Path, host: Host, picture: bool) -> None:
    loaded = three_lines(tmp_path)
    again = back(host(exported(loaded, tmp_path, picture=picture)), tmp_path)
    assert [(region.id, region.span, region.register, region.voice, region.line) for region in again.regions] == [
        (region.id, region.span, region.register, region.voice, region.line) for region in loaded.scene.regions
    ]
    assert {voice.name: voice.gender for voice in again.voices} == {
        voice.name: voice.gender for voice in loaded.scene.voices
    }
    assert again.pictures == loaded.scene.pictures
    # A crossfade that a take was heard over stays taken out: only our metadata knew it.
    assert {each[:3] for each in heard(again)} >= {
        each[:3] for each in heard(loaded.scene) if not 114 <= int(str(each[0])) < 126
    }
    assert not any("Sottovoce" in piece.track for piece in again.sounds)


def test_a_take_that_was_moved_to_an_editors_track_leaves_a_gap_there(tmp_path: Path) -> None:
    loaded = three_lines(tmp_path)
    timeline = through_resolve(exported(loaded, tmp_path))
    ours = next(track for track in timeline.tracks if track.name == "BEN (Sottovoce)")
    music = next(track for track in timeline.tracks if track.name == "A2 music")
    take = next(item for item in ours if isinstance(item, otio.schema.Clip)).clone()
    clip = music[0]
    after = clip.clone()
    start = clip.source_range.start_time
    after.source_range = otio.opentime.TimeRange(
        start + otio.opentime.RationalTime(136, 24), time_range(0, 104, 24).duration
    )
    clip.source_range = otio.opentime.TimeRange(start, time_range(0, 100, 24).duration)
    music.extend([take, after])
    timeline.tracks.remove(ours)
    again = back(timeline, tmp_path)
    assert [piece.span for piece in again.sounds if piece.track == "A2 music"] == [Span(0, 100), Span(136, 240)]


def test_somebodys_own_tracks_are_never_taken_for_ours(tmp_path: Path) -> None:
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes", 20, 40)
    track = otio.schema.Track("My room tone (Sottovoce)", kind="Audio")
    media = otio.schema.ExternalReference("file:///footage/room tone of the kitchen.wav", time_range(0, 240, 24))
    track.append(otio.schema.Clip("tone", media, time_range(0, 240, 24)))
    muted = otio.schema.Track("A9", kind="Audio")
    muted.append(otio.schema.Clip("muted", media.clone(), time_range(0, 240, 24)))
    muted[0].enabled = False
    timeline.tracks.extend([track, muted])
    scene = loaded_timeline(timeline, tmp_path).scene
    assert "My room tone (Sottovoce)" in {piece.track for piece in scene.sounds}
    assert "A9" not in {piece.track for piece in scene.sounds}


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_edits_in_a_host_come_back_as_edits_of_the_same_regions(tmp_path: Path, data: st.DataObject) -> None:
    loaded = three_lines(tmp_path)
    timeline = data.draw(st.sampled_from(HOSTS))(exported(loaded, tmp_path))
    expected: list[Region] = []
    for region in loaded.scene.regions:
        marker = next(each for each in timeline.tracks.markers if f"[SV:{region.id}]" in f"{each.name}{each.comment}")
        edit = data.draw(st.sampled_from(["nothing", "move", "trim", "words", "register", "delete"]))
        edited = _edited(region, edit, data)
        if edited is None:
            timeline.tracks.markers.remove(marker)
            continue
        marker.marked_range = time_range(edited.span.start, edited.span.length, 24)
        _write(marker, region, edited)
        expected.append(edited)
    again = back(timeline, tmp_path)
    assert [_said(region) for region in again.regions] == [_said(region) for region in expected]
    assert set(again.voices) <= set(loaded.scene.voices)  # a man stays one, though the mark's name does not say so
    found = matched(loaded.scene.regions, again.regions)
    assert {match.before.id for match in found.matches} == {region.id for region in expected}
    assert all(match.before.id == match.after.id for match in found.matches)


def test_a_mark_whose_name_was_emptied_is_found_by_its_comment(tmp_path: Path) -> None:
    loaded = three_lines(tmp_path)
    timeline = through_kdenlive(exported(loaded, tmp_path))
    assert {marker.name for marker in timeline.tracks.markers} == {""}
    assert [region.id for region in back(timeline, tmp_path).regions] == sorted(ROOM)


def _edited(region: Region, edit: str, data: st.DataObject) -> Region | None:
    """The region after an edit; there is room of 10 frames on both sides of each."""
    start, length = ROOM[region.id]
    if edit == "delete":
        return None
    if edit == "move":
        return replace(region, span=Span(start, start + length).shifted(data.draw(st.integers(-10, 10))))
    if edit == "trim":
        head, tail = data.draw(st.integers(-9, 9)), data.draw(st.integers(-9, 9))
        return replace(region, span=Span(start + head, start + length + tail))
    if edit == "words":
        line = data.draw(st.from_regex(r"[A-Z][a-z]{1,8}( [a-z]{1,8}){0,3}", fullmatch=True))
        return replace(region, line=line)
    if edit == "register":
        return replace(region, register=data.draw(st.sampled_from(REGISTERS.names)))
    return region


def _write(marker: Any, before: Region, after: Region) -> None:
    """Changes the text of a marker wherever it stands, as a person does in a host that shows one field."""
    was, now = f"{before.register}: {before.line}", f"{after.register}: {after.line}"
    marker.name = re.sub(re.escape(was), lambda _: now, marker.name)
    marker.comment = re.sub(re.escape(was), lambda _: now, marker.comment)


def _said(region: Region) -> tuple[object, ...]:
    return region.id, region.span, region.register, region.voice, region.line
