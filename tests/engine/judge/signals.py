"""Sounds like speech, made in a millisecond: syllables of pulses or of noise, through two formants."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import iirpeak, lfilter

from sottovoce_engine.timing import SAMPLE_RATE

Mono = NDArray[np.float32]  # [samples] at 48 kHz

_FORMANTS_HZ = (500.0, 1500.0)


def voiced(seconds: float = 1.2, f0_hz: float = 120.0, level: float = 0.1, seed: int = 1) -> Mono:
    """Syllables with a voice of that pitch."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phase = np.cumsum(f0_hz * (1.0 + 0.01 * np.sin(2 * np.pi * times)) / SAMPLE_RATE)
    pulses = np.diff(np.floor(phase), prepend=0.0)
    return _spoken(pulses * 30.0, level, seed)


def whispered(seconds: float = 1.2, level: float = 0.02, seed: int = 1) -> Mono:
    """Syllables of breath."""
    return _spoken(np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE)), level, seed)


def noise(seconds: float, level: float, seed: int = 1) -> Mono:
    """White noise."""
    return np.asarray(level * np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE)), np.float32)


def _spoken(source: NDArray[np.float64], level: float, seed: int) -> Mono:
    sound = sum(lfilter(*iirpeak(hz, 6.0, fs=SAMPLE_RATE), source) for hz in _FORMANTS_HZ)
    times = np.arange(len(source)) / SAMPLE_RATE
    syllables = np.clip(np.sin(2 * np.pi * 3.5 * times + seed) + 0.5, 0.0, 1.0)
    shaped = sound * syllables
    shaped *= level / max(1e-9, float(np.sqrt(np.mean(shaped**2))))
    return np.asarray(shaped, np.float32) + noise(len(source) / SAMPLE_RATE, level * 1e-3, seed)
