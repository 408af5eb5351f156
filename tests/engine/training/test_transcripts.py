from dataclasses import replace
from pathlib import Path

import pytest
from tests.engine.judge.spoken_lines import whisper
from tests.engine.training.spoken_recordings import LINES, SMALL, in_a_row, preparing, recording, said, write_wav

from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.progress import Job
from sottovoce_engine.training.preparing import prepared_clips

pytestmark = pytest.mark.xdist_group("scratch voices")


def _lines(tmp_path: Path, register: str, text: str, listening: bool = False) -> tuple[list[str], tuple[str, ...]]:
    path = write_wav(tmp_path / f"{register}.wav", in_a_row(LINES, register, 0.9))
    how = preparing(SMALL)
    if listening:
        how = replace(how, judge=Judge(recogniser=whisper(), language="en"))
    prepared = prepared_clips([recording(path, register, text=text)], tmp_path / "out", how, Job())
    clips = [clip for _, found in prepared.recordings for clip in found.clips]
    return [clip.written or clip.heard for clip in clips], prepared.left_out


@pytest.mark.parametrize("register", ["normal", "whisper"])
def test_a_text_in_one_piece_is_laid_over_the_recording(tmp_path: Path, register: str) -> None:
    assert _lines(tmp_path, register, f"{LINES[0]} {LINES[1]}\n{LINES[2]}") == (list(LINES), ())


@pytest.mark.parametrize(
    "text", ["The quick brown fox jumps over the lazy dog and away.", "Silence.\nNothing here.", "目を閉じて。"]
)
def test_a_text_that_does_not_fit_is_not_guessed_at(tmp_path: Path, text: str) -> None:
    lines, left_out = _lines(tmp_path, "normal", text)
    assert lines == []
    assert "cannot be laid" in left_out[0]


def test_lines_of_as_many_as_there_are_clips_are_taken_as_they_are(tmp_path: Path) -> None:
    written = ["目を閉じて。", "「静かに」", "Q&A — (no)"]
    assert _lines(tmp_path, "normal", "\n\n".join(written)) == (written, ())


def test_what_nobody_wrote_is_heard_where_a_model_listens(tmp_path: Path) -> None:
    lines, left_out = _lines(tmp_path, "normal", "", listening=True)
    heard = [line.strip(" .?!").lower() for line in lines]
    assert heard == [line.strip(" .?!").lower() for line in LINES]
    assert left_out == ()
    assert _lines(tmp_path, "normal", "\n".join(("One.", "Two.", "Three.")), listening=True)[0] == [
        "One.",
        "Two.",
        "Three.",
    ]


def test_a_short_recording_is_one_clip_with_all_its_text(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", said(LINES[0], "normal"))
    one = recording(path, "normal", text="Close\nyour eyes.")
    prepared = prepared_clips([one], tmp_path / "out", preparing(SMALL), Job())
    assert [clip.written for _, found in prepared.recordings for clip in found.clips] == ["Close your eyes."]
