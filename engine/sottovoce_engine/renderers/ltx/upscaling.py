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
class SecondStart:
    """What a second stage starts from, beside its noise: the arguments of `sampled` of these names."""

    refined: Latents  # clean, of the second stage's shape
    kept_audio: KeptAudio | None  # None: the sound is sampled again


def halved(shape: LatentShape) -> LatentShape:
    """The first stage's shape of a window whose picture is to have `shape`.

    Raises:
        ValueError: The raster's sides are no multiples of 64.
    """
    if shape.rows % 2 or shape.columns % 2:
        raise ValueError(f"{shape} cannot be halved")
    return replace(shape, rows=shape.rows // 2, columns=shape.columns // 2)


def second_start(first: Latents, shape: LatentShape, upsampler: Any, vae: Any, *, keep_sound: bool) -> SecondStart:
    """What the first stage hands to the second.

    Args:
        first: Clean latents of the first stage, float32.
        shape: Of the first stage.
        upsampler: See `upsampled`.
        vae: See `upsampled`.
        keep_sound: The first stage's sound stays, and the picture is sampled to it.
    """
    share = torch.ones(first.audio.shape[1], device=first.audio.device)
    return SecondStart(
        refined=Latents(video=upsampled(first, shape, upsampler, vae), audio=first.audio),
        kept_audio=KeptAudio(share=share, clean=first.audio) if keep_sound else None,
    )


@torch.inference_mode()
def upsampled(latents: Latents, shape: LatentShape, upsampler: Any, vae: Any) -> Tensor:
    """The picture's tokens at twice the raster: normalised, float32, `[takes, 4 * video tokens, 128]`.

    Args:
        latents: Clean and normalised, as sampling returns them.
        shape: Of `latents`.
        upsampler: diffusers' LTX2LatentUpsamplerModel, on the latents' device.
        vae: The video VAE, for the latents' mean and deviation.

    Source: LTX2LatentUpsamplePipeline of diffusers: the upsampler's latents are not normalised.
    """
    mean, deviation = (values.to(latents.video).view(1, -1, 1, 1, 1) for values in (vae.latents_mean, vae.latents_std))
    scale = vae.config.scaling_factor
    plain = unpacked_video(latents.video, shape) * deviation / scale + mean
    larger: Tensor = upsampler(plain.to(upsampler.dtype)).to(latents.video.dtype)
    return packed_video((larger - mean) * scale / deviation)
