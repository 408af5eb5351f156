"""Subtitles on the command line, wherever a timeline can be named."""

import json
from pathlib import Path

import pytest

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.registers import register_table
from sottovoce_otio.timeline import read_timeline

SRT = """1
00:00:00,250 --> 00:00:02,000
ANNA: (whispering) close your eyes

2
00:00:02,500 --> 00:00:04,000
BEN (man, shouting): stay there
"""


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.srt"
    path.write_text(SRT, encoding="utf-8")
    return path


def test_regions_lists_the_lines_of_a_subtitle_file(lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["regions", str(lines), "--json", "--rate", "25"]) is ExitCode.DONE
    found = json.loads(capsys.readouterr().out)
    assert (found["rate"], found["length_frames"]) == ("25", 100)
    assert [(region["voice"], region["register"]) for region in found["regions"]] == [
        ("ANNA", "whisper"),
        ("BEN", "shout"),
    ]
    assert [voice["gender"] for voice in found["voices"]] == ["woman", "man"]


def test_subtitles_render_to_a_scene(lines: Path, tmp_path: Path) -> None:
    """No picture lies under them: each region brings its own, and the rest is black."""
    (tmp_path / "lines.otio").write_text("not ours")  # what is kept for lines.srt is not mixed up with its
    assert run(["render", str(lines), "-o", str(tmp_path / "out"), "--no-judge", "--json"]) is ExitCode.DONE
    assert lines.read_text(encoding="utf-8") == SRT
    assert (tmp_path / "lines.srt.sv.otio").is_file()
    assert (tmp_path / "lines.srt.sottovoce").is_dir()
    scene = read_timeline(tmp_path / "out" / "lines.otio", register_table()).scene
    assert [region.line for region in scene.regions] == ["close your eyes", "stay there"]
    assert (tmp_path / "out" / "lines.mov").is_file()
    assert run(["regions", str(tmp_path / "lines.srt.sv.otio")]) is ExitCode.DONE


def test_a_working_copy_keeps_its_rate(lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", str(lines), "-o", str(tmp_path / "out"), "--no-judge", "--rate", "25"]) is ExitCode.DONE
    assert run(["regions", str(lines), "--rate", "24"]) is ExitCode.INPUT
    assert "'lines.srt.sv.otio' keeps it" in " ".join(capsys.readouterr().err.split())
    assert run(["regions", str(lines)]) is ExitCode.DONE
    assert "25 fps" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "value", "words"), [("--rate", "fast", "no number"), ("--encoding", "klingon", "No encoding")]
)
def test_an_option_that_cannot_be_is_refused(
    option: str, value: str, words: str, lines: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["regions", str(lines), option, value]) is ExitCode.INPUT
    assert words in capsys.readouterr().err
