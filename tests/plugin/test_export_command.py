"""`sottovoce export` on a scene that was rendered: what is written where, from which splice, and what is said."""

import hashlib
import json
import shutil
from pathlib import Path

import opentimelineio as otio
import pytest

from sottovoce.cli import run
from sottovoce.exporting.formats import FORMATS
from sottovoce.exports import exports
from sottovoce.terminal import ExitCode
from sottovoce_engine.registers import register_table
from sottovoce_otio.timeline import read_timeline

from .small_scene import write_small_scene

pytestmark = pytest.mark.xdist_group("render")


@pytest.fixture(scope="module")
def rendered_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = write_small_scene(tmp_path_factory.mktemp("scene") / "scene.otio")
    assert run(["render", str(source), "-o", str(source.parent / "out"), "--no-mp4", "--no-judge"]) is ExitCode.DONE
    return source


@pytest.fixture
def rendered(rendered_once: Path, tmp_path: Path) -> Path:
    """A copy of the rendered scene, to be changed at will; its splice lies where it was rendered."""
    for name in ("scene.otio", "scene.sv.otio"):
        shutil.copy2(rendered_once.with_name(name), tmp_path / name)
    shutil.copytree(rendered_once.with_name("scene.sottovoce"), tmp_path / "scene.sottovoce")
    return tmp_path / "scene.otio"


def exported(source: Path, *options: str) -> ExitCode:
    return run(["export", str(source), "-o", str(source.parent / "exp"), *options])


