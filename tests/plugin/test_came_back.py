"""A rendered scene, exported, edited as an editor's program would, and read again under another name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.otio_adapters.host_edits import HOSTS, through_a_bare_host, through_resolve

from sottovoce.cli import run
from sottovoce.project import Project, read_project
from sottovoce.reading import default_reading, plan_settings_from
from sottovoce.terminal import ExitCode
from sottovoce_engine.plan import RegionState
from sottovoce_engine.scene import Region
from sottovoce_engine.take import take_start
from sottovoce_engine.timing import Span

from .recut_scene import FIRST_CUT, MARKS, write_cut, write_footage

pytestmark = pytest.mark.xdist_group("render")
Host = Callable[[Any], Any]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scene, rendered once into `out` beside it."""
    folder = tmp_path_factory.mktemp("scene")
    write_footage(folder / "media")
    cut = write_cut(folder / "night.otio", FIRST_CUT, folder / "media", MARKS)
    asked = ["render", str(cut), "-o", str(folder / "out"), "--takes", "2", "--no-mp4", "--no-judge"]
    assert run(asked) is ExitCode.DONE
    return cut


def exported(first: Path) -> Any:
    return otio.adapters.read_from_file(str(first.parent / "out" / "night.otio"))


def came_back(timeline: Any, folder: Path) -> Project:
    path = folder / "back.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return read_project(path, default_reading())


def take_clip(timeline: Any, voice: str) -> Any:
    track = next(track for track in timeline.tracks if track.name == f"{voice} (Sottovoce)")
    return next(item for item in track if isinstance(item, otio.schema.Clip))


def move_take(timeline: Any, voice: str, by: int) -> None:
    """Drags a take along its track; the track's mark stays."""
    track = next(track for track in timeline.tracks if track.name == f"{voice} (Sottovoce)")
    index = next(index for index, item in enumerate(track) if isinstance(item, otio.schema.Clip))
    for at, change in ((index - 1, by), (index + 1, -by)):
        gap = track[at]
        gap.source_range = _span(0, int(gap.source_range.duration.value) + change)


def states(project: Project) -> set[RegionState]:
    plan = project.plan(plan_settings_from(project.reading.settings), project.takes())
    return {planned.state for planned in plan.regions}


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.__name__)
def test_takes_and_choices_come_along_and_nothing_is_to_be_rendered(first: Path, tmp_path: Path, host: Host) -> None:
    old = read_project(first, default_reading())
    project = came_back(host(exported(first)), tmp_path)
    assert project.differences == ("4 takes of 'night' and their choices came along with it",)
    assert [(region.id, region.span) for region in project.scene.regions] == [
        (region.id, region.span) for region in old.scene.regions
    ]
    assert project.chosen == old.chosen
    assert project.takes().keys() == old.takes().keys()
    assert states(project) == {RegionState.PINNED}
    again = read_project(tmp_path / "back.otio", default_reading())
    assert (again.chosen, again.differences) == (old.chosen, ())
    assert {piece.track for piece in again.scene.sounds} == {"A1"}


def test_fcp7_xml_comes_back_as_it_is_with_what_was_edited_in_it(first: Path, tmp_path: Path) -> None:
    assert run(["export", str(first), "--to", "fcp7", "-o", str(tmp_path)]) is ExitCode.DONE
    xml = tmp_path / "night.xml"
    edited = xml.read_text(encoding="utf-8").replace("Ben shout: stay there", "Ben loud: stay here")
    assert edited.count("Ben loud: stay here") >= 2
    xml.write_text(edited, encoding="utf-8")
    old, project = (read_project(path, default_reading()) for path in (first, xml))
    assert [(region.id, region.span) for region in project.scene.regions] == [
        (region.id, region.span) for region in old.scene.regions
    ]
    assert [(region.register, region.line) for region in project.scene.regions] == [
        ("whisper", "close your eyes"),
        ("loud", "stay here"),
    ]
    assert project.chosen == old.chosen
    assert project.takes().keys() == old.takes().keys()
    assert states(project) == {RegionState.PINNED, RegionState.STALE}
    assert {piece.track for piece in project.scene.sounds} == {"A1"}
    assert {path.name for path in tmp_path.glob("night.xml*")} == {
        "night.xml",
        "night.xml.sv.otio",
        "night.xml.sottovoce",
    }


