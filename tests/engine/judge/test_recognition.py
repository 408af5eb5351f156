"""The Whisper model that a person has: loaded from a folder, never fetched, closed when done."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from sottovoce_engine.errors import SetupError
from sottovoce_engine.judge.recognition import Recogniser
from sottovoce_engine.progress import Job, JobCancelled

from .spoken_lines import spoken, whisper, whisper_folder

pytestmark = pytest.mark.xdist_group("scratch voices")


def go_on() -> None:
    """Nobody asks this work to stop."""


def test_words_are_heard_with_their_times() -> None:
    sound = spoken("Close your eyes, and listen.")
    heard = whisper().heard(sound, "en", go_on)
    assert [word.text.strip(",.").lower() for word in heard.words] == ["close", "your", "eyes", "and", "listen"]
    assert all(0 <= word.span.start <= word.span.end <= sound.shape[1] for word in heard.words)
    assert heard.language == "en"


def test_silence_is_not_shown_to_the_model() -> None:
    assert whisper().heard(np.zeros((2, 96_000), np.float32), "en", go_on).words == ()


def test_a_cancelled_job_stops_it() -> None:
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        whisper().heard(spoken("Close your eyes, and listen."), "en", job.check)


def test_an_english_model_understands_english_only() -> None:
    assert whisper().understands("en")
    assert not whisper().understands("ja")
    assert not whisper().understands(None)


def test_a_closed_recogniser_hears_nothing_more() -> None:
    with Recogniser(str(whisper_folder()), threads=1) as recogniser:
        assert recogniser.understands("en")
    with pytest.raises(ValueError, match="closed"):
        recogniser.heard(spoken("Close your eyes, and listen."), "en", go_on)


def test_a_model_that_is_not_there_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(SetupError, match="neither a folder nor in the hub's cache"):
        Recogniser("tiny")
    assert not list(tmp_path.rglob("*.bin"))
    with pytest.raises(SetupError, match="neither a folder nor"):
        Recogniser("no such size")


def test_a_folder_without_all_files_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"model\.bin, config\.json, tokenizer\.json is missing"):
        Recogniser(str(tmp_path))
    for name in ("model.bin", "config.json"):
        shutil.copy(whisper_folder() / name, tmp_path)
    with pytest.raises(SetupError, match=r"tokenizer\.json is missing"):
        Recogniser(str(tmp_path))


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    shutil.copytree(whisper_folder(), tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(SetupError, match="cannot be loaded"):
        Recogniser(str(tmp_path))
