"""The LTX renderer's settings from the command line, as the plan sees them."""

import json
import os
from pathlib import Path

import pytest

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.renderers.ltx.settings import OVER_VARIABLE, VARIABLE, ltx_settings

from .small_scene import write_small_scene


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_small_scene(tmp_path / "scene.otio")


def keys_of(source: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    assert run(["plan", str(source), "--renderer", "ltx", "--json", *options]) is ExitCode.DONE
    return [job["key"] for region in json.loads(capsys.readouterr().out)["regions"] for job in region["jobs"]]


def test_what_changes_a_take_changes_the_plans_keys(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = keys_of(source, capsys)
    asked = [
        keys_of(source, capsys, "--preset", "fast"),
        keys_of(source, capsys, "--ltx", "pixels=200000"),
        keys_of(source, capsys, "--ltx", "sampling.audio.caption=5", "--ltx", "sampling.steps=9"),
        keys_of(source, capsys, "--ltx", "raster=768x512"),
        keys_of(source, capsys, "--lock", "exact"),
    ]
    assert all(not set(keys) & set(plain) for keys in asked)
    assert len({key for keys in (plain, *asked) for key in keys}) == 6 * len(plain)
    assert keys_of(source, capsys, "--ltx", "takes_at_once=4") == plain
    assert keys_of(source, capsys, "--lock", "fast") == plain
    assert keys_of(source, capsys, "--ltx", "lock=exact") == asked[-1]
    assert keys_of(source, capsys) == plain


def test_options_lie_over_the_file_beside_the_settings(
    source: Path, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    by_option = keys_of(source, capsys, "--preset", "fast")
    (home / "settings").mkdir(exist_ok=True)
    (home / "settings" / "ltx.toml").write_text('preset = "fast"\n')
    assert keys_of(source, capsys) == by_option
    assert keys_of(source, capsys, "--preset", "best") != by_option
    assert VARIABLE not in os.environ
    assert OVER_VARIABLE not in os.environ


def test_they_lie_over_what_the_environment_says(
    source: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = keys_of(source, capsys, "--ltx", "pixels=200000", "--preset", "fast")
    monkeypatch.setenv(OVER_VARIABLE, 'pixels = 200000\npreset = "best"')
    assert keys_of(source, capsys, "--preset", "fast") == expected
    assert ltx_settings().preset == "best"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--preset", "fats"], "Did you mean 'fast'"),
        (["--ltx", "pixels"], "Write KEY=VALUE"),
        (["--ltx", "pixles=3"], "Did you mean 'pixels'"),
        (["--ltx", "raster=700x500"], "The nearest is '704x512'"),
        (["--ltx", "sampling.steps=0"], "Ask for 1 to 200"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_paragraph(
    options: list[str], said: str, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", str(source), "--renderer", "ltx", *options]) is ExitCode.INPUT
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.xdist_group("render")
def test_the_workers_child_sees_the_same_settings(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--renderer", "ltx", "--ltx", "model=/nowhere/at/all"]
    assert run(["render", str(source), "-o", str(tmp_path / "out"), *options]) is ExitCode.SETUP
    assert "The model '/nowhere/at/all' is not on this machine" in capsys.readouterr().err
