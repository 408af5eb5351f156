"""The measures by which registers are told apart, over speech-active frames of sound at 48 kHz.

Sources: autocorrelation as a mark of whisper, arXiv 1809.07832; alpha ratio, Frøkjær-Jensen and Prytz
(1976); voiced share by DIO, Morise et al. (2009).
"""

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import signal

from sottovoce_engine.renderers.scratch.world import analysed

Mono = NDArray[np.float64]

_RATE = 48_000


def autocorrelation_voicing(sound: Mono) -> float:
    """v: mean peak of the normalised autocorrelation, lags of 2.5 to 14.3 ms, 70 to 1200 Hz, at 8 kHz."""
    band = signal.butter(4, [70, 1200], "band", fs=8000, output="sos")
    low = signal.sosfiltfilt(band, soxr.resample(sound, _RATE, 8000))
    length, lags = 320, range(20, 115)
    frames = np.lib.stride_tricks.sliding_window_view(low, length + lags[-1])[::80]
    energy = (frames[:, :length] ** 2).sum(axis=1)
    frames = frames[energy > energy.max() * 10**-2.5]
    here = frames[:, :length]
    best = np.full(len(frames), -1.0)
    for lag in lags:
        there = frames[:, lag : lag + length]
        both = np.sqrt((here**2).sum(axis=1) * (there**2).sum(axis=1))
        best = np.maximum(best, (here * there).sum(axis=1) / np.maximum(both, 1e-20))
    return float(best.mean())


def alpha_ratio_db(sound: Mono) -> float:
    """Energy from 1 to 5 kHz over that below 1 kHz."""
    level = (sound[: len(sound) // 480 * 480].reshape(-1, 480) ** 2).mean(axis=1)
    active = sound[: len(level) * 480][np.repeat(level > level.max() * 1e-3, 480)]
    frequencies, power = signal.welch(active, _RATE, nperseg=2048)
    high = power[(frequencies >= 1000) & (frequencies < 5000)].sum()
    return float(10 * np.log10(high / power[(frequencies > 50) & (frequencies < 1000)].sum()))


def pitch(sound: Mono) -> Mono:
    """f0 in Hz of each speech-active 5 ms, 0 where it is unvoiced."""
    at_24k = soxr.resample(sound, _RATE, 24_000)
    f0 = analysed(at_24k, None, lambda: None, breath=False).f0
    steps = min(len(f0), len(at_24k) // 120)
    level = (at_24k[: steps * 120].reshape(-1, 120) ** 2).mean(axis=1)
    return np.asarray(f0[:steps][level > level.max() * 10**-2.5])


def voiced_share(sound: Mono) -> float:
    return float((pitch(sound) > 0).mean())


def median_f0(sound: Mono) -> float:
    f0 = pitch(sound)
    return float(np.median(f0[f0 > 0])) if (f0 > 0).any() else 0.0


def level_db(sound: Mono) -> float:
    """RMS; -200 for nothing."""
    return float(10 * np.log10(max(float(np.mean(sound**2)) if len(sound) else 0.0, 1e-20)))
