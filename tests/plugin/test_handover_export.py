"""The folder for the mix on the command line."""

import csv
import shutil
from pathlib import Path

import pytest
from wavinfo import WavInfoReader

from sottovoce.cli import run
from sottovoce.exporting.current import current_export
from sottovoce.exporting.handover import CUE_SHEET, write_handover
from sottovoce.exporting.values import Links
from sottovoce.project import read_project
from sottovoce.reading import default_reading
from sottovoce.terminal import ExitCode
from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job, JobCancelled, Progress

from .small_scene import write_small_scene

pytestmark = pytest.mark.xdist_group("render")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = write_small_scene(tmp_path_factory.mktemp("scene") / "night R2.otio")
    asked = ["render", str(source), "-o", str(source.parent / "out"), "--takes", "2", "--no-mp4", "--no-judge"]
    assert run(asked) is ExitCode.DONE
    return source


def test_every_take_and_a_sheet_that_lists_them(rendered: Path, tmp_path: Path) -> None:
    asked = ["export", str(rendered), "--to", "handover", "-o", str(tmp_path)]
    assert run(asked) is ExitCode.DONE
    assert run([*asked, "--reel", "R7"]) is ExitCode.DONE
    assert {path.name for path in tmp_path.iterdir()} == {"night R2 handover", "night R2 handover_v002"}
    folder = tmp_path / "night R2 handover"
    rows = list(csv.DictReader((folder / CUE_SHEET).read_text("utf-8-sig").splitlines()))
    assert {row["file"] for row in rows} | {CUE_SHEET} == {path.name for path in folder.iterdir()}
    assert [(row["character"], row["take"], row["reel"]) for row in rows] == [
        ("Anna", "1", "R2"),
        ("Anna", "2", "R2"),
        ("Ben", "1", "R2"),
        ("Ben", "2", "R2"),
    ]
    assert {row["status"] for row in rows} == {"chosen", "alternate"}
    assert [row["timecode in"] for row in rows[::2]] == ["00:00:00:06", "00:00:02:04"]
    assert all("SYNTHETIC VOICE" in row["note"] for row in rows)
    again = read_project(Path(shutil.copy(folder / CUE_SHEET, tmp_path / "again.csv")), default_reading()).scene
    source = read_project(rendered, default_reading()).scene
    assert [(region.id, region.span, region.line) for region in again.regions] == [
        (region.id, region.span, region.line) for region in source.regions
    ]
    for row in rows:
        info = WavInfoReader(str(folder / row["file"]))
        assert info.bext.time_reference == int(row["samples since midnight"])
        assert info.ixml is not None
        assert info.ixml.take == row["take"]
    assert all(path.name.startswith("R7_") for path in (tmp_path / "night R2 handover_v002").glob("*.wav"))


def test_a_rejected_take_stays_here_and_that_is_said(
    rendered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = read_project(rendered, default_reading())
    spare = next(key for key in project.takes() if key not in project.chosen.values())
    assert run(["take", "mark", str(rendered), spare, "--reject"]) is ExitCode.DONE
    capsys.readouterr()
    assert run(["export", str(rendered), "--to", "handover", "-o", str(tmp_path)]) is ExitCode.DONE
    assert "1 rejected take was left out" in capsys.readouterr().out
    assert len(list((tmp_path / "night R2 handover").glob("*.wav"))) == 3
    assert run(["take", "mark", str(rendered), spare, "--clear"]) is ExitCode.DONE


def test_a_cancelled_handover_leaves_nothing(rendered: Path, tmp_path: Path) -> None:
    def cancel_at_the_second(progress: Progress) -> None:
        if progress.stage.startswith("writing takes") and progress.done == 1:
            job.cancel()

    job = Job(cancel_at_the_second)
    export = current_export(read_project(rendered, default_reading()), tmp_path, Links.ABSOLUTE, job).export
    with pytest.raises(JobCancelled):
        write_handover(export, tmp_path / "handover", job)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(rendered: Path, tmp_path: Path) -> None:
    export = current_export(read_project(rendered, default_reading()), tmp_path, Links.ABSOLUTE, Job()).export
    with pytest.raises(InputError, match="cannot be written"):
        write_handover(export, tmp_path / "missing" / "handover", Job())
