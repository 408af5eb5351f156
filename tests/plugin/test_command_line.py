"""What the command line says when it cannot, and that it never harms the source."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.store import Store

from .small_scene import write_small_scene

_SAYS_WHEN_A_TAKE_IS_KEPT = """
import sys
from sottovoce.__main__ import main
from sottovoce_engine.media.durable import watch_write_points
watch_write_points(lambda point: print(point, file=sys.stderr, flush=True))
main()
"""


def test_help_imports_nothing_heavy() -> None:
    listing = "import sys; sys.argv = ['sottovoce', '--help']\ntry:\n import sottovoce.__main__ as m; m.main()\nfinally:\n print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True).stdout
    assert "render what is missing" in shown
    loaded = {name.split(".")[0] for name in shown.split()}
    assert not loaded & {"torch", "PySide6", "scipy", "numpy", "av", "opentimelineio", "cattrs"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "not"),
        ('{"OTIO_SCHEMA": "Timeline.99"}', "older version"),
        ("", "empty"),
    ],
)
def test_a_bad_timeline_is_one_paragraph_and_untouched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    source = tmp_path / "scene.otio"
    source.write_text(content)
    for command in (
        ["regions"],
        ["plan"],
        ["render", "-o", str(tmp_path / "out")],
        ["splice", "-o", str(tmp_path / "o")],
    ):
        assert run([command[0], str(source), *command[1:]]) is ExitCode.INPUT
        error = capsys.readouterr().err
        assert said in error
        assert "Traceback" not in error
        assert "\n\n" not in error.strip()
    assert source.read_text() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scene.otio"]


def test_a_missing_file_a_folder_and_a_wrong_suffix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "movie.mov").write_bytes(b"x")
    for path in (tmp_path / "none.otio", tmp_path, tmp_path / "movie.mov"):
        assert run(["regions", str(path)]) is ExitCode.INPUT
        assert path.name in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--takes", "0"], "1 to 100"),
        (["--seed", "-1"], "seed"),
        (["--handles", "4"], "8"),
        (["--renderer", "scrach"], "Did you mean 'scratch'"),
        (["--only", "nobody"], "No region has the id 'nobody'"),
        (["--voice", "Ben=robot"], "robot"),
        (["--voice", "Ben"], "NAME=GENDER"),
        (["--registers", "none.toml"], "none.toml"),
        (["--dialogue-track", "Nowhere"], "Nowhere"),
    ],
)
def test_an_option_that_cannot_be_is_refused_with_its_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    source = write_small_scene(tmp_path / "scene.otio")
    assert run(["plan", str(source), *options]) is ExitCode.INPUT
    assert said in capsys.readouterr().err


def test_an_unknown_register_names_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_small_scene(tmp_path / "scene.otio", (("Anna wisper: close your eyes", 6, 40),))
    assert run(["regions", str(source)]) is ExitCode.INPUT
    assert "whisper" in capsys.readouterr().err


def test_a_timeline_without_regions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_small_scene(tmp_path / "scene.otio", ())
    assert run(["regions", str(source)]) is ExitCode.DONE
    assert "No regions are marked" in capsys.readouterr().out
    assert run(["render", str(source), "-o", str(tmp_path / "out")]) is ExitCode.INPUT
    assert "No regions are marked" in capsys.readouterr().err


def test_an_output_folder_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_small_scene(tmp_path / "scene.otio")
    (tmp_path / "out").write_text("mine")
    assert run(["render", str(source), "-o", str(tmp_path / "out")]) is ExitCode.INPUT
    assert "out" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody may write to, such as /proc")
def test_an_output_folder_that_nobody_may_write_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_small_scene(tmp_path / "scene.otio")
    assert run(["render", str(source), "-o", "/proc/out"]) is ExitCode.INPUT
    assert "/proc/out" in capsys.readouterr().err
    assert not (tmp_path / "scene.sottovoce" / "takes").exists(), "nothing is rendered first"


def test_two_programs_on_one_timeline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_small_scene(tmp_path / "scene.otio")
    with Store.opened(tmp_path / "scene.sottovoce"):
        assert run(["render", str(source), "-o", str(tmp_path / "out")]) is ExitCode.SETUP
        assert str(os.getpid()) in capsys.readouterr().err
        assert run(["plan", str(source), "--json"]) is ExitCode.DONE


def test_splice_without_takes_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_small_scene(tmp_path / "scene.otio")
    assert run(["splice", str(source), "-o", str(tmp_path / "out")]) is not ExitCode.DONE
    assert "sottovoce render" in capsys.readouterr().err


def test_regions_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_small_scene(tmp_path / "scene.otio")
    assert run(["regions", str(source), "--json"]) is ExitCode.DONE
    found = json.loads(capsys.readouterr().out)
    assert [region["register"] for region in found["regions"]] == ["whisper", "shout"]
    assert [voice["gender"] for voice in found["voices"]] == ["woman", "man"]


@pytest.mark.xdist_group("render")
def test_ctrl_c_keeps_finished_takes_and_says_so(tmp_path: Path) -> None:
    marks = tuple((f"Anna soft: this is line number {index}", index * 30, 28) for index in range(3))
    source = write_small_scene(tmp_path / "scene.otio", marks)
    asked = ["render", str(source), "-o", str(tmp_path / "out"), "--takes", "20"]
    command = [sys.executable, "-c", _SAYS_WHEN_A_TAKE_IS_KEPT, *asked]
    takes = tmp_path / "scene.sottovoce" / "takes"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        assert "take moved\n" in process.stderr, "read as far as there"
        process.send_signal(signal.SIGINT)
        _, error = process.communicate()
    assert process.returncode == ExitCode.CANCELLED
    assert "Cancelled" in error
    assert "Traceback" not in error
    kept = len(list(takes.glob("*.json")))
    assert 1 <= kept < 60
    with Store.opened(tmp_path / "scene.sottovoce") as store:
        assert len(store.takes()) == kept
        assert store.problems == ()
