"""Marks that a person typed have no id but what is made of their words and place: takes stay with them all the same."""

import shutil
from pathlib import Path

import pytest

from sottovoce.cli import run
from sottovoce.project import read_project
from sottovoce.reading import default_reading
from sottovoce.terminal import ExitCode

from .small_scene import MARKS, write_small_scene

pytestmark = pytest.mark.xdist_group("render")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = write_small_scene(tmp_path_factory.mktemp("scene") / "night.otio")
    assert run(["render", str(source), "-o", str(source.parent / "out"), "--no-mp4", "--no-judge"]) is ExitCode.DONE
    return source.parent


def test_moved_marks_are_spliced_with_the_takes_they_had(rendered: Path, tmp_path: Path) -> None:
    shutil.copytree(rendered, tmp_path / "scene")
    source = tmp_path / "scene" / "night.otio"
    before = read_project(source, default_reading())
    write_small_scene(source, tuple((text, start + 3, length) for text, start, length in MARKS))
    after = read_project(source, default_reading())
    assert [(region.id, region.span) for region in after.scene.regions] == [
        (region.id, region.span.shifted(3)) for region in before.scene.regions
    ]
    assert after.chosen == before.chosen
    assert run(["splice", str(source), "-o", str(tmp_path / "out"), "--no-mp4", "--no-judge"]) is ExitCode.DONE
    assert (tmp_path / "out" / "stems" / "night Ben.wav").exists()
    again = read_project(source, default_reading())
    assert [region.id for region in again.scene.regions] == [region.id for region in before.scene.regions]
    marks = [marker.name for marker in again.loaded.timeline.tracks.markers]
    assert len(marks) == len(MARKS), "each mark is there once"


def test_a_mark_that_was_moved_twice_keeps_its_take(rendered: Path, tmp_path: Path) -> None:
    shutil.copytree(rendered, tmp_path / "scene")
    source = tmp_path / "scene" / "night.otio"
    chosen = read_project(source, default_reading()).chosen
    for by in (2, 4):
        write_small_scene(source, tuple((text, start + by, length) for text, start, length in MARKS))
        project = read_project(source, default_reading())
        project.save_choices(project.chosen)
    assert project.chosen == chosen
    assert run(["splice", str(source), "-o", str(tmp_path / "out"), "--no-mp4", "--no-judge"]) is ExitCode.DONE
