"""`sottovoce compare`: both ways over a locked picture, beside each other, with the tiny model."""

import json
from pathlib import Path
from typing import Any

import pytest

from sottovoce.cli import run
from sottovoce.project import read_project
from sottovoce.reading import default_reading
from sottovoce.terminal import ExitCode
from sottovoce_engine.store import Store

from .recut_scene import FIRST_CUT, MARKS, write_cut, write_footage
from .tiny_ltx import TINY


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_footage(tmp_path / "footage")
    return write_cut(tmp_path / "scene.otio", FIRST_CUT, tmp_path / "footage", MARKS)


def region_ids(source: Path) -> list[str]:
    return [region.id for region in read_project(source, default_reading()).scene.regions]


@pytest.mark.xdist_group("render")
def test_both_takes_are_made_of_one_seed_kept_and_told_apart(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    region, out = region_ids(source)[0], tmp_path / "out"
    monkeypatch.setenv("COLUMNS", "200")  # keys are shown whole
    asked = ["compare", str(source), region[:4], "--handles", "8", "--seed", "5", "-o", str(out), *TINY]
    assert run(asked) is ExitCode.DONE
    shown = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads((out / f"{region} compared.json").read_text())
    fast, exact = found["fast"], found["exact"]
    assert (fast["seed"], exact["seed"]) == (5, 5)
    assert fast["take"] != exact["take"]
    assert fast["path"] != exact["path"], "other sounds"
    assert 0.9 < found["difference"]["correlation"] < 1
    assert "watching the picture" in fast["seconds"]
    assert "watching the picture" not in exact["seconds"]
    for made in (fast, exact):
        assert made["cost_seconds"] == pytest.approx(
            sum(made["seconds"][stage] for stage in made["seconds"].keys() - {"loading the model", "captions"}),
            abs=0.01,
        )
        assert made["seconds"]["decoding"] > 0.01, "what comes after its models are loaded counts as decoding"
        assert made["register"]["asked"] == "whisper"
        assert made["judged"]
    with Store.opened(source.with_name("scene.sottovoce"), writing=False) as store:
        assert set(store.takes()) == {fast["take"], exact["take"]}
    assert read_project(source, default_reading()).chosen == {}, "nothing is chosen by comparing"
    assert sorted(path.name for path in out.iterdir()) == [
        f"{region} compared.json",
        f"{region} exact.wav",
        f"{region} fast.wav",
    ]
    assert shown[0].split() == ["region", region, "fast", "exact"]
    assert ["take", fast["take"], exact["take"]] in [line.split() for line in shown]
    assert {line.split()[0] for line in shown if line} >= {"cost", "loudness", "v", "judged", "between", "written"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--picture", "cut"], "has the picture mode 'cut': only over a locked picture is there something to compare"),
        (["--picture", "shot"], ""),
    ],
)
def test_without_a_locked_picture_it_is_refused(
    more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = write_cut(tmp_path / "bare.otio", (("", 0, 96),), tmp_path, MARKS)
    said = said or "lies over a shot that is not rendered yet. Render the timeline first."
    assert run(["compare", str(bare), region_ids(bare)[0], *more, *TINY]) is ExitCode.INPUT
    assert said in " ".join(capsys.readouterr().err.split())


def test_footage_that_is_gone_and_a_region_nobody_knows_are_told(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", str(source), "zz", *TINY]) is ExitCode.INPUT
    assert "No region's id is 'zz'" in capsys.readouterr().err
    (tmp_path / "footage" / "street.mov").unlink()
    assert run(["compare", str(source), region_ids(source)[0], *TINY]) is ExitCode.INPUT
    error = " ".join(capsys.readouterr().err.split())
    assert "has nothing to be made for: the picture under it, 'street', cannot be read" in error