def test_an_mlt_project_comes_back_with_a_mark_that_was_moved_in_it(first: Path, tmp_path: Path) -> None:
    assert run(["export", str(first), "--to", "mlt", "-o", str(tmp_path)]) is ExitCode.DONE
    project_file = tmp_path / "night.mlt"
    text = project_file.read_text(encoding="utf-8")
    moved = text.replace(">00:00:02.417<", ">00:00:02.667<").replace(">00:00:03.542<", ">00:00:03.792<")
    assert moved != text
    project_file.write_text(moved, encoding="utf-8")
    old, project = (read_project(path, default_reading()) for path in (first, project_file))
    anna, ben = old.scene.regions
    assert [(region.id, region.span) for region in project.scene.regions] == [
        (anna.id, anna.span),
        (ben.id, ben.span.shifted(6)),
    ]
    assert project.chosen == old.chosen
    assert states(project) == {RegionState.PINNED}
    assert [(piece.span, piece.source) for piece in project.scene.pictures] == [
        (piece.span, piece.source) for piece in old.scene.pictures
    ]
    assert not any("Sottovoce" in piece.track for piece in project.scene.sounds)


def test_a_region_goes_with_its_take_where_its_mark_was_left_behind(first: Path, tmp_path: Path) -> None:
    old = read_project(first, default_reading())
    timeline = through_resolve(exported(first))
    move_take(timeline, "Anna", 7)
    project = came_back(timeline, tmp_path)
    anna, ben = project.scene.regions
    assert (anna.span, ben.span) == (old.scene.regions[0].span.shifted(7), old.scene.regions[1].span)
    assert _start(project, anna) == _start(old, old.scene.regions[0]) + 7
    assert states(project) == {RegionState.PINNED}


def test_a_region_ends_where_its_take_was_trimmed(first: Path, tmp_path: Path) -> None:
    old = read_project(first, default_reading())
    timeline = through_resolve(exported(first))
    move_take(timeline, "Anna", -3)
    clip = take_clip(timeline, "Anna")
    start, length = (int(clip.source_range.start_time.value), int(clip.source_range.duration.value))
    clip.source_range = _span(start, length - 6)
    track = clip.parent()
    after = track[track.index(clip) + 1]
    after.source_range = _span(0, int(after.source_range.duration.value) + 6)
    project = came_back(timeline, tmp_path)
    was, now = old.scene.regions[0].span, project.scene.regions[0].span
    assert now == Span(was.start - 3, was.end - 3 - 6)
    assert _start(project, project.scene.regions[0]) == _start(old, old.scene.regions[0]) - 3
    assert states(project) == {RegionState.PINNED}


def test_a_take_that_was_put_in_place_of_the_chosen_one_is_picked(first: Path, tmp_path: Path) -> None:
    old = read_project(first, default_reading())
    timeline = exported(first)
    clip = take_clip(timeline, "Ben")
    other = next(key for key in clip.media_references() if key != clip.active_media_reference_key)
    clip.active_media_reference_key = other
    project = came_back(through_a_bare_host(timeline), tmp_path)
    ben = project.scene.regions[1].id
    assert project.chosen[ben] != old.chosen[ben]
    assert next(choice for choice in project.choices if choice.region_id == ben).picked
    assert states(project) == {RegionState.PINNED}


