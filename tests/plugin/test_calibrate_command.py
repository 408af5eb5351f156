"""Thresholds refitted through the command line, written, and used by the next check."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.engine.judge.signals import voiced, whispered

from sottovoce.cli import run
from sottovoce.terminal import ExitCode
from sottovoce_engine.judge.thresholds import given_tables
from sottovoce_engine.timing import SAMPLE_RATE


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight whispers and eight voices, in folders that say so."""
    folder = tmp_path_factory.mktemp("recordings")
    for register, made in (("whisper", whispered), ("normal", voiced)):
        (folder / register).mkdir()
        for seed in range(8):
            sound = made(0.8, seed=seed) + np.float32(0.0)
            soundfile.write(folder / register / f"{seed}.wav", sound, SAMPLE_RATE, "PCM_24")
    return folder


def test_a_calibration_is_shown_written_and_used(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "judge.toml"
    assert run(["calibrate", str(recordings), "-o", str(own)]) is ExitCode.DONE
    shown = capsys.readouterr().out
    assert "margin: the lowest voice and the highest whisper" in shown
    assert [line.split()[0] for line in shown.splitlines() if line.startswith(("whisper  ", "normal "))] == [
        "whisper",
        "normal",
    ] * 2
    assert f"--thresholds {own}" in shown
    assert "thresholds_file" in shown
    assert "whisper_below" in given_tables(own)["register"]
    whisper = recordings / "whisper" / "0.wav"
    assert run(["check", str(whisper), "--register", "whisper", "--thresholds", str(own)]) is ExitCode.DONE


def test_without_a_file_nothing_is_written(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["calibrate", str(recordings), "--json"]) is ExitCode.DONE
    plain = json.loads(capsys.readouterr().out)
    assert plain["file"] is None
    assert plain["margin"] > 0
    assert {row["label"] for row in plain["after"]} == {"whisper", "normal"}
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_written_over_unasked(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "judge.toml"
    own.write_text('[line]\nfit = { value = -7.0, source = "mine" }\n')
    assert run(["calibrate", str(recordings), "-o", str(own)]) is ExitCode.INPUT
    assert "--over" in capsys.readouterr().err
    assert "register" not in own.read_text()
    assert run(["calibrate", str(recordings), "-o", str(own), "--over"]) is ExitCode.DONE
    tables = given_tables(own)
    assert "register" in tables
    assert tables["line"]["fit"].value == -7.0, "what it says of anything else stays"


def test_what_cannot_be_calibrated_from_is_one_paragraph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "few" / "whisper").mkdir(parents=True)
    (tmp_path / "few" / "whisper" / "text.wav").write_text("no sound")
    (tmp_path / "empty").mkdir()
    for folder, said in (("none", "cannot be read"), ("empty", "No labelled recordings"), ("few", "at least 8")):
        assert run(["calibrate", str(tmp_path / folder), "--json"]) is ExitCode.INPUT
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1
