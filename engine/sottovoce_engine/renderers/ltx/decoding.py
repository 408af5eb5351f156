"""Latents to pictures and sound."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import Latents, unpacked_audio, unpacked_video
from sottovoce_engine.renderers.ltx.working_memory import TILE, TILE_STRIDE

SOUNDS_AT_ONCE = 8
_STEREO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingModels:
    """The last stage's models, on one device. The vocoder is in float32: in bf16 its error nearly doubles."""

    vae: Any
    audio_vae: Any
    vocoder: Any


def decode_in_tiles(vae: Any, *, tiled: bool) -> None:
    """Has the video VAE work through a picture in tiles, each over all frames, and blend them; or as a whole.

    Tiles need a fraction of the memory. Where they overlap the picture differs a little from that made as a whole.
    """
    if tiled:
        vae.enable_tiling(
            tile_sample_min_height=TILE,
            tile_sample_min_width=TILE,
            tile_sample_stride_height=TILE_STRIDE,
            tile_sample_stride_width=TILE_STRIDE,
        )
    else:
        vae.disable_tiling()


@torch.inference_mode()
def decoded_video(latents: Latents, shape: LatentShape, models: DecodingModels) -> NDArray[np.uint8]:
    """The picture of one take: full-range R'G'B', `[frames, rows, columns, 3]`."""
    vae = models.vae
    clean = unpacked_video(latents.video.to(vae.device), shape)
    mean, deviation = (_channels(values, clean) for values in (vae.latents_mean, vae.latents_std))
    clean = clean * deviation / vae.config.scaling_factor + mean
    timestep = torch.zeros(1, device=clean.device, dtype=vae.dtype) if vae.config.timestep_conditioning else None
    video: Tensor = vae.decode(clean.to(vae.dtype), timestep, return_dict=False)[0]
    pictures = np.empty((*video.shape[2:], video.shape[1]), np.uint8)
    for index in range(len(pictures)):  # frame by frame: all of them in float32 would need as much memory again
        levels = (video[0, :, index].float() / 2 + 0.5).nan_to_num(0.0).clamp(0, 1) * 255
        pictures[index] = levels.round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    return pictures


def decoded_audio(latents: Latents, models: DecodingModels) -> NDArray[np.float32]:
    """The sound of one take: 48 kHz, `[2, samples]` in ±1, some 30 ms shorter than the picture."""
    return decoded_sounds([latents], models)[0]


@torch.inference_mode()
def decoded_sounds(latents: Sequence[Latents], models: DecodingModels) -> list[NDArray[np.float32]]:
    """The sound of several takes, those of one length side by side: each as `decoded_audio` makes it."""
    lengths: dict[int, list[int]] = {}
    for number, take in enumerate(latents):
        lengths.setdefault(take.audio.shape[1], []).append(number)
    sounds: dict[int, NDArray[np.float32]] = {}
    for alike in lengths.values():
        for start in range(0, len(alike), SOUNDS_AT_ONCE):
            batch = alike[start : start + SOUNDS_AT_ONCE]
            made = _sounds(torch.cat([latents[number].audio for number in batch]), models)
            sounds |= dict(zip(batch, made, strict=True))
    return [sounds[number] for number in range(len(latents))]


def _sounds(audio: Tensor, models: DecodingModels) -> NDArray[np.float32]:
    """`[takes, tokens, 128]` to `[takes, 2, samples]`."""
    vae, vocoder = models.audio_vae, models.vocoder
    clean = audio.to(vae.device)
    clean = clean * vae.latents_std.to(clean) + vae.latents_mean.to(clean)
    spectrograms = vae.decode(unpacked_audio(clean).to(vae.dtype), return_dict=False)[0]
    with _whole_float32():
        sounds: NDArray[np.float32] = vocoder(spectrograms.float()).float().cpu().numpy()
    return np.repeat(sounds, _STEREO, axis=1) if sounds.shape[1] == 1 else sounds


@contextmanager
def _whole_float32() -> Iterator[None]:
    """Convolutions in float32 as such: cuDNN would round what they are given to TF32's 10 bits, 600 times the error."""
    convolutions = torch.backends.cudnn.conv  # type: ignore[attr-defined]
    before = convolutions.fp32_precision
    convolutions.fp32_precision = "ieee"
    try:
        yield
    finally:
        convolutions.fp32_precision = before


def _channels(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like).view(1, -1, 1, 1, 1)
