"""Marks edited here while the timeline changes elsewhere: nothing that anyone did is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from sottovoce.project import Project, read_project
from sottovoce.reading import Reading
from sottovoce.settings import Settings
from sottovoce_engine.choices import Choice
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Region
from sottovoce_engine.timing import Span

from .small_scene import MARKS, write_small_scene

READING = Reading(settings=Settings(), registers=register_table())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_small_scene(tmp_path / "night.otio")


def saved(project: Project, *regions: Region) -> None:
    project.save((Choice(region_id=regions[0].id, take_key="a" * 32),), project.scene.with_regions(regions))


def test_edited_marks_are_read_again_and_the_source_is_untouched(source: Path) -> None:
    before = source.read_bytes()
    project = read_project(source, READING)
    first, second = project.scene.regions
    saved(project, replace(first, line="open your eyes", span=Span(8, 30)), second)
    again = read_project(source, READING)
    assert again.scene.regions[0].line == "open your eyes"
    assert again.scene.regions[0].span == Span(8, 30)
    assert again.source_regions == (first, second), "what the source says stays known"
    assert again.differences == ()
    assert source.read_bytes() == before


def test_edits_here_and_in_the_source_are_put_together(source: Path) -> None:
    project = read_project(source, READING)
    first, second = project.scene.regions
    saved(project, replace(first, register="soft"), second)
    (text, start, length), ben = MARKS
    write_small_scene(source, ((text, start + 3, length), ben, ("Anna loud: get up", 90, 6)))
    again = read_project(source, READING)
    assert [(each.line, each.register, each.span) for each in again.scene.regions] == [
        (first.line, "soft", Span(start + 3, start + 3 + length)),
        (second.line, second.register, second.span),
        ("get up", "loud", Span(90, 96)),
    ]
    assert again.chosen == {again.scene.regions[0].id: "a" * 32}


def test_what_both_changed_is_told_and_the_edit_here_holds(source: Path) -> None:
    project = read_project(source, READING)
    first, second = project.scene.regions
    saved(project, replace(first, register="soft"), second)
    write_small_scene(source, ((MARKS[0][0].replace("whisper", "loud"), *MARKS[0][1:]), MARKS[1]))
    again = read_project(source, READING)
    assert again.scene.regions[0].register == "soft"
    assert any("register was changed here and in the timeline; 'soft' holds" in each for each in again.differences)


def test_a_mark_without_a_line_waits_for_it(source: Path) -> None:
    project = read_project(source, READING)
    waiting = replace(project.scene.regions[1], line="")
    saved(project, project.scene.regions[0], waiting)
    again = read_project(source, READING)
    assert again.loaded.unfinished == (waiting,)
    assert [each.id for each in again.scene.regions] == [project.scene.regions[0].id]
    assert any("marks without a line yet: 1" in note for note in again.scene.notes)
    again.save(again.choices)
    assert read_project(source, READING).loaded.unfinished == (waiting,), "saving choices keeps it"


def test_edits_that_no_longer_fit_are_kept_aside(source: Path) -> None:
    project = read_project(source, READING)
    first, second = project.scene.regions
    saved(project, replace(first, span=Span(0, 60)), second)
    write_small_scene(source, (MARKS[0], ("Anna loud: get up", 50, 20)))
    again = read_project(source, READING)
    assert [each.line for each in again.scene.regions] == [first.line, "get up"]
    assert any("does not fit the timeline as it is now" in each for each in again.differences)
    copy = source.with_name("night.sv.otio").read_bytes()
    again.save(again.choices)
    (kept,) = (source.with_name("night.sottovoce") / "earlier").iterdir()
    assert kept.read_bytes() == copy


def test_deleted_takes_stay_deleted_when_choices_are_saved(source: Path) -> None:
    project = read_project(source, READING)
    replace(project, deleted=("d" * 32,)).save(project.choices)
    again = read_project(source, READING)
    assert again.deleted == ("d" * 32,)
    again.save(again.choices)
    assert read_project(source, READING).deleted == ("d" * 32,)
