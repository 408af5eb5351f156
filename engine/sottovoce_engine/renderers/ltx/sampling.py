"""The denoising loop: from noise to the latents of takes, step by step."""

import itertools
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.denoising import Denoiser
from sottovoce_engine.renderers.ltx.guidance import Pass, guided
from sottovoce_engine.renderers.ltx.latents import KeptAudio, KeptVideo, Latents
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
    kept_audio: KeptAudio | None = None,
    refined: Latents | None = None,
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
        kept_audio: What of the sound is given, likewise.
        refined: Clean latents that are sampled again from the first level on; None: there is only noise.
        done: Steps that batches before this one took.
        total: Steps of all batches; None: there is only this one.
        about: Key of the take being made.

    Source: LTX2Pipeline of diffusers: guidance on predictions of the clean latents, Euler steps between levels.
    """
    latents = Latents(
        video=_start(noise.video, None if refined is None else refined.video, kept, levels[0]),
        audio=_start(noise.audio, None if refined is None else refined.audio, kept_audio, levels[0]),
    )
    total = len(levels) - 1 if total is None else total
    picture_stays = kept is not None and kept.whole
    for index, (level, following) in enumerate(itertools.pairwise(levels)):
        job.step(STAGE, done + index, total, about=about)
        velocities = denoiser.velocities(latents, level)
        audio = _with_kept(_prediction(latents, velocities, level, "audio", settings.audio), kept_audio)
        sound = _stepped(latents.audio, audio, level, following)
        if picture_stays:
            latents = Latents(video=latents.video, audio=sound)
            continue
        video = _with_kept(_prediction(latents, velocities, level, "video", settings.video), kept)
        latents = Latents(video=_stepped(latents.video, video, level, following), audio=sound)
    job.step(STAGE, done + len(levels) - 1, total, about=about)
    return latents


def _start(noise: Tensor, refined: Tensor | None, kept: KeptVideo | KeptAudio | None, level: float) -> Tensor:
    """The first state of picture or sound: noise over what is sampled again, less of it where something is given."""
    if kept is None:
        return noise if refined is None else level * noise + (1 - level) * refined
    share = kept.share[None, :, None]
    noisy = (1 - share) * level
    clean = kept.clean if refined is None else torch.where(share > 0, kept.clean, refined)
    return noise * noisy + clean * (1 - noisy)


def _with_kept(clean: Tensor, kept: KeptVideo | KeptAudio | None) -> Tensor:
    """A prediction of the clean latents with what is given in its place."""
    if kept is None:
        return clean
    share = kept.share[None, :, None]
    return clean * (1 - share) + kept.clean * share


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
