"""What a vocoder is trained by: how unlike two sounds are, in spectra and in periodicity.

Spectra at several resolutions say how loud each band is, and little about whether a noise is one: a generator without
any randomness of its own fills a whisper with a buzz at the frame rate, 100 Hz, which is a voice to a listener and to the
judge. So the sound's likeness to itself a moment later is compared as well. That is near what the judge measures;
WORLD's DIO, which is no part of any loss, is the second witness in the tables.

Bins of a noise are as loud as chance has it, and a generator that cannot foresee them stays under them: after 2,500 steps by
bins alone everything came out 2 to 5 LU too quiet. Bands of many bins are what they are, and hold the level.

Source: spectral convergence and log magnitudes, Yamamoto et al. (2020), Parallel WaveGAN; the autocorrelation as the
judge has it (`judge/periodicity.py`).
"""

from functools import cache

import torch
from bench.learned.corpus import RATE
from torch import Tensor
from torch.nn.functional import pad
from transformers.audio_utils import mel_filter_bank

_FFTS = (256, 512, 1024, 2048)
_BAND_FFT, _BANDS = 1024, 32
_LOWEST_MAGNITUDE = 1e-4
_BAND_HZ = (70.0, 1200.0)
_HALF_RATE_HOP, _HALF_RATE_WINDOW = 80, 320  # 10 and 40 ms at RATE / 2
_LOWEST_LAG, _HIGHEST_LAG = 10, 114  # 800 to 70 Hz
_FLOOR_POWER = 1e-7  # -70 dBFS: below, periodicity means nothing


def spectral_unlikeness(made: Tensor, real: Tensor) -> Tensor:
    """Over all resolutions; both `[rows, samples]` at RATE."""
    total = made.new_zeros(())
    for fft in _FFTS:
        ours, theirs = _magnitudes(made, fft), _magnitudes(real, fft)
        apart = ours - theirs
        total = total + apart.square().sum().sqrt() / theirs.square().sum().sqrt().clamp(min=1e-3)
        total = total + (ours.log() - theirs.log()).abs().mean()
    return total / len(_FFTS)


def band_unlikeness(made: Tensor, real: Tensor) -> Tensor:
    """Mean distance of the bands' levels in nepers; both `[rows, samples]` at RATE."""
    bank = _bank(made.device)
    ours, theirs = ((_magnitudes(sound, _BAND_FFT).square().mT @ bank).log() / 2 for sound in (made, real))
    return (ours - theirs).abs().mean()


def periodic_unlikeness(made: Tensor, real: Tensor) -> Tensor:
    """Mean distance of the normalised autocorrelations; both `[rows, samples]` at RATE, a multiple of 160."""
    ours, _ = _autocorrelation(made)
    theirs, power = _autocorrelation(real)
    weights = power / (power + _FLOOR_POWER)
    return ((ours - theirs).abs().mean(-1) * weights).sum() / weights.sum().clamp(min=1.0)


@cache
def _bank(device: torch.device) -> Tensor:
    """`[frequencies, bands]`, each band's weights adding up to 1."""
    bank = mel_filter_bank(
        num_frequency_bins=_BAND_FFT // 2 + 1,
        num_mel_filters=_BANDS,
        min_frequency=0.0,
        max_frequency=RATE / 2,
        sampling_rate=RATE,
        mel_scale="slaney",
    )
    return torch.from_numpy(bank / bank.sum(0)).float().to(device)


def _magnitudes(sound: Tensor, fft: int) -> Tensor:
    window = torch.hann_window(fft, device=sound.device)
    spectrum = torch.stft(sound, fft, fft // 4, window=window, return_complex=True)
    # As a root of a sum, away from 0: the magnitude of a complex 0 has no slope.
    return (spectrum.real.square() + spectrum.imag.square() + _LOWEST_MAGNITUDE**2).sqrt()


def _autocorrelation(sound: Tensor) -> tuple[Tensor, Tensor]:
    """`[rows, frames, lags]`, and the power of each frame in the band of the voice."""
    spectrum = torch.fft.rfft(sound)
    frequencies = torch.fft.rfftfreq(sound.shape[-1], 1 / RATE, device=sound.device)
    # A Butterworth band of the fourth order, without its phase.
    low, high = (_BAND_HZ[0] / frequencies.clamp(min=1.0)) ** 8, (frequencies / _BAND_HZ[1]) ** 8
    half = sound.shape[-1] // 2
    coarse = torch.fft.irfft((spectrum / ((1 + low) * (1 + high)).sqrt())[..., : half // 2 + 1], half) / 2
    reach = _HALF_RATE_WINDOW + _HIGHEST_LAG
    frames = coarse.unfold(-1, reach, _HALF_RATE_HOP)
    size = 1024
    here = torch.fft.rfft(pad(frames[..., :_HALF_RATE_WINDOW], (0, reach - _HALF_RATE_WINDOW)), size)
    products = torch.fft.irfft(here.conj() * torch.fft.rfft(frames, size), size)[..., _LOWEST_LAG : _HIGHEST_LAG + 1]
    sums = pad(frames.square().cumsum(-1), (1, 0))
    energies = (sums[..., _HALF_RATE_WINDOW:] - sums[..., :-_HALF_RATE_WINDOW]).clamp(min=0.0)
    floor = _FLOOR_POWER * _HALF_RATE_WINDOW * 1e-2
    scale = ((energies[..., :1] + floor) * (energies[..., _LOWEST_LAG : _HIGHEST_LAG + 1] + floor)).sqrt()
    return products / scale, energies[..., 0] / _HALF_RATE_WINDOW
