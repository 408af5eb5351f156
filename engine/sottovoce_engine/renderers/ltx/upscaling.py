"""Sampling in two stages: at half the raster, then again at twice that from three steps before the end.

    noise ──► stage 1 ──► picture, half size ──► upsampler ──► picture + noise ──► stage 2 ──► picture
                     └──► sound ───────────── kept ─────────► given clean ──────────────────► sound
                                          or  sampled again ► sound + noise ────► stage 2 ──► sound

Source: the two-stage examples of diffusers' LTX-2 documentation; holding the sound clean: `freeze_audio` of its
LTX2DFRPipeline.
"""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import KeptAudio, Latents, packed_video, unpacked_video


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LatentStatistics:
    """What the video VAE's latents are normalised with, on the CPU."""

    mean: Tensor  # [128]
    deviation: Tensor  # [128]
    scale: float


def statistics_of(vae: Any) -> LatentStatistics:
    """The statistics that a VAE carries, so that it need not stay."""
    return LatentStatistics(
        mean=vae.latents_mean.cpu(), deviation=vae.latents_std.cpu(), scale=vae.config.scaling_factor
    )


def halved(shape: LatentShape) -> LatentShape:
    """The first stage's shape of a window whose picture is to have `shape`.

    Raises:
        ValueError: The raster's sides are no multiples of 64.
    """
    if shape.rows % 2 or shape.columns % 2:
        raise ValueError(f"{shape} cannot be halved")
    return replace(shape, rows=shape.rows // 2, columns=shape.columns // 2)


@torch.inference_mode()
def upsampled(latents: Latents, shape: LatentShape, upsampler: Any, statistics: LatentStatistics) -> Latents:
    """Picture at twice the raster, sound as it was: normalised, float32, `[takes, 4 * video tokens, 128]`.

    Args:
        latents: Clean and normalised, as sampling returns them.
        shape: Of `latents`.
        upsampler: diffusers' LTX2LatentUpsamplerModel, on the latents' device.
        statistics: Of the video VAE.

    Source: LTX2LatentUpsamplePipeline of diffusers: the upsampler's latents are not normalised.
    """
    mean, deviation = (
        values.to(latents.video).view(1, -1, 1, 1, 1) for values in (statistics.mean, statistics.deviation)
    )
    plain = unpacked_video(latents.video, shape) * deviation / statistics.scale + mean
    larger: Tensor = upsampler(plain.to(upsampler.dtype)).to(latents.video.dtype)
    return Latents(video=packed_video((larger - mean) * statistics.scale / deviation), audio=latents.audio)


def sound_kept(audio: Tensor) -> KeptAudio:
    """All of the first stage's sound, `[takes, audio tokens, 128]`: the second samples the picture to it."""
    return KeptAudio(share=audio.new_ones(audio.shape[1]), clean=audio)