def test_regions_whose_ids_are_gone_are_known_by_their_words_or_by_their_take(first: Path, tmp_path: Path) -> None:
    old = read_project(first, default_reading())
    timeline = through_a_bare_host(exported(first))
    for marker in timeline.tracks.markers:
        said = marker.name.rpartition(" | ")[0].replace("stay there", "not one step further")
        marker.name = marker.comment = said
    project = came_back(timeline, tmp_path)
    assert [region.id for region in project.scene.regions] == [region.id for region in old.scene.regions]
    assert project.scene.regions[1].line == "not one step further"
    assert project.chosen == old.chosen
    assert states(project) == {RegionState.PINNED, RegionState.STALE}
    again = read_project(tmp_path / "back.otio", default_reading())
    assert [region.id for region in again.scene.regions] == [region.id for region in old.scene.regions]


def test_a_moved_mark_counts_before_a_take_that_stayed(first: Path, tmp_path: Path) -> None:
    timeline = through_resolve(exported(first))
    marker = next(marker for marker in timeline.tracks.markers if marker.name.startswith("Anna"))
    marker.marked_range = _span(13, 28)
    project = came_back(timeline, tmp_path)
    assert project.scene.regions[0].span == Span(13, 41)
    assert states(project) == {RegionState.PINNED}


@given(by=st.integers(-10, 20), head=st.integers(0, 8), tail=st.integers(0, 8), host=st.sampled_from(HOSTS))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_move_and_trim_of_a_take_is_found_and_its_sound_lies_where_the_editor_put_it(
    first: Path, tmp_path: Path, by: int, head: int, tail: int, host: Host
) -> None:
    for left in tmp_path.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    old = read_project(first, default_reading())
    timeline = host(exported(first))
    move_take(timeline, "Anna", by)
    clip = take_clip(timeline, "Anna")
    track, index = clip.parent(), clip.parent().index(clip)
    start, length = (int(clip.source_range.start_time.value), int(clip.source_range.duration.value))
    clip.source_range = _span(start + head, length - head - tail)
    for at, more in ((index - 1, head), (index + 1, tail)):
        gap = track[at]
        gap.source_range = _span(0, int(gap.source_range.duration.value) + more)
    project = came_back(timeline, tmp_path)
    was, now = old.scene.regions[0], project.scene.regions[0]
    head, tail = (each if each > 1 else 0 for each in (head, tail))
    assert now.span == Span(was.span.start + by + head, was.span.end + by - tail)
    assert _start(project, now) == _start(old, was) + by
    assert project.chosen == old.chosen
    assert states(project) == {RegionState.PINNED}


def test_looking_writes_nothing_and_a_folder_that_cannot_be_written_to_is_no_error(
    first: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "back.otio"
    otio.adapters.write_to_file(through_resolve(exported(first)), str(path))
    assert run(["regions", str(path), "--json"]) is ExitCode.DONE
    assert len(json.loads(capsys.readouterr().out)["regions"]) == 2
    assert run(["plan", str(path)]) is ExitCode.DONE
    assert "Nothing to render: every region has its take." in capsys.readouterr().out
    assert [each.name for each in tmp_path.iterdir()] == ["back.otio"]
    (tmp_path / "back.sottovoce").write_text("in the way")
    project = read_project(path, default_reading())
    assert len(project.scene.regions) == 2
    assert project.differences[0].startswith("The takes it plays stay where they are: ")


def test_cleaning_what_came_back_leaves_the_takes_it_came_from_alone(first: Path, tmp_path: Path) -> None:
    before = read_project(first, default_reading()).takes().keys()
    path = tmp_path / "back.otio"
    otio.adapters.write_to_file(through_resolve(exported(first)), str(path))
    assert run(["clean", str(path), "--yes"]) is ExitCode.DONE
    assert read_project(first, default_reading()).takes().keys() == before
    assert len(read_project(path, default_reading()).takes()) == len(before)
    assert run(["clean", str(path), "--yes"]) is ExitCode.DONE
    assert len(read_project(path, default_reading()).takes()) == 2  # the chosen ones
    assert read_project(first, default_reading()).takes().keys() == before


def _start(project: Project, region: Region) -> int:
    return take_start(project.takes()[project.chosen[region.id]], region)


def _span(start: int, length: int) -> Any:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, 24), otio.opentime.RationalTime(length, 24))
