"""Recordings of people who never were: the embedded voice in registers, as files of any kind."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from tests.engine.judge.corpus import clean_clip

from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Raster, Voice
from sottovoce_engine.timing import SAMPLE_RATE
from sottovoce_engine.training.preparing import Preparing
from sottovoce_engine.training.recipe import ClipForm
from sottovoce_engine.training.recordings import LabelledRecording

Mono = NDArray[np.float32]  # [samples] at 48 kHz

ANNA = Voice(name="Anna", gender=Gender.WOMAN)
BEN = Voice(name="Ben", gender=Gender.MAN)
SMALL = ClipForm(raster=Raster(width=64, height=64))  # for what is not about the picture
LINES = ("Close your eyes.", "Nobody knows we are here.", "Did you hear that?")


@cache
def said(line: str, register: str, voice: Voice = ANNA) -> Mono:
    """A line said in a quiet room, a quarter of a second of which lies on both sides."""
    return clean_clip(voice, register, 0, line).sound


def in_a_row(lines: Sequence[str], register: str, pause_seconds: float, voice: Voice = ANNA) -> Mono:
    """Lines one after the other, in one room."""
    pause = room(round(pause_seconds * SAMPLE_RATE))
    parts = [part for line in lines for part in (said(line, register, voice), pause)]
    return np.concatenate([pause, *parts])


def close_together(lines: Sequence[str], register: str, voice: Voice = ANNA) -> Mono:
    """Lines with as short a pause between them as within a sentence."""
    return np.concatenate([said(line, register, voice)[20_000:-20_000] for line in lines])


def room(samples: int, seed: int = 5) -> Mono:
    """A quiet room in which nobody speaks."""
    noise = np.random.default_rng(seed).standard_normal(samples, dtype=np.float32)
    return np.asarray(noise * 10 ** (-66 / 20), np.float32)


def hum(samples: int) -> Mono:
    """A tone without a pause."""
    return np.asarray(np.sin(np.arange(samples) / 30) / 4, np.float32)


def write_wav(path: Path, sound: Mono, rate: int = SAMPLE_RATE, channels: int = 1) -> Path:
    """A WAV file of that rate."""
    path.parent.mkdir(parents=True, exist_ok=True)
    resampled = soxr.resample(sound, SAMPLE_RATE, rate) if rate != SAMPLE_RATE else sound
    soundfile.write(path, np.repeat(resampled[:, None], channels, axis=1), rate, subtype="PCM_24")
    return path


def write_movie(path: Path, sound: Mono, width: int = 320, height: int = 180, rate: int = 25) -> Path:
    """An H.264 movie with AAC sound; its picture is a bright bar in the middle that darkens from left to right in time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = round(len(sound) / SAMPLE_RATE * rate)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for number in range(frames):
            frame = VideoFrame.from_ndarray(_picture(number, frames, width, height), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        block = AudioFrame.from_ndarray(np.ascontiguousarray(sound[None]), "fltp", "mono")
        block.sample_rate, block.time_base, block.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), 0
        container.mux(audio.encode(block))
        container.mux(audio.encode(None))
    return path


def _picture(number: int, frames: int, width: int, height: int) -> NDArray[np.uint8]:
    """Black at both sides, which a crop takes away; in the middle as light as the movie is far."""
    picture = np.zeros((height, width, 3), np.uint8)
    inside = slice((width - height) // 2 - 4, (width + height) // 2 + 4)
    picture[:, inside] = 40 + round(200 * number / max(1, frames - 1))
    return picture


def recording(path: Path, register: str = "whisper", voice: Voice = ANNA, text: str = "") -> LabelledRecording:
    return LabelledRecording(
        path=path, name=path.name, voice=voice.name, gender=voice.gender, register=register, text=text
    )


@cache
def judge() -> Judge:
    return Judge()


def preparing(form: ClipForm | None = None) -> Preparing:
    return Preparing(form=form or ClipForm(), registers=register_table(), judge=judge())
