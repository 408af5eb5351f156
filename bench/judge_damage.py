"""How fast the judge finds damage in sound and picture, on one core.

Two minutes of scratch speech in all registers, judged whole; the goal for register, damage and level
together is 40 seconds of sound a second.
"""

import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.damage import judged_damage
from sottovoce_engine.judge.damage_values import DamageThresholds
from sottovoce_engine.judge.perspective import PerspectiveThresholds, judged_perspective
from sottovoce_engine.judge.picture_damage import judged_picture
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import frame_from_rgb
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.scratch.speech import speech_for
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.windows import window_for

LINE = "Close your eyes, and listen. Did you hear that, down by the river?"
SECONDS = 120
RUNS = 3
FRAME_RATE = Fraction(24)
FRAMES = 97
RASTERS = (Raster(width=768, height=512), Raster(width=1920, height=1080))


def main() -> None:
    """Prints one table."""
    thresholds = thresholds_of("damage", DamageThresholds)
    mono = _speech()
    other = np.roll(mono, 480) * np.float32(0.7)
    print("| what | s | time, s | × real time |")
    print("|---|---|---|---|")
    for what, sound in (
        ("sound, one channel", mono[None]),
        ("sound, the same on two channels", np.stack([mono, mono])),
        ("sound, two channels", np.stack([mono, other])),
    ):
        _row(what, SECONDS, partial(judged_damage, sound, expected_samples=None, thresholds=thresholds))
    notes = thresholds_of("perspective", PerspectiveThresholds)
    minute = mono[None, : 60 * SAMPLE_RATE]
    _row(
        "perspective of two minutes",
        120,
        partial(judged_perspective, minute, minute, same_effort=True, thresholds=notes),
    )
    with tempfile.TemporaryDirectory() as folder:
        for raster in RASTERS:
            path = _movie(Path(folder) / f"{raster}.mov", raster)
            judging = partial(judged_picture, path, expected_frames=FRAMES, moving=True, thresholds=thresholds)
            _row(f"picture of a take, {raster}", FRAMES / FRAME_RATE, judging)
    print(f"\nBest of {RUNS}, processor time.")


def _speech() -> NDArray[np.float32]:
    """Every register by a woman and a man, over and over."""
    said = [
        speech_for(_job(register.name, gender), _go_on).sound
        for gender in Gender
        for register in register_table().registers
    ]
    return np.resize(np.concatenate(said), SECONDS * SAMPLE_RATE)


def _job(register: str, gender: Gender) -> RenderJob:
    voice = Voice(name="Anna" if gender is Gender.WOMAN else "Ben", gender=gender)
    span = Span(48, 148)
    return RenderJob(
        key=f"{gender}-{register}",
        content="",
        region=Region(id="1f0c9a42", span=span, register=register, voice=voice.name, line=LINE),
        voice=voice,
        register=register_table().get(register),
        caption="",
        window=window_for(span, FRAME_RATE),
        rate=FRAME_RATE,
        start_frame=86_400,
        drop_frame=False,
        raster=RASTERS[0],
        picture=PictureMode.LOCK,
        seed=1,
        renderer="scratch",
    )


def _movie(path: Path, raster: Raster) -> Path:
    grain = np.random.default_rng(1).integers(60, 80, (raster.height, raster.width, 3)).astype(np.uint8)
    with MovieWriter(path, raster=raster, rate=FRAME_RATE, sound=False) as movie:
        for number in range(FRAMES):
            movie.write_frame(frame_from_rgb(np.roll(grain, 7 * number, axis=1)))
    return path


def _row(what: str, seconds: float | Fraction, work: Callable[[], object]) -> None:
    best = min(_seconds(work) for _ in range(RUNS))
    print(f"| {what} | {float(seconds):.0f} | {best:.2f} | {float(seconds) / best:.0f} |", flush=True)


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _go_on() -> None:
    """Nobody stops a benchmark."""


if __name__ == "__main__":
    main()
