"""The whole way on the command line, in this process: marks in, movie, stems, timeline and report out."""

import hashlib
import json
import subprocess
import sys
import wave
from pathlib import Path

import av
import pytest

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.registers import register_table
from sottovoce_otio.timeline import read_timeline

from .small_scene import LENGTH_FRAMES, MARKS, write_small_scene

pytestmark = pytest.mark.xdist_group("render")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small scene, rendered once into `out`."""
    folder = tmp_path_factory.mktemp("scene")
    source = write_small_scene(folder / "scene.otio")
    assert run(["render", str(source), "-o", str(folder / "out"), "--otioz"]) is ExitCode.DONE
    return folder


def test_every_file_is_there_and_as_long_as_the_timeline(rendered: Path) -> None:
    out = rendered / "out"
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert names == {
        "scene.otio",
        "scene.otioz",
        "scene.mov",
        "scene.mp4",
        "report.json",
        "report.html",
        "stems/scene Anna.wav",
        "stems/scene Ben.wav",
        "stems/scene room tone.wav",
    }
    for movie in ("scene.mov", "scene.mp4"):
        with av.open(str(out / movie)) as container:
            assert sum(1 for _ in container.decode(video=0)) == LENGTH_FRAMES
    for stem in (out / "stems").iterdir():
        with wave.open(str(stem)) as file:
            assert (file.getnframes(), file.getframerate()) == (LENGTH_FRAMES * 2000, 48_000)


def test_the_new_timeline_reads_back_with_the_same_regions(rendered: Path) -> None:
    before = read_timeline(rendered / "scene.otio", register_table()).scene
    after = read_timeline(rendered / "out" / "scene.otio", register_table()).scene
    assert after.regions == before.regions
    assert after.voices == before.voices
    assert len(after.regions) == len(MARKS)


def test_the_report_has_every_region_and_join(rendered: Path) -> None:
    report = json.loads((rendered / "out" / "report.json").read_text())
    assert [region["register"] for region in report["regions"]] == ["whisper", "shout"]
    assert len(report["joins"]) == 4
    assert "inaudible" not in (rendered / "out" / "report.json").read_text().lower()


def test_rendering_again_renders_nothing_and_overwrites_nothing(
    rendered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = _digests(rendered)
    assert run(["plan", str(rendered / "scene.otio"), "--json"]) is ExitCode.DONE
    assert json.loads(capsys.readouterr().out)["takes_to_render"] == 0
    assert run(["render", str(rendered / "scene.otio"), "-o", str(rendered / "out"), "--no-mp4"]) is ExitCode.DONE
    after = _digests(rendered)
    changed = {name for name, digest in first.items() if after[name] != digest}
    assert changed <= {"scene.sv.otio", "scene.sottovoce/exports.json", "scene.sottovoce/spliced.json"}
    assert "out/scene_v002.mov" in after
    assert "out/report_v002.json" in after
    assert len([name for name in after if name.startswith("scene.sottovoce/takes/")]) == len(MARKS)


def test_an_edited_line_is_stale_and_only_it_is_rendered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_small_scene(tmp_path / "scene.otio")
    assert run(["render", str(source), "-o", str(tmp_path / "out"), "--no-mp4", "--json"]) is ExitCode.DONE
    exported = tmp_path / "out" / "scene.otio"
    text = exported.read_text()
    assert "close your eyes" in text
    source.write_text(text.replace("close your eyes", "open your eyes"))
    capsys.readouterr()
    assert run(["plan", str(source), "--json"]) is ExitCode.DONE
    plan = json.loads(capsys.readouterr().out)
    assert [region["state"] for region in plan["regions"]] == ["stale", "pinned"]
    assert [len(region["jobs"]) for region in plan["regions"]] == [1, 0]


@pytest.mark.parametrize("picked", [True, False])
def test_more_takes_keep_what_a_person_picked_and_else_the_best_is_chosen(tmp_path: Path, picked: bool) -> None:
    source = write_small_scene(tmp_path / "scene.otio", MARKS[:1])
    assert run(["render", str(source), "-o", str(tmp_path / "out"), "--no-mp4"]) is ExitCode.DONE
    first = json.loads((tmp_path / "out" / "report.json").read_text())["regions"][0]
    copy = tmp_path / "scene.sv.otio"
    document = json.loads(copy.read_text())
    (choice,) = document["metadata"]["sottovoce"]["working_copy"]["choices"]
    choice["picked"] = picked
    copy.write_text(json.dumps(document))
    for path in (tmp_path / "scene.sottovoce" / "judgements").iterdir():
        record = json.loads(path.read_text())
        record["value"]["damage"] = [CLICK]  # the first take is a little worse than any other
        path.write_text(json.dumps(record))
    assert run(["render", str(source), "-o", str(tmp_path / "out"), "--no-mp4", "--takes", "2"]) is ExitCode.DONE
    second = json.loads((tmp_path / "out" / "report_v002.json").read_text())["regions"][0]
    assert len(second["takes"]) == len(list((tmp_path / "scene.sottovoce" / "takes").iterdir())) == 2
    assert (second["take"] == first["take"]) is picked
    assert second["chosen_by"] == ("person" if picked else "judge")


CLICK = {
    "kind": "click",
    "severity": "noticeable",
    "where": [],
    "places": 1,
    "measured": 12.0,
    "bar": 9.0,
    "unit": "dB",
    "why": ["a click"],
}


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("lock",)
    }


def test_a_disk_that_takes_no_more_leaves_nothing_half_written(rendered: Path, tmp_path: Path) -> None:
    command = (
        f"ulimit -f 200; exec {sys.executable} -m sottovoce splice {rendered / 'scene.otio'} -o {tmp_path / 'out'}"
    )
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert ended.returncode in (ExitCode.INPUT, ExitCode.SETUP), ended.stderr
    assert "Traceback" not in ended.stderr
    assert "bug" not in ended.stderr
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_an_unused_take_goes_to_the_trash_after_asking(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_small_scene(tmp_path / "scene.otio", MARKS[:1])
    for line in ("one", "two"):
        write_small_scene(source, ((f"Anna soft: {line} [SV:0badcafe]", 6, 40),))
        assert run(["render", str(source), "-o", str(tmp_path / line), "--no-mp4"]) is ExitCode.DONE
    takes = tmp_path / "scene.sottovoce" / "takes"
    assert len(list(takes.iterdir())) == 2
    assert run(["clean", str(source)]) is ExitCode.DONE, "the first timeline handed out still uses its take"
    assert len(list(takes.iterdir())) == 2
    (tmp_path / "one" / "scene.otio").unlink()
    assert run(["clean", str(source)]) is ExitCode.INPUT, "nobody is there to answer"
    capsys.readouterr()
    assert run(["clean", str(source), "--yes", "--json"]) is ExitCode.DONE
    moved = json.loads(capsys.readouterr().out)
    assert len(moved["moved"]) == 1
    assert len(list(takes.iterdir())) == 1
    assert len(list((Path(moved["trash"]) / "takes").iterdir())) == 1
    assert run(["splice", str(source), "-o", str(tmp_path / "two"), "--no-mp4"]) is ExitCode.DONE
