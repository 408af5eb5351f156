"""The page in a real browser: from disk, without a network, in light and dark, wide and narrow."""

from dataclasses import replace
from pathlib import Path

import pytest

from sottovoce.report_page.page import page

from .browser import opened, probed
from .small_report import SECONDS, small_report, small_sound

pytestmark = pytest.mark.xdist_group("browser")

HOSTILE = "<script>document.title = 'gone'</script>\"'><img src=x onerror=alert(1)>&amp;"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = small_report()
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(report, small_sound(report)), encoding="utf-8")
    return path


def test_it_opens_without_an_error_and_asks_for_nothing(written: Path, tmp_path: Path) -> None:
    made = opened(written, tmp_path)
    assert made.console == ()
    assert made.requests == ()
    assert made.dom.count("<article") == 4
    assert '<html lang="en" class="js">' in made.dom, "its own script may run"
    assert "<del>your</del>" in made.dom
    assert "<ins>ice</ins>" in made.dom


@pytest.mark.parametrize("width", [1280, 400])
def test_everything_is_drawn_and_nothing_is_wider_than_the_window(written: Path, tmp_path: Path, width: int) -> None:
    found = probed(written, tmp_path, width=width)
    assert found["scripted"]
    assert found["regions"] == found["waves"] == 4
    assert found["drawn"] == 4 * 3, "voiced, whispered and silent parts of each"
    assert found["curves"] == 2
    assert found["pageWidth"] <= found["windowWidth"] <= width


def test_sound_plays_and_keys_work(written: Path, tmp_path: Path) -> None:
    found = probed(written, tmp_path)
    assert found["seconds"] == pytest.approx(SECONDS, abs=0.05)
    assert found["failing"] == ["region-1"]
    assert found["focused"] == "region-1"


def test_dark_is_dark(written: Path, tmp_path: Path) -> None:
    light, dark = (probed(written, tmp_path, dark=dark)["background"] for dark in (False, True))
    assert _lightness(light) > 200
    assert _lightness(dark) < 60


def test_a_line_that_is_markup_is_inert(tmp_path: Path) -> None:
    report = small_report((HOSTILE,) * 4)
    report["scene"]["name"] = report["files"]["movie"] = report["regions"][0]["voice"] = HOSTILE
    report["regions"][0]["judgement"]["why"] = report["regions"][0]["takes"][1]["why"] = [HOSTILE]
    report["regions"][0]["judgement"]["line"]["diff"][1]["line"] = HOSTILE
    heard = small_sound(report)
    takes = dict(heard.takes) | {"r3": HOSTILE}
    path = tmp_path / "report.html"
    path.write_text(page(report, replace(heard, takes=takes, loudness=HOSTILE)), encoding="utf-8")
    made = opened(path, tmp_path)
    assert made.console == ()
    assert made.requests == ()
    assert made.dom.count("<script") == 1
    assert "<img" not in made.dom
    assert "<title>&lt;script&gt;document.title" in made.dom


def _lightness(colour: str) -> int:
    return max(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
