"""`sottovoce suggest`: what is said in a timeline's dialogue, found, measured and, with a model, written down."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.engine.judge.spoken_lines import spoken, whisper_folder
from tests.plugin.spoken_timeline import LINE, RATE, recording, silence, timeline_over

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.timing import SAMPLE_RATE


def suggested(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert run(["suggest", *map(str, arguments), "--json"]) is ExitCode.DONE
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture
def scene(tmp_path: Path) -> tuple[Path, list[tuple[float, float]]]:
    """Three lines with pauses between them, and where they lie on the timeline, in seconds."""
    parts = [
        silence(2.0),
        0.5 * spoken(LINE),
        silence(1.2),
        spoken(LINE, "whisper"),
        silence(1.0),
        0.5 * spoken(LINE, "normal", "man"),
        silence(1.5),
    ]
    placed = recording(tmp_path / "dialogue.wav", parts)
    seconds = placed[-1][1] - 1.0
    return timeline_over(tmp_path / "dialogue.wav", seconds), [(start - 1, end - 1) for start, end in placed[1::2]]


def test_every_line_is_found_where_it_is_and_in_its_register(
    scene: tuple[Path, list[tuple[float, float]]], capsys: pytest.CaptureFixture[str]
) -> None:
    timeline, lines = scene
    before = timeline.read_bytes()
    found = suggested(capsys, timeline)
    assert len(found["suggested"]) == 3
    for region, (start, end) in zip(found["suggested"], lines, strict=True):
        assert start - 0.3 < region["span"]["start"] / RATE < start + 0.5
        assert end - 0.9 < region["span"]["end"] / RATE < end + 0.3
    assert found["suggested"][1]["register"] == "whisper"
    assert [region["verdict"] for region in found["suggested"]] == ["voiced", "whisper", "voiced"]
    assert [region["voice"] for region in found["suggested"]][0::2] == ["WOMAN", "MAN"]
    assert {region["line"] for region in found["suggested"]} == {""}
    assert timeline.read_bytes() == before
    assert Path(found["written"]) == timeline.with_name("scene.sv.otio")
    assert run(["regions", str(timeline)]) is ExitCode.DONE
    assert "marks without a line yet: 3" in capsys.readouterr().out


def test_a_model_writes_the_lines_down(
    scene: tuple[Path, list[tuple[float, float]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timeline, _ = scene
    found = suggested(capsys, timeline, "--speech-model", whisper_folder(), "--language", "en", "-o", tmp_path / "out")
    lines = [region["line"].casefold() for region in found["suggested"]]
    assert "stays mainly" in lines[0]
    assert found["written"] == str(tmp_path / "out" / "scene.otio")
    assert not timeline.with_name("scene.sv.otio").exists()
    assert run(["regions", found["written"], "--json"]) is ExitCode.DONE
    regions = json.loads(capsys.readouterr().out)["regions"]
    assert [region["line"].casefold() for region in regions] == [line for line in lines if line]


def test_nothing_is_suggested_over_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    placed = recording(tmp_path / "dialogue.wav", [silence(2.0), 0.5 * spoken(LINE), silence(1.0)])
    timeline = timeline_over(tmp_path / "dialogue.wav", placed[-1][1] - 1.0, [("Anna whisper: hush", 36, 24)])
    found = suggested(capsys, timeline)
    assert (found["suggested"], found["written"]) == ([], None)
    assert run(["suggest", str(timeline)]) is ExitCode.DONE
    assert "Nothing is said" in capsys.readouterr().out
    assert not timeline.with_name("scene.sv.otio").exists()


def test_a_track_named_after_a_voice_is_its(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    placed = recording(tmp_path / "dialogue.wav", [silence(2.0), 0.5 * spoken(LINE), silence(1.0)])
    timeline = timeline_over(tmp_path / "dialogue.wav", placed[-1][1] - 1.0, track="DX ANNA")
    arguments = ["--voice", "Anna=woman", "--voice", "Eve=woman", "--dialogue-track", "DX ANNA"]
    assert [region["voice"] for region in suggested(capsys, timeline, *arguments)["suggested"]] == ["Anna"]


def test_a_boom_says_nothing_new_and_voices_may_overlap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Anna on the first track, the same from further away on the second, Ben on the third before she ends."""
    anna, ben = 0.5 * spoken(LINE), 0.5 * spoken(LINE, "normal", "man")
    (_, (_, end), _) = recording(tmp_path / "anna.wav", [silence(2.0), anna, silence(6.0)])
    recording(tmp_path / "boom.wav", [silence(2.02), 0.4 * anna, silence(6.0)])
    recording(tmp_path / "ben.wav", [silence(end - 1.5), ben, silence(6.0)])
    timeline = timeline_over(tmp_path / "anna.wav", 7.0, others=[tmp_path / "boom.wav", tmp_path / "ben.wav"])
    first, second = suggested(capsys, timeline)["suggested"]
    assert [first["voice"], second["voice"]] == ["WOMAN", "MAN"]
    assert first["span"]["start"] < second["span"]["start"] < first["span"]["end"] < second["span"]["end"]


@pytest.mark.parametrize("parts", [[silence(4.0)], [np.zeros((1, 4 * SAMPLE_RATE), np.float32)]], ids=["room", "zeros"])
def test_silence_suggests_nothing(
    parts: list[NDArray[np.float32]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording(tmp_path / "dialogue.wav", parts)
    assert suggested(capsys, timeline_over(tmp_path / "dialogue.wav", 3.0))["suggested"] == []


def test_media_that_cannot_be_heard_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dialogue.wav").write_bytes(b"RIFF no sound")
    found = suggested(capsys, timeline_over(tmp_path / "dialogue.wav", 3.0))
    assert "'take 1' could not be listened to" in found["notes"][0]
    recording(tmp_path / "dialogue.wav", [silence(4.0)])
    found = suggested(capsys, timeline_over(tmp_path / "dialogue.wav", 3.0, track="MUSIC"))
    assert "no sound track is known to hold dialogue" in found["notes"][0]
