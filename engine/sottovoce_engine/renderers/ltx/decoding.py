"""Latents to pictures and sound."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import Latents, unpacked_audio, unpacked_video
from sottovoce_engine.renderers.ltx.working_memory import TILE, TILE_STRIDE

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


@torch.inference_mode()
def decoded_audio(latents: Latents, models: DecodingModels) -> NDArray[np.float32]:
    """The sound of one take: 48 kHz, `[2, samples]` in ±1, some 30 ms shorter than the picture."""
    vae, vocoder = models.audio_vae, models.vocoder
    clean = latents.audio.to(vae.device)
    clean = clean * vae.latents_std.to(clean) + vae.latents_mean.to(clean)
    spectrogram = vae.decode(unpacked_audio(clean).to(vae.dtype), return_dict=False)[0]
    sound: NDArray[np.float32] = vocoder(spectrogram.float())[0].float().cpu().numpy()
    return np.repeat(sound, _STEREO, axis=0) if len(sound) == 1 else sound


def _channels(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like).view(1, -1, 1, 1, 1)
