"""Waveform to log-mel spectrogram, as the audio VAE's encoder expects it. diffusers has none.

    48 kHz ──soxr──► 16 kHz ──► Hann window of 64 ms every 10 ms ──► magnitudes ──► 64 mel bands ──► log

    frame      0       1       2       3       4              centred on 0, 10, 20 … ms
    latent     |   0   |            1            |   2 …      the first frame alone, then one latent for every 4

Untested on the real weights: no value below could be held against sound that the model was trained on.

Source, each file under Apache-2.0 by its own header, and at one with each other:
    sample rate, hop and bands   the VAE's own config (`sample_rate`, `mel_hop_length`, `mel_bins` of diffusers'
                                 AutoencoderKLLTX2Audio: 16,000, 160, 64)
    the rest                     `AudioProcessor` of FastVideo (fastvideo/models/audio/ltx2_audio_processing.py) and
                                 `LTX2AudioProcessor` of SimpleTuner (helpers/models/ltxvideo2/audio_autoencoder.py):
                                 n_fft = win_length = 1,024, periodic Hann, centred, reflected at both ends, magnitude
                                 and not power, bands from 0 to half the rate, Slaney's scale and normalisation,
                                 natural logarithm of at least 1e-5
The settings inside the 2.3 checkpoint call the transform causal (`preprocessing.stft.causal`); every public encoder
centres it all the same, and so does this one. If that is wrong, what is held lies up to 32 ms off.
"""

from functools import cache

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

from sottovoce_engine.timing import SAMPLE_RATE

WINDOW_SAMPLES = 1_024  # at the mel's own rate
LOWEST_MAGNITUDE = 1e-5


def log_mel(sound: NDArray[np.float32], *, rate: int, hop: int, bands: int) -> Tensor:
    """The log-mel spectrogram, `[1, channels, frames, bands]` float32 on the CPU: frame n is centred on n hops.

    Args:
        sound: 48 kHz, `[channels, samples]` in ±1, longer than 32 ms.
        rate: Of the spectrogram, samples a second.
        hop: Samples at that rate from frame to frame.
        bands: Mel bands.
    """
    resampled = soxr.resample(sound.T, SAMPLE_RATE, rate, quality="VHQ").T
    return mel_of(torch.from_numpy(np.ascontiguousarray(resampled, np.float32)), rate=rate, hop=hop, bands=bands)[None]


def mel_of(waveform: Tensor, *, rate: int, hop: int, bands: int) -> Tensor:
    """As `log_mel`, of `[..., samples]` that is at the mel's own rate already: `[..., frames, bands]`, where it lies."""
    spectrum = torch.stft(
        waveform.flatten(0, -2),
        WINDOW_SAMPLES,
        hop_length=hop,
        window=torch.hann_window(WINDOW_SAMPLES, device=waveform.device),
        center=True,
        pad_mode="reflect",
        return_complex=True,
    )
    mel = torch.from_numpy(_bank(rate, bands)).to(waveform.device).T @ spectrum.abs()
    logarithms: Tensor = mel.clamp(min=LOWEST_MAGNITUDE).log().transpose(1, 2)
    return logarithms.reshape(*waveform.shape[:-1], *logarithms.shape[1:])


@cache
def _bank(rate: int, bands: int) -> NDArray[np.float32]:
    """`[frequencies, bands]`."""
    bank: NDArray[np.float32] = mel_filter_bank(
        num_frequency_bins=WINDOW_SAMPLES // 2 + 1,
        num_mel_filters=bands,
        min_frequency=0.0,
        max_frequency=rate / 2,
        sampling_rate=rate,
        norm="slaney",
        mel_scale="slaney",
    ).astype(np.float32)
    return bank
