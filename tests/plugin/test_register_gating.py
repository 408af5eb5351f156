"""Several registers in one window, from the command line: planned, rendered by the worker's child, judged, spliced."""

import json
from pathlib import Path
from typing import Any

import pytest

from sottovoce.cli import run
from sottovoce.terminal import ExitCode

from .small_scene import write_small_scene

TINY = [
    *("--renderer", "ltx", "--preset", "fast"),
    *("--ltx", "random_weights=true", "--ltx", "random_size=tiny", "--ltx", "device=cpu", "--ltx", "dtype=float32"),
    *("--ltx", "pixels=8192", "--ltx", "text_tokens=128"),
]
GATED = [*TINY, "--register-gating"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_small_scene(tmp_path / "scene.otio")


def plan(source: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    assert run(["plan", str(source), "--json", *options]) is ExitCode.DONE
    return json.loads(capsys.readouterr().out)


def test_the_plan_names_the_windows_that_regions_share(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(source), *GATED]) is ExitCode.DONE
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("one window (experimental): "))
    assert "whisper" in line
    assert "shout: 5.7 s, 137 frames" in line


def test_the_plan_as_json_says_the_same(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = plan(source, capsys, *GATED, "--gating-edge", "120", "--gating-leak", "0.1")
    (window,) = found["gated_windows"]
    assert window["registers"] == ["whisper", "shout"]
    assert window["regions"] == [region["region"]["id"] for region in found["regions"]]
    assert (window["edge_ms"], window["leak"], window["window"]["model_frames"]) == (120, 0.1, 137)
    assert found["takes_to_render"] == 2
    assert plan(source, capsys, *TINY)["gated_windows"] == []


def test_without_the_option_keys_stay_as_they_were(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def keys(*options: str) -> set[str]:
        return {job["key"] for region in plan(source, capsys, *options)["regions"] for job in region["jobs"]}

    plain = keys(*TINY)
    assert keys(*TINY, "--gating-edge", "120") == plain
    assert keys(*GATED).isdisjoint(plain)
    assert keys(*GATED, "--gating-edge", "120").isdisjoint(keys(*GATED))


def test_scratch_says_that_it_does_not_apply(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(source), "--register-gating"]) is ExitCode.DONE
    said = "register gating does not apply: the renderer 'scratch' makes every region by itself"
    assert capsys.readouterr().out.count(said) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--gating-edge", "2000"], "edge of 2000 ms"), (["--gating-leak", "-1"], "leak of -1 was asked for")],
)
def test_what_makes_no_sense_is_one_paragraph(
    options: list[str], said: str, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", str(source), *GATED, *options]) is ExitCode.INPUT
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.xdist_group("render")
def test_a_scene_in_one_window_is_rendered_judged_and_spliced(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    options = [*GATED, "--ltx", f"cache={tmp_path / 'captions'}", "--ltx", "sampling.sigmas=[1.0, 0.5]", "--no-mp4"]
    assert run(["render", str(source), "-o", str(out), "--json", *options]) is ExitCode.BELOW_BAR  # noise is no speech
    done = json.loads(capsys.readouterr().out)
    assert done["failures"] == []
    assert [judged["passes"] for judged in done["judged"].values()] == [False, False]
    report = json.loads((out / "report.json").read_text())
    first, second = done["judged"]
    assert (first, second) in [(join["before"], join["after"]) for join in report["joins"]]
    takes = [json.loads(path.read_text())["value"] for path in (tmp_path / "scene.sottovoce" / "takes").iterdir()]
    assert len({json.dumps(take["job"]["gating"]) for take in takes}) == 1
    assert {take["job"]["region"]["id"] for take in takes} == {first, second}
    assert all("sampled in one window with" in take["notes"][-1] for take in takes)
    again = plan(source, capsys, *GATED)
    assert [region["state"] for region in again["regions"]] == ["pinned", "pinned"]
    assert (again["takes_to_render"], again["gated_windows"]) == (0, [])
