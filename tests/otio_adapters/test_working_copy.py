import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from sottovoce_engine.choices import Choice, TakeNote
from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side
from sottovoce_engine.ranking import Esteem
from sottovoce_engine.timing import Span
from sottovoce_otio.timeline import LoadedTimeline, read_timeline
from sottovoce_otio.working_copy import (
    WorkingCopy,
    choices_for,
    joins_for,
    read_working_copy,
    working_copy_path,
    write_working_copy,
)

from . import ending
from .spliced_scenes import REGISTERS, loaded_timeline, mark, source_timeline

NOTE = TakeNote(take_key="b" * 32, starred=True, rating=4, text="breathy, good")


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedTimeline:
    timeline = source_timeline()
    mark(timeline, "ANNA whisper: close your eyes", 20, 40)
    mark(timeline, "BEN (man) shout: stay there!", 100, 36)
    return loaded_timeline(timeline, tmp_path)


def choices_of(loaded: LoadedTimeline) -> tuple[Choice, ...]:
    first, second = loaded.scene.regions
    return (
        Choice(region_id=first.id, take_key="a" * 32, approved=True, notes=(NOTE,)),
        Choice(region_id=second.id, take_key="c" * 32),
    )


def test_what_is_written_is_read(loaded: LoadedTimeline) -> None:
    choices = choices_of(loaded)
    path = write_working_copy(loaded, REGISTERS, choices, settings=(("seed", "7"),))
    assert path == loaded.path.with_name("night.sv.otio")
    assert read_working_copy(path) == WorkingCopy(
        source_digest=loaded.digest, regions=loaded.scene.regions, choices=choices, settings=(("seed", "7"),)
    )


def test_the_copy_is_a_timeline_with_the_same_scene_and_full_marks(loaded: LoadedTimeline) -> None:
    before = loaded.path.read_bytes()
    copied = read_timeline(write_working_copy(loaded, REGISTERS, choices_of(loaded)), REGISTERS)
    assert replace(copied.scene, notes=()) == replace(loaded.scene, notes=())
    assert all("sottovoce" in marker.metadata for marker in list(copied.timeline.tracks.markers)[1:])
    assert loaded.path.read_bytes() == before


def test_a_copy_of_the_copy_is_the_copy(loaded: LoadedTimeline) -> None:
    path = write_working_copy(loaded, REGISTERS, choices_of(loaded))
    first = json.loads(path.read_text())
    copied = replace(read_timeline(path, REGISTERS), path=loaded.path, digest=loaded.digest)
    assert write_working_copy(copied, REGISTERS, choices_of(loaded)) == path
    assert json.loads(path.read_text()) == first


def test_marks_edited_since_reading_are_in_the_copy_and_those_of_the_source_beside_them(loaded: LoadedTimeline) -> None:
    first = replace(loaded.scene.regions[0], span=Span(24, 66))
    now = loaded.scene.with_regions((first, loaded.scene.regions[1]))
    path = write_working_copy(loaded, REGISTERS, (), scene=now)
    assert read_timeline(path, REGISTERS).scene.regions == now.regions
    found = read_working_copy(path)
    assert found is not None
    assert found.regions == loaded.scene.regions


def test_there_need_not_be_one(tmp_path: Path) -> None:
    assert read_working_copy(working_copy_path(tmp_path / "night.otio")) is None
    assert working_copy_path(tmp_path / "night.sv.otio") == tmp_path / "night.sv.otio"
    assert working_copy_path(tmp_path / "night.otioz") == tmp_path / "night.sv.otio"


def damaged(document: dict[str, Any], at: tuple[str, ...], value: object) -> str:
    owner: Any = document
    for key in at[:-1]:
        owner = owner[key]
    owner[at[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (("metadata", "sottovoce", "working_copy", "format"), 5, r"format 5; this version reads up to 4\. Update"),
        (("metadata", "sottovoce", "working_copy", "format"), "new", r"format 'new'"),
        (("metadata", "sottovoce", "working_copy", "choices"), 7, "does not hold a WorkingCopy"),
        (("metadata", "sottovoce", "working_copy", "stars"), 7, "does not hold a WorkingCopy"),
        (("metadata", "sottovoce"), "ours?", "none of ours"),
        (("metadata",), [], "none of ours"),
    ],
)
def test_what_is_not_ours_or_newer_is_refused_with_a_remedy(
    loaded: LoadedTimeline, at: tuple[str, ...], value: object, said: str
) -> None:
    path = write_working_copy(loaded, REGISTERS, choices_of(loaded))
    path.write_text(damaged(json.loads(path.read_text()), at, value))
    with pytest.raises(InputError, match=said):
        read_working_copy(path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1, 2]", b"null", b'"x"', b"[" * 100_000])
def test_a_damaged_copy_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "night.sv.otio"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"night\.sv\.otio"):
        read_working_copy(path)