def test_every_format_from_the_last_splice(rendered_once: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is spliced again; what was written before is not touched."""
    folder = rendered_once.parent / "exp"
    assert exported(rendered_once, "--to", "all", "--json") is ExitCode.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["spliced_now"] is False
    assert said["movie"] == str(rendered_once.parent / "out" / "scene.mov")
    assert [file["format"] for file in said["files"]] == list(FORMATS)
    assert {path.name for path in folder.iterdir()} == {f"scene{each.suffix}" for each in FORMATS.values()}
    before = digests(folder)
    assert exported(rendered_once, "--to", "otio", "--to", "srt") is ExitCode.DONE
    assert {name: digest for name, digest in digests(folder).items() if name in before} == before
    assert {name for name in digests(folder) if name not in before} == {"scene_v002.otio", "scene_v002.srt"}


def test_what_will_not_survive_is_said(rendered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exported(rendered, "--to", "mlt", "--to", "otio") is ExitCode.DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"mlt       {rendered.parent / 'exp' / 'scene.mlt'}"
    assert lines[1].startswith(
        "          will not survive there: start timecode, other takes, picture and sound linked"
    )
    assert lines[2] == f"otio      {rendered.parent / 'exp' / 'scene.otio'}"
    assert lines[3].startswith("          DaVinci Resolve drops metadata that it does not know")
    assert len(lines) == 4


def test_relative_links_move_with_the_folder(rendered_once: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    shutil.copytree(rendered_once.parent, folder)
    (folder / "scene.sottovoce" / "spliced.json").unlink()  # it names the files where they were
    assert (
        run(["export", str(folder / "scene.otio"), "--to", "otio", "--links", "relative", "-o", str(folder / "exp")])
        is ExitCode.DONE
    )
    folder.rename(tmp_path / "there")
    written = max((tmp_path / "there" / "exp").glob("scene*.otio"))
    timeline = otio.adapters.read_from_file(str(written))
    urls = [each.target_url for clip in timeline.find_clips() for each in clip.media_references().values()]
    assert len(urls) == 5
    assert not any(url.startswith(("file:", "/")) for url in urls)
    scene = read_timeline(written, register_table()).scene
    assert not [note for note in scene.notes if "missing" in note]


def test_a_scene_that_changed_is_spliced_again(rendered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exported(rendered, "--to", "srt", "--json") is ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["spliced_now"] is False
    timeline = otio.adapters.read_from_file(str(rendered))
    del timeline.tracks.markers[0]
    otio.adapters.write_to_file(timeline, str(rendered))
    assert exported(rendered, "--to", "srt", "--json") is ExitCode.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["spliced_now"] is True
    assert Path(said["movie"]).parent == rendered.parent / "exp"
    assert Path(said["files"][0]["path"]).read_text().splitlines()[2] == "Ben (man, shout): stay there"
    assert exported(rendered, "--to", "srt", "--json") is ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["spliced_now"] is False


def test_a_mark_that_was_moved_keeps_its_take(rendered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It has no tag, and gets a new id; the take chosen for it is handed over where it now lies."""
    timeline = otio.adapters.read_from_file(str(rendered))
    marker = timeline.tracks.markers[0]
    later = marker.marked_range.start_time + otio.opentime.RationalTime(2, 24)
    marker.marked_range = otio.opentime.TimeRange(later, marker.marked_range.duration)
    otio.adapters.write_to_file(timeline, str(rendered))
    assert exported(rendered, "--to", "otio", "--json") is ExitCode.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["without_take"] == []
    written = otio.adapters.read_from_file(said["files"][0]["path"])
    track = next(track for track in written.tracks if track.name == "Anna (Sottovoce)")
    (clip,) = track.find_clips()
    assert abs(clip.range_in_parent().start_time.value - 8) <= 2  # the cut lies in the pause around the region's edge


def test_a_splice_whose_movie_is_gone_is_made_again(rendered_once: Path, tmp_path: Path) -> None:
    folder = tmp_path / "scene"
    shutil.copytree(rendered_once.parent, folder)
    spliced = folder / "scene.sottovoce" / "spliced.json"
    spliced.write_text(spliced.read_text().replace(str(rendered_once.parent), str(folder)))
    (folder / "out" / "scene.mov").unlink()
    assert run(["export", str(folder / "scene.otio"), "--to", "review", "-o", str(folder / "new")]) is ExitCode.DONE
    assert {"scene.mov", "scene review.mp4"} <= {path.name for path in (folder / "new").iterdir()}


def test_a_record_that_is_damaged_is_no_splice(rendered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rendered.parent / "scene.sottovoce" / "spliced.json").write_text('{"format": 1}')
    assert exported(rendered, "--to", "srt", "--json") is ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["spliced_now"] is True


def test_files_that_play_takes_keep_them_from_cleaning(rendered: Path) -> None:
    assert exported(rendered, "--to", "mlt", "--to", "fcp7", "--to", "srt", "--to", "otioz") is ExitCode.DONE
    kept = {path.name for path in exports(rendered.parent / "scene.sottovoce")}
    assert {"scene.mlt", "scene.xml"} <= kept
    assert not {"scene.srt", "scene.otioz"} & kept


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--to", "mtl"], "There is no format 'mtl'. Did you mean 'mlt'?"),
        ([], "No format is named. Add --to FORMAT"),
    ],
)
def test_a_format_that_is_none(
    rendered: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exported(rendered, *options) is ExitCode.INPUT
    assert said in " ".join(capsys.readouterr().err.split())


def test_nothing_to_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "--to", "otio"]) is ExitCode.INPUT
    assert "No timeline is named" in capsys.readouterr().err
    unmarked = write_small_scene(tmp_path / "unmarked.otio", marks=())
    assert exported(unmarked, "--to", "otio") is ExitCode.INPUT
    assert "No regions are marked on 'unmarked.otio'" in " ".join(capsys.readouterr().err.split())
    unrendered = write_small_scene(tmp_path / "scene.otio")
    assert exported(unrendered, "--to", "otio") is ExitCode.BELOW_BAR
    assert "has a take, so there is nothing to splice" in " ".join(capsys.readouterr().err.split())


def test_the_formats_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "--formats", "--json"]) is ExitCode.DONE
    listed = {each["format"]: each for each in json.loads(capsys.readouterr().out)}
    assert list(listed) == list(FORMATS)
    assert listed["otio"]["survives"]["other takes"] == "kept"
    assert listed["mlt"]["survives"]["other takes"] == "lost"
    assert run(["export", "--formats"]) is ExitCode.DONE
    said = capsys.readouterr().out
    assert all(f"{name}: will not survive there" in said for name in FORMATS if not name.startswith("otio"))


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
