"""How far two sounds of one length lie apart: as waves, as spectra, and in level."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate, correlation_lags, stft

from sottovoce_engine.timing import SAMPLE_RATE

Sound = NDArray[np.float32]

_MOST_LAG = SAMPLE_RATE // 20  # 50 ms
_WINDOW, _HOP = 2048, 480  # 43 ms every 10 ms
_BANDS = 80
_RANGE_DB = 80.0  # below the louder one's strongest band nobody hears a difference


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDifference:
    """Two sounds beside each other."""

    correlation: float  # of their waves, -1 to 1, best within 50 ms; 1 is the same but for gain
    lag_ms: float  # by which the other one comes later, where they correlate best
    mel_db: float  # mean distance of their mel spectra
    level_db: float | None  # how much louder the other one is, in RMS; None where one is silent


def sound_difference(one: Sound, other: Sound) -> SoundDifference:
    """How `other` differs from `one`, both `[channels, samples]` in ±1 and as long.

    Source: mel of the HTK book, 2595 log10(1 + f / 700).
    """
    a, b = (sound.mean(axis=0, dtype=np.float64) for sound in (one, other))
    energies = float(a @ a), float(b @ b)
    correlation, lag = _correlated(a, b, (energies[0] * energies[1]) ** 0.5)
    return SoundDifference(
        correlation=correlation,
        lag_ms=1000 * lag / SAMPLE_RATE,
        mel_db=_mel_distance_db(a, b),
        level_db=10 * float(np.log10(energies[1] / energies[0])) if min(energies) > 0 else None,
    )


def _correlated(a: NDArray[np.float64], b: NDArray[np.float64], scale: float) -> tuple[float, int]:
    """(normalised correlation, samples by which `b` is later) at the best lag."""
    if scale == 0:
        return 0.0, 0
    found = correlate(b, a, method="fft") / scale
    lags = correlation_lags(b.size, a.size)
    near = np.abs(lags) <= _MOST_LAG
    best = int(np.argmax(found[near]))
    return float(found[near][best]), int(lags[near][best])


def _mel_distance_db(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    filters = _mel_filters()
    spectra = [filters @ np.abs(stft(sound, nperseg=_WINDOW, noverlap=_WINDOW - _HOP)[2]) ** 2 for sound in (a, b)]
    floor = max(float(power.max()) for power in spectra) * 10 ** (-_RANGE_DB / 10)
    if floor == 0:
        return 0.0
    levels = [10 * np.log10(np.maximum(power, floor)) for power in spectra]
    return float(np.abs(levels[0] - levels[1]).mean())


def _mel_filters() -> NDArray[np.float64]:
    """`[bands, bins]` triangles, evenly spaced in mel up to half the sample rate."""
    highest = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, highest, _BANDS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles: NDArray[np.float64] = np.clip(np.minimum(rising, falling), 0, None)
    return triangles