@pytest.mark.parametrize("point", ["working copy written", "working copy synced", "working copy moved"])
def test_a_process_that_ends_at_any_write_point_leaves_the_old_or_the_new_choices(
    loaded: LoadedTimeline, point: str
) -> None:
    path = write_working_copy(loaded, REGISTERS, ())
    ended = subprocess.run([sys.executable, ending.__file__, "copy", str(path.parent), point], check=False, timeout=60)
    assert ended.returncode == ending.ENDED
    found = read_working_copy(path)
    assert found is not None
    assert len(found.choices) == (2 if point == "working copy moved" else 0)
    write_working_copy(loaded, REGISTERS, choices_of(loaded))  # what was left behind is in nobody's way


def test_a_folder_that_cannot_be_written_to_is_said_so(loaded: LoadedTimeline) -> None:
    sealed = Path("/sys")  # not even the administrator writes here
    if not sealed.exists():
        pytest.skip("needs the /sys of Linux")
    with pytest.raises(InputError, match=r"working copy '/sys/night.sv.otio' cannot be written: .* permissions"):
        write_working_copy(replace(loaded, path=sealed / "night.otio"), REGISTERS, ())


def test_takes_that_anyone_chose_or_noted_are_kept(loaded: LoadedTimeline) -> None:
    empty = TakeNote(take_key="f" * 32)
    choices = (*choices_of(loaded), Choice(region_id="99999999", notes=(empty,)))
    found = WorkingCopy(source_digest="", regions=(), choices=choices)
    assert found.kept == {"a" * 32, "b" * 32, "c" * 32}
    assert found.chosen == {choice.region_id: choice.take_key for choice in choices_of(loaded)}


@pytest.mark.parametrize(
    ("note", "esteem", "kept"),
    [
        (TakeNote(take_key="f"), Esteem.NONE, False),
        (TakeNote(take_key="f", starred=True), Esteem.STARRED, True),
        (TakeNote(take_key="f", circled=True, starred=True), Esteem.CIRCLED, True),
        (TakeNote(take_key="f", approved=True, circled=True), Esteem.APPROVED, True),
        (TakeNote(take_key="f", alt=True), Esteem.NONE, True),
        (TakeNote(take_key="f", text="breath before 'eyes'"), Esteem.NONE, True),
        (TakeNote(take_key="f", rejected=True), Esteem.REJECTED, False),
        (TakeNote(take_key="f", rejected=True, starred=True), Esteem.REJECTED, True),
    ],
)
def test_what_is_noted_on_a_take_says_how_it_ranks_and_whether_it_stays(
    note: TakeNote, esteem: Esteem, kept: bool
) -> None:
    found = WorkingCopy(source_digest="", regions=(), choices=(Choice(region_id="99999999", notes=(note,)),))
    assert note.esteem is esteem
    assert found.kept == ({"f"} if kept else set())


def test_choices_survive_a_source_that_changed_on_disk(loaded: LoadedTimeline, tmp_path: Path) -> None:
    first, second = loaded.scene.regions
    parts = (*choices_of(loaded), Choice(region_id=f"{second.id}-2", take_key="f" * 32))
    wishes = tuple(JoinWish(key=JoinKey(each.id, Side.IN), fade_ms=30.0) for each in (first, second))
    working = read_working_copy(write_working_copy(loaded, REGISTERS, parts, joins=wishes))
    assert working is not None
    timeline = otio.adapters.read_from_file(str(loaded.path))
    kept, grade = timeline.tracks.markers[2], timeline.tracks.markers[0]
    kept.name = "BEN (man) shout: stay there, all of you!"
    timeline.tracks.markers[:] = [grade, kept]
    changed = loaded_timeline(timeline, tmp_path, "night.otio")
    now = changed.scene.regions[0]
    assert now.id != second.id

    choices, differences = choices_for(working, changed.scene)
    assert {choice.region_id: choice.take_key for choice in choices} == {
        first.id: "a" * 32,  # lost, and waiting for its region
        now.id: "c" * 32,
        f"{now.id}-2": "f" * 32,
    }
    assert {wish.key.region_id for wish in joins_for(working, differences.new_ids)} == {first.id, now.id}
    assert differences.lost == (first,)
    assert len(differences.sentences()) == 2
