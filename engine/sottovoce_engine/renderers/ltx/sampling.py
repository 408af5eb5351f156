"""The denoising loop: from noise to the latents of takes, step by step."""

import itertools
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.denoising import Denoiser
from sottovoce_engine.renderers.ltx.guidance import Pass, guided
from sottovoce_engine.renderers.ltx.latents import KeptVideo, Latents
from sottovoce_engine.renderers.ltx.sampling_settings import Guidance, SamplingSettings

STAGE = "sampling"


@torch.inference_mode()
def sampled(
    denoiser: Denoiser,
    noise: Latents,
    levels: tuple[float, ...],
    settings: SamplingSettings,
    job: Job,
    *,
    kept: KeptVideo | None = None,
    done: int = 0,
    total: int | None = None,
    about: str = "",
) -> Latents:
    """The clean latents of a batch of takes, normalised, float32.

    Args:
        denoiser: Predicts for this batch.
        noise: float32, one row for each take, on the denoiser's device.
        levels: Noise levels, the final 0 included.
        settings: The guidance.
        job: Told of every step; cancelling takes effect before the next one.
        kept: What of the picture is given, as the denoiser was told.
        done: Steps that batches before this one took.
        total: Steps of all batches; None: there is only this one.
        about: Key of the take being made.

    Source: LTX2Pipeline of diffusers: guidance on predictions of the clean latents, Euler steps between levels.
    """
    latents = noise if kept is None else _with_kept(noise, kept, levels[0])
    total = len(levels) - 1 if total is None else total
    for index, (level, following) in enumerate(itertools.pairwise(levels)):
        job.step(STAGE, done + index, total, about=about)
        velocities = denoiser.velocities(latents, level)
        video = _prediction(latents, velocities, level, "video", settings.video)
        audio = _prediction(latents, velocities, level, "audio", settings.audio)
        if kept is not None:
            share = kept.share[None, :, None]
            video = video * (1 - share) + kept.clean * share
        latents = Latents(
            video=_stepped(latents.video, video, level, following),
            audio=_stepped(latents.audio, audio, level, following),
        )
    job.step(STAGE, done + len(levels) - 1, total, about=about)
    return latents


def _with_kept(noise: Latents, kept: KeptVideo, level: float) -> Latents:
    """The first state: noise, less of it where the picture is given."""
    noisy = (1 - kept.share[None, :, None]) * level
    return Latents(video=noise.video * noisy + kept.clean * (1 - noisy), audio=noise.audio)


def _prediction(
    latents: Latents,
    velocities: Mapping[Pass, Latents],
    level: float,
    part: Literal["video", "audio"],
    guidance: Guidance,
) -> Tensor:
    state = latents.video if part == "video" else latents.audio
    predictions = {
        kind: state - level * (velocity.video if part == "video" else velocity.audio)
        for kind, velocity in velocities.items()
    }
    return guided(predictions, guidance)


def _stepped(state: Tensor, clean: Tensor, level: float, following: float) -> Tensor:
    velocity = (state - clean) / level
    return state + (following - level) * velocity
