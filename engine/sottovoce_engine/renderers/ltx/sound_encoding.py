"""Sound to the latents that stand for it: the way back of `decoded_audio`."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce_engine.renderers.ltx.latent_shape import MEL_FRAMES_PER_LATENT, SAMPLES_PER_MEL_FRAME
from sottovoce_engine.renderers.ltx.latents import packed_audio
from sottovoce_engine.renderers.ltx.sound_mel import WINDOW_SAMPLES, log_mel
from sottovoce_engine.timing import SAMPLE_RATE


def samples_for(tokens: int) -> int:
    """How much sound, 48 kHz, so many latents stand for: what the vocoder makes of them."""
    return (MEL_FRAMES_PER_LATENT * (tokens - 1) + 1) * SAMPLES_PER_MEL_FRAME


@torch.inference_mode()
def encoded_sound(sound: NDArray[np.float32], tokens: int, vae: Any) -> Tensor:
    """The sound as normalised latents, `[1, tokens, 128]` float32 on the CPU.

    Args:
        sound: 48 kHz, `[2, samples]` in ±1; silence follows where it ends. The last latent hears 32 ms more than
            `samples_for` it.
        tokens: How many latents, 40 ms each but the first, which is 10 ms; one or more.
        vae: The audio VAE.

    Source: as the pipelines of diffusers take latents apart (`_denormalize_audio_latents`): statistics by packed channel.
    """
    config = vae.config
    wanted = samples_for(tokens) + WINDOW_SAMPLES // 2 * SAMPLE_RATE // config.sample_rate
    whole = np.pad(sound[:, :wanted], ((0, 0), (0, max(0, wanted - sound.shape[1]))))
    mel = log_mel(whole, rate=config.sample_rate, hop=config.mel_hop_length, bands=config.mel_bins)
    mel = mel[:, :, : MEL_FRAMES_PER_LATENT * (tokens - 1) + 1]
    found = packed_audio(vae.encode(mel.to(vae.device, vae.dtype)).latent_dist.mode()).float()
    normalised: Tensor = (found - vae.latents_mean.to(found)) / vae.latents_std.to(found)
    return normalised.cpu()
