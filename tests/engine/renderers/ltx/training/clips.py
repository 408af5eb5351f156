"""A handful of tiny clips to train on, and what trains on them in a test."""

import hashlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import frame_from_rgb
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.sampling_settings import NO_GUIDANCE, SamplingSettings
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.training.door import train
from sottovoce_engine.scene import Gender, Raster
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.training.recipe import ClipForm, LoraShape, Recipe, Steps, Validation
from sottovoce_engine.training.values import (
    Clip,
    Dataset,
    Measured,
    Origin,
    Split,
    TrainingEvent,
    ValidationCaption,
)

FORM = ClipForm(frames=9, rate=Fraction(24), raster=Raster(width=64, height=32))
RECIPE = Recipe(
    name="tiny",
    lora=LoraShape(rank=4, alpha=8),
    clips=FORM,
    steps=Steps(
        count=6, learning_rate=5e-3, warm_up=1, dtype="float32", checkpoint_every=3, gradient_checkpointing=False
    ),
    validation=Validation(every=3),
)
SHORT = replace(RECIPE, steps=replace(RECIPE.steps, checkpoint_every=2), validation=Validation(every=0))
SETTINGS = LtxSettings(
    device="cpu",
    text_tokens=128,
    sampling=SamplingSettings(steps=2, sigmas=(1.0, 0.5), video=NO_GUIDANCE, audio=NO_GUIDANCE),
)
ASKED = ValidationCaption(
    caption='a woman, (woman, whispering): "Come in.", intimate ASMR',
    gender=Gender.WOMAN,
    register="whisper",
    line="Come in.",
)
_MEASURED = Measured(verdict="whisper", v=0.1, nearest="", fits=True, why=())


def dataset(folder: Path, *, train_on: int = 4, held_out: int = 1, form: ClipForm = FORM) -> Dataset:
    """So many clips of noise that is shaped clip by clip, written as movies."""
    clips = tuple(
        _clip(folder, number, form, Split.TRAIN if number < train_on else Split.VALIDATION)
        for number in range(train_on + held_out)
    )
    digest = hashlib.sha256("".join(clip.content + clip.caption + clip.split for clip in clips).encode()).hexdigest()
    return Dataset(clips=clips, validation=(ASKED,), digest=digest)


def events(
    data: Dataset, folder: Path, settings: LtxSettings, recipe: Recipe = RECIPE, job: Job | None = None
) -> list[TrainingEvent]:
    """All that a training tells."""
    return list(train(data, recipe, settings, folder, job or Job()))


def settings_for(model: Path, cache: Path) -> LtxSettings:
    """A tiny checkpoint on the CPU."""
    return replace(SETTINGS, model=str(model), cache=str(cache))


def _clip(folder: Path, number: int, form: ClipForm, split: Split) -> Clip:
    path = folder / f"clip-{number}.mov"
    random = np.random.default_rng(number)
    samples = round(form.frames * SAMPLE_RATE / form.rate)
    times = np.arange(samples) / SAMPLE_RATE
    voice = 0.2 * np.sin(2 * np.pi * (150 + 40 * number) * times) + 0.05 * random.standard_normal(samples)
    with MovieWriter(path, raster=form.raster, rate=form.rate) as writer:
        for frame in range(form.frames):
            level = (20 * number + 5 * frame) % 256
            picture = np.full((form.raster.height, form.raster.width, 3), level, np.uint8)
            writer.write_frame(frame_from_rgb(picture))
        writer.write_sound(np.stack([voice, voice]).astype(np.float32))
    words = f"Line number {number}."
    return Clip(
        name=f"clip-{number}",
        movie=str(path),
        content=hashlib.sha256(path.read_bytes()).hexdigest(),
        frames=form.frames,
        rate=form.rate,
        raster=form.raster,
        has_picture=True,
        recording=str(path),
        span=Span(0, samples),
        speech=Span(0, samples),
        voice=f"VOICE{number}",
        gender=Gender.WOMAN,
        register="whisper",
        transcript=words,
        origin=Origin.WRITTEN,
        caption=f'a woman, (woman, whispering): "{words}", intimate ASMR',
        split=split,
        measured=_MEASURED,
    )
