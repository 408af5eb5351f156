"""Where pictures come from, on the command line: typed into marks, shown in tables, planned."""

import json
from pathlib import Path

import pytest

from sottovoce.cli import run
from sottovoce.terminal import ExitCode

from .small_scene import write_small_scene

MARKS = (("Anna whisper: close your eyes", 6, 40), ("Ben (man, shouting): stay there [picture: continue]", 52, 36))


def test_a_typed_continue_is_shown_and_planned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(write_small_scene(tmp_path / "scene.otio", MARKS))
    assert run(["regions", source]) is ExitCode.DONE
    shown = [line for line in capsys.readouterr().out.splitlines() if "shout" in line]
    assert "  continue  " in shown[0]
    assert "[picture" not in shown[0]
    starts = []
    for overlap in ([], ["--overlap", "9"]):
        assert run(["plan", source, "--json", *overlap]) is ExitCode.DONE
        planned = json.loads(capsys.readouterr().out)["regions"][1]
        assert planned["picture"] == "continue"
        starts.append(planned["jobs"][0]["window"]["start"])
    assert starts == [52 - 17, 52 - 9]


def test_what_cannot_be_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(write_small_scene(tmp_path / "scene.otio", MARKS))
    assert run(["plan", source, "--overlap", "8"]) is ExitCode.INPUT
    assert "An overlap of 8 frames was asked for. A picture continues from 9 or 17." in capsys.readouterr().err
    typed = (("whisper: close your eyes [picture: contine]", 6, 40),)
    assert run(["plan", str(write_small_scene(tmp_path / "typed.otio", typed))]) is ExitCode.INPUT
    assert "Did you mean 'continue'?" in capsys.readouterr().err


def test_a_mode_for_all_regions_holds_where_a_mark_says_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(write_small_scene(tmp_path / "scene.otio", MARKS))
    for asked, expected in (([], "cut"), (["--picture", "lock"], "lock"), (["--picture", "start"], "start")):
        assert run(["plan", source, "--json", *asked]) is ExitCode.DONE
        planned = json.loads(capsys.readouterr().out)["regions"]
        assert [region["picture"] for region in planned] == [expected, "continue"]
    with pytest.raises(SystemExit):
        run(["plan", source, "--picture", "contine"])
    assert "choose from" in capsys.readouterr().err


@pytest.mark.xdist_group("render")
def test_regions_keep_the_mode_they_were_rendered_in_until_another_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(write_small_scene(tmp_path / "scene.otio", (MARKS[0], ("Ben (man, shouting): stay there", 52, 36))))
    out = str(tmp_path / "out")
    assert run(["render", source, "-o", out, "--picture", "shot", "--no-judge", "--no-mp4"]) is ExitCode.DONE

    def planned(*asked: str) -> tuple[list[str], int]:
        capsys.readouterr()
        assert run(["plan", source, "--json", *asked]) is ExitCode.DONE
        found = json.loads(capsys.readouterr().out)
        return [region["picture"] for region in found["regions"]], found["takes_to_render"]

    assert planned() == (["shot", "shot"], 0)
    assert planned("--picture", "auto") == (["cut", "cut"], 2)
    assert planned("--picture", "lock")[0] == ["lock", "lock"]
    assert run(["splice", source, "-o", out, "--no-judge", "--no-mp4"]) is ExitCode.DONE
    assert planned() == (["shot", "shot"], 0)
