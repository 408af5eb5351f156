"""Captions spoken by the small model, through the renderer that drives the large one: no code of its own between."""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench.learned.checkpoint import MODEL
from bench.learned.corpus import FOLDER as CORPUS
from bench.learned.corpus import FRAME_RATE, FRAMES, Clip
from bench.learned.sizes import TEXT_TOKENS
from numpy.typing import NDArray

from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import Register
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer
from sottovoce_engine.renderers.ltx.sampling_settings import Guidance, SamplingSettings
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import RenderJob, Take, Window
from sottovoce_engine.timing import Span

REGISTERS = Path(".learned/lora/quiet.toml")
_RASTER = Raster(width=64, height=64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One caption to be spoken."""

    clip: Clip
    register: Register  # in whose words the caption asks, and with whose LoRA strength
    caption: str
    seed: int


def model_options(description: str) -> argparse.ArgumentParser:
    """What can be chosen wherever the small model speaks."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--guidance", type=float, default=2.0)
    parser.add_argument("--steps", type=int, default=16)
    return parser


def register_options(description: str) -> argparse.ArgumentParser:
    """Likewise, where registers bring their LoRA along."""
    parser = model_options(description)
    parser.add_argument("--registers", type=Path, default=REGISTERS, help="as `sottovoce train` writes it")
    return parser


def settings_for(model: Path, lora: Path | None, cache: Path, guidance: float = 2.0, steps: int = 16) -> LtxSettings:
    """How the small model is run: on the CPU, with guidance by the caption alone."""
    guided = Guidance(caption=guidance, perturbation=0.0, modality=1.0, rescale=0.0)
    plain = Guidance(caption=1.0, perturbation=0.0, modality=1.0, rescale=0.0)
    return LtxSettings(
        model=str(model),
        lora="" if lora is None else str(lora),
        device="cpu",
        dtype="float32",
        raster="32x32",
        text_tokens=TEXT_TOKENS,
        takes_at_once=16,
        cache=str(cache),
        sampling=SamplingSettings(steps=steps, video=plain, audio=guided, perturbed_blocks=()),
    )


def spoken(asked: list[Asked], settings: LtxSettings) -> Iterator[tuple[Asked, NDArray[np.float32]]]:
    """Each with its sound, `[2, samples]` at 48 kHz.

    Raises:
        RuntimeError: One was not rendered.
    """
    by_key = {f"{number:08d}": one for number, one in enumerate(asked)}
    jobs = [_job(key, one) for key, one in by_key.items()]
    with tempfile.TemporaryDirectory() as folder:
        media = MediaFolder(Path(folder))
        for outcome in LtxRenderer(media, settings).render(jobs, Job()):
            if not isinstance(outcome, Take):
                raise RuntimeError(f"a caption was not rendered: {outcome}")
            with SoundReader(media.path(outcome.media)) as reader:
                sound = reader.read(Span(0, outcome.length_samples))
            yield by_key[outcome.key], sound


def _job(key: str, asked: Asked) -> RenderJob:
    clip = asked.clip
    voice = Voice(name=clip.voice, gender=Gender(clip.gender))
    region = Region(
        id=key, span=clip.span_frames, register=asked.register.name, voice=voice.name, line=clip.line, look="a card"
    )
    return RenderJob(
        key=key,
        content=key,
        region=region,
        voice=voice,
        register=asked.register,
        caption=asked.caption,
        window=Window(start=0, model_frames=FRAMES),
        rate=FRAME_RATE,
        start_frame=0,
        drop_frame=False,
        raster=_RASTER,
        picture=PictureMode.CUT,
        seed=asked.seed,
        renderer="ltx",
    )
