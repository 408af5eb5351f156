"""Renders that are judged: failing takes shown, rendered again, and judged anew where it is needed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.store import Store

from .small_scene import write_small_scene

pytestmark = pytest.mark.xdist_group("render")

MARKS = (("Anna whisper: close your eyes", 6, 36), ("Ben (man, shouting): stay there", 52, 36))


def render(folder: Path, *options: str) -> tuple[ExitCode, dict[str, Any]]:
    """One render of the scene in `folder`, and its report."""
    before = set((folder / "out").glob("report*.json"))
    code = run(["render", str(folder / "scene.otio"), "-o", str(folder / "out"), "--no-mp4", *options])
    (report,) = set((folder / "out").glob("report*.json")) - before
    return code, json.loads(report.read_text())


@pytest.fixture
def shouting(tmp_path: Path) -> Path:
    """A scene whose take of the whispered region sounds like the shouted one."""
    write_small_scene(tmp_path / "scene.otio", MARKS)
    code, report = render(tmp_path)
    assert code is ExitCode.DONE
    assert report["judged"] == {"passes": 2, "amber": 0, "fails": 0, "not_judged": 0}
    with Store.opened(tmp_path / "scene.sottovoce") as store:
        whispered, shouted = sorted(store.takes().values(), key=lambda take: take.job.window.start)
        store.add(replace(whispered, media=shouted.media, words=(), words_estimated=True))
        (tmp_path / "scene.sottovoce" / "judgements" / f"{whispered.key}.json").unlink()
    return tmp_path


def test_a_take_that_fails_is_shown_as_failing(shouting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = render(shouting)
    assert code is ExitCode.BELOW_BAR
    assert report["judged"] == {"passes": 1, "amber": 0, "fails": 1, "not_judged": 0}
    first, second = report["regions"]
    assert (first["passes"], second["passes"]) == (False, True)
    assert first["judgement"]["register"]["verdict"] == "voiced"
    assert first["judged"].startswith("fails: ")
    out = capsys.readouterr().out
    assert f"fails     {first['id']} 'close your eyes': " in out
    assert run(["regions", str(shouting / "scene.otio")]) is ExitCode.DONE
    assert first["judged"][:30] in capsys.readouterr().out
    assert run(["plan", str(shouting / "scene.otio"), "--json"]) is ExitCode.DONE
    assert [each["judged"] for each in json.loads(capsys.readouterr().out)["regions"]] == [first["judged"], "passes"]


def test_a_failing_region_is_rendered_again_until_it_passes(shouting: Path) -> None:
    code, report = render(shouting, "--retake-until-good", "3")
    assert code is ExitCode.DONE
    first, second = report["regions"]
    tried = [(take["seed"], take["passes"], take["chosen"], bool(take["why"])) for take in first["takes"]]
    assert tried == [(1, False, False, True), (2, True, True, True)]
    assert [take["seed"] for take in second["takes"]] == [1], "what passes is left alone"


def test_of_takes_that_all_fail_as_many_are_made_as_were_asked_for(tmp_path: Path) -> None:
    write_small_scene(tmp_path / "scene.otio", MARKS[:1])
    strict = tmp_path / "strict.toml"
    strict.write_text('[damage]\nsilence_dbfs = { value = 10.0, source = "none is loud enough" }\n')
    code, report = render(tmp_path, "--retake-until-good", "3", "--thresholds", str(strict))
    assert code is ExitCode.BELOW_BAR
    (region,) = report["regions"]
    assert [(take["seed"], take["passes"]) for take in region["takes"]] == [(1, False), (2, False), (3, False)]
    assert sum(take["chosen"] for take in region["takes"]) == 1
    code, again = render(tmp_path, "--retake-until-good", "3")
    assert code is ExitCode.DONE, "with the usual thresholds they are judged anew, and pass"
    assert len(again["regions"][0]["takes"]) == 3


def test_without_the_judge_nothing_is_judged(tmp_path: Path) -> None:
    write_small_scene(tmp_path / "scene.otio", MARKS[:1])
    code, report = render(tmp_path, "--no-judge")
    assert code is ExitCode.DONE
    assert report["judged"] == {"passes": 0, "amber": 0, "fails": 0, "not_judged": 1}
    assert not list((tmp_path / "scene.sottovoce" / "judgements").iterdir())
    for options in (["--retake-until-good", "3", "--no-judge"], ["--retake-until-good", "0"]):
        asked = ["render", str(tmp_path / "scene.otio"), "-o", str(tmp_path / "out"), *options]
        assert run(asked) is ExitCode.INPUT
