"""The application behind the panel: nothing that was done is lost, and nobody writes beside it."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import opentimelineio as otio
import pytest

from sottovoce.reading import Reading
from sottovoce.scene_desk import SceneDesk
from sottovoce.settings import Settings
from sottovoce_engine.choices import with_chosen
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.editing.spans import marked, moved
from sottovoce_engine.editing.wording import with_details
from sottovoce_engine.journal import recovered
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Region
from sottovoce_engine.timing import Span
from sottovoce_otio.writing import write_otioz

from .small_scene import MARKS, write_small_scene

READING = Reading(settings=Settings(judge=False), registers=register_table())
JOB = Job()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_small_scene(tmp_path / "night.otio")


def first_moved(draft: Draft) -> Draft:
    return moved(draft, {draft.regions[0].id}, 2)


def test_saved_marks_are_there_at_the_next_opening(source: Path) -> None:
    desk = SceneDesk(READING)
    opened = desk.open(source, JOB)
    waiting = Region(id="0000000f", span=Span(48, 50), register="whisper", voice="Anna", line="")
    draft = marked(first_moved(opened.draft), waiting)
    desk.note(draft, "Mark")
    desk.save(draft)
    desk.close()
    again = SceneDesk(READING).open(source, JOB)
    assert again.draft.regions == draft.regions
    assert again.unsaved is None
    assert not list(source.with_name("night.sottovoce").glob("journal*")), "all was saved"


def test_unsaved_changes_are_offered_after_a_session_that_just_ended(source: Path) -> None:
    desk = SceneDesk(READING)
    draft = first_moved(desk.open(source, JOB).draft)
    desk.note(draft, "Move region")
    desk.close()  # as the system does at the end of a process: nothing was saved
    desk = SceneDesk(READING)
    opened = desk.open(source, JOB)
    assert opened.unsaved is not None
    assert opened.unsaved.draft == draft
    assert opened.unsaved.labels == ("Move region",)
    desk.recover(True)
    desk.close()
    desk = SceneDesk(READING)
    unsaved = desk.open(source, JOB).unsaved
    assert unsaved is not None, "gone on from, it is still unsaved"
    assert unsaved.draft == draft
    desk.recover(False)
    desk.close()
    assert SceneDesk(READING).open(source, JOB).unsaved is None
    assert len(list(source.with_name("night.sottovoce").glob("journal-*.jsonl"))) == 1, "put aside, not thrown away"


def test_an_answer_that_never_came_loses_no_journal(source: Path) -> None:
    desk = SceneDesk(READING)
    draft = first_moved(desk.open(source, JOB).draft)
    desk.note(draft, "Move region")
    desk.close()
    desk = SceneDesk(READING)
    other = moved(desk.open(source, JOB).draft, {draft.regions[1].id}, 3)
    desk.note(other, "Move another")
    desk.save(other)
    desk.close()
    (aside,) = source.with_name("night.sottovoce").glob("journal-*.jsonl")
    left = recovered(aside)
    assert left is not None
    assert left.draft(draft.scene) == draft


OPENING = """
import sys
from pathlib import Path
from tests.plugin.test_scene_desk import JOB, READING, SceneDesk
print(SceneDesk(READING).open(Path(sys.argv[1]), JOB).read_only)
"""


def test_a_second_panel_only_reads(source: Path) -> None:
    desk = SceneDesk(READING)
    assert desk.open(source, JOB).read_only == ""
    second = [sys.executable, "-c", OPENING, str(source)]
    assert "is being written by process" in subprocess.run(second, capture_output=True, text=True, check=True).stdout
    desk.close()
    assert subprocess.run(second, capture_output=True, text=True, check=True).stdout.strip() == ""


def test_a_source_changed_on_disk_is_read_again_with_what_was_edited_here(source: Path) -> None:
    desk = SceneDesk(READING)
    opened = desk.open(source, JOB).draft
    draft = with_details(opened, {opened.regions[0].id}, register="soft")
    assert not desk.changed_on_disk()
    write_small_scene(source, (*MARKS, ("Anna loud: get up", 90, 6)))
    assert desk.changed_on_disk()
    again = desk.reread(draft, JOB)
    assert [each.register for each in again.draft.regions] == ["soft", "shout", "loud"]
    assert not desk.changed_on_disk()


def test_a_bundle_that_nobody_touched_is_not_read_again(source: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "night.otioz"
    write_otioz(otio.adapters.read_from_file(str(source)), bundle)
    desk = SceneDesk(READING)
    desk.open(bundle, JOB)
    assert not desk.changed_on_disk()
    bundle.write_bytes(bundle.read_bytes() + b" ")
    assert desk.changed_on_disk()
    desk.close()


def test_regions_are_rendered_chosen_and_spliced_beside_one_that_waits(source: Path, tmp_path: Path) -> None:
    desk = SceneDesk(READING)
    opened = desk.open(source, JOB)
    waiting = Region(id="0000000f", span=Span(90, 96), register="whisper", voice="Anna", line=" ")
    draft = marked(opened.draft, waiting)
    outcomes: list[object] = []
    chosen = desk.render(draft, opened.settings, JOB, outcomes.append)
    assert len(outcomes) == len(MARKS)
    assert set(chosen) == {region.id for region in opened.draft.regions}
    draft = replace(draft, choices=with_chosen(draft.choices, chosen))
    files = desk.splice(draft, tmp_path / "out", JOB)
    assert files.movie.exists()
    assert files.page.exists()
    takes = desk.takes(JOB)
    assert {facts.take.key for group in takes.values() for facts in group} == set(chosen.values())
    first = opened.draft.regions[0].id
    deleted = replace(draft, deleted=frozenset({chosen[first]}), choices=())
    again = desk.render(deleted, replace(opened.settings, only=(first,), again=True), JOB, outcomes.append)
    assert again[first] != chosen[first], "a deleted take is never chosen"
    desk.close()


def test_a_region_that_no_window_holds_keeps_no_other_from_being_planned(source: Path) -> None:
    desk = SceneDesk(READING)
    opened = desk.open(source, JOB)
    longer = replace(opened.draft, scene=replace(opened.draft.scene, length_frames=24 * 60))
    endless = Region(id="0000000f", span=Span(100, 24 * 50), register="whisper", voice="Anna", line="hush")
    planned = desk.plan(marked(longer, endless), opened.settings, JOB)
    assert [each.region.id for each in planned.regions] == [region.id for region in opened.draft.regions]
