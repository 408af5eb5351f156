"""`sottovoce import`: lines from other files, as a timeline of their own or over one that is there."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Scene
from sottovoce_otio.timeline import read_timeline

from .small_scene import write_small_scene

SRT = """1
00:00:00,250 --> 00:00:02,000
Close your eyes.

2
00:00:02,500 --> 00:00:03,500
Stay where you are!
"""
SCRIPT = """INT. KITCHEN - NIGHT

ANNA
(whispering)
Close your eyes.

OLD BEN
(shouting)
Stay there, where you are!

ANNA
Never mind.
"""


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def said(scene: Scene) -> list[tuple[str, str, str]]:
    return [(region.voice, region.register, region.line) for region in scene.regions]


def imported(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert run(["import", *map(str, arguments), "--json"]) is ExitCode.DONE
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def regions_listed(timeline: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, str]]:
    """What the commands take the timeline's regions to be from now on."""
    assert run(["regions", str(timeline), "--json"]) is ExitCode.DONE
    return [
        (region["voice"], region["register"], region["line"])
        for region in json.loads(capsys.readouterr().out)["regions"]
    ]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.srt"
    path.write_text(SRT, encoding="utf-8")
    return path


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.fountain"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


@pytest.fixture
def timeline(tmp_path: Path) -> Path:
    """Four seconds, nothing marked."""
    return write_small_scene(tmp_path / "night.otio", marks=())


def test_a_file_alone_becomes_a_timeline_and_never_overwrites_one(
    lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lines.otio").write_text("somebody's")
    before = files_in(tmp_path)
    found = imported(capsys, lines, "--rate", "25")
    assert found["written"] == str(tmp_path / "lines_v002.otio")
    scene = read_timeline(tmp_path / "lines_v002.otio", register_table()).scene
    assert (scene.rate, [line for _, _, line in said(scene)]) == (
        Fraction(25),
        ["Close your eyes.", "Stay where you are!"],
    )
    assert before.items() <= files_in(tmp_path).items()


def test_lines_go_onto_a_timeline_beside_what_is_there(
    lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timeline = write_small_scene(tmp_path / "night.otio", marks=(("Anna whisper: close your eyes", 6, 40),))
    before = files_in(tmp_path)
    found = imported(capsys, lines, "--onto", timeline)
    assert len(found["added"]) == 1
    assert any("stand on the timeline already" in note for note in found["notes"])
    assert regions_listed(timeline, capsys) == [
        ("Anna", "whisper", "close your eyes"),
        ("Anna", "normal", "Stay where you are!"),  # the only voice there is
    ]
    assert before.items() <= files_in(tmp_path).items()
    again = imported(capsys, lines, "--onto", timeline)
    assert again["added"] == []
    assert list((tmp_path / "night.sottovoce" / "earlier").iterdir())


def test_with_a_folder_a_new_timeline_is_written(lines: Path, timeline: Path, tmp_path: Path) -> None:
    assert run(["import", str(lines), "--onto", str(timeline), "-o", str(tmp_path / "out")]) is ExitCode.DONE
    scene = read_timeline(tmp_path / "out" / "night.otio", register_table()).scene
    assert [region.span.start for region in scene.regions] == [6, 60]
    assert not (tmp_path / "night.sv.otio").exists()


def test_a_screenplay_labels_the_lines_of_subtitles(
    lines: Path, script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = imported(capsys, script, "--onto", lines)
    assert [match["line"] for match in found["matched"]] == [0, 1]
    assert found["unspoken"] == ["ANNA (normal): Never mind."]
    assert regions_listed(lines, capsys) == [
        ("ANNA", "whisper", "Close your eyes."),
        ("OLD BEN", "shout", "Stay where you are!"),
    ]


def test_a_screenplay_tells_what_it_did(lines: Path, script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(script), "--onto", str(lines)]) is ExitCode.DONE
    shown = capsys.readouterr().out
    assert "2 of 2 regions say a line of the screenplay; 2 were labelled anew" in shown
    assert "1 of 3 lines of the screenplay are said by no region:\n  ANNA (normal): Never mind." in shown


def test_a_screenplay_spreads_over_a_timeline_without_lines(
    script: Path, timeline: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = imported(capsys, script, "--onto", timeline)
    assert any("drawn together to 4 s" in note for note in found["notes"])
    assert regions_listed(timeline, capsys) == [
        ("ANNA", "whisper", "Close your eyes."),
        ("OLD BEN", "shout", "Stay there, where you are!"),
        ("ANNA", "normal", "Never mind."),
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.doc", "x", "is no file of lines. Known are .srt"),
        ("a.srt", SRT.replace("00:00:0", "00:59:0"), "None of the 2 lines lies on 'night'"),
        ("a.fountain", "INT. KITCHEN\n\nNobody.\n", "nothing that anybody says"),
    ],
)
def test_what_cannot_be_laid_on_is_refused(
    name: str, content: str, words: str, timeline: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(content)
    assert run(["import", str(tmp_path / name), "--onto", str(timeline)]) is ExitCode.INPUT
    assert words in capsys.readouterr().err
    assert not (tmp_path / "night.sv.otio").exists()


def test_a_clock_that_counts_from_an_hour_lies_on_the_timelines_own(
    timeline: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The timeline counts from 0: the sheet's hour is taken for its first frame."""
    sheet = tmp_path / "cues.csv"
    sheet.write_text("in,out,character,line\n01:00:01:00,01:00:02:00,ANNA,Hush.\n")
    found = imported(capsys, sheet, "--onto", timeline)
    assert [region["span"] for region in found["regions"]] == [{"start": 24, "end": 48}]
