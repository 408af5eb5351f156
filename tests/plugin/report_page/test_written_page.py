"""The page that a render leaves: beside its report, under its number, with the real takes in it."""

import json
import re
from pathlib import Path

import pytest
from tests.plugin.small_scene import MARKS, write_small_scene

from sottovoce.cli import run
from sottovoce.terminal import ExitCode

from .browser import opened, probed

pytestmark = pytest.mark.xdist_group("render")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small scene and what a render of it wrote."""
    folder = tmp_path_factory.mktemp("scene")
    source = write_small_scene(folder / "scene.otio")
    assert run(["render", str(source), "-o", str(folder / "out"), "--no-mp4"]) is ExitCode.DONE
    return folder


def test_a_render_writes_a_page_that_opens_and_is_drawn(rendered: Path, tmp_path: Path) -> None:
    page = rendered / "out" / "report.html"
    made = opened(page, tmp_path)
    assert made.console == ()
    assert made.requests == ()
    found = probed(page, tmp_path)
    assert found["waves"] == len(MARKS)
    assert found["curves"] == 2
    assert found["seconds"] > 1.0


def test_a_whisper_is_drawn_as_a_whisper_and_a_shout_as_a_voice(rendered: Path) -> None:
    page = (rendered / "out" / "report.html").read_text(encoding="utf-8")
    voiced = [int(share) for share in re.findall(r"\. (\d+)\u202f% of the speech is voiced", page)]
    assert len(voiced) == len(MARKS)
    assert voiced[0] < 10
    assert voiced[1] > 50


def test_a_second_page_has_the_number_of_its_report(rendered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = rendered / "out"
    before = (out / "report.html").read_bytes()
    capsys.readouterr()
    assert run(["splice", str(rendered / "scene.otio"), "-o", str(out), "--no-mp4", "--json"]) is ExitCode.DONE
    said = json.loads(capsys.readouterr().out)
    assert Path(said["report_page"]) == out / "report_v002.html"
    assert Path(said["report"]) == out / "report_v002.json"
    assert (out / "report_v002.html").exists()
    assert (out / "report.html").read_bytes() == before
