"""Mains hum: 50 or 60 Hz and their harmonics, steady even while nobody speaks.

A voice moves; in each frequency's quietest moments only what stays is left:

    level   |            .  |              ^ hum, over
            |  ~~~|~~~~~~|~~~~~~           - the frequencies beside it
            +-----50----100---- Hz
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import SAMPLE_RATE

Mono = NDArray[np.float32]  # [samples]

SHORTEST = 2 * SAMPLE_RATE  # below it a held vowel is as steady as hum

_THINNED = 8  # to 6 kHz
_WINDOW = SAMPLE_RATE // _THINNED // 2  # half a second: bins of 2 Hz
_HOP = _WINDOW // 4
_QUIETEST = 5  # percentile over time
_HARMONICS = 6
_MAINS_HZ = (50, 60)
_BIN_HZ = 2
_SILENCE = 1e-12  # power of -120 dBFS


@dataclass(frozen=True, slots=True, kw_only=True)
class Hum:
    """The stronger of the two mains frequencies."""

    hertz: int
    over_db: float  # over the frequencies beside it: mean of its two clearest harmonics
    level_dbfs: float  # of all its harmonics together


def hum_in(sound: Mono) -> Hum:
    """What there is of hum in `[samples]`, `SHORTEST` or longer; there is always a little."""
    count = sound.size // _THINNED
    thinned = sound[: count * _THINNED].reshape(count, _THINNED).mean(axis=1)
    window = np.hanning(_WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(thinned, _WINDOW)[::_HOP] * window
    bins = np.fft.rfft(frames)[:, : (_HARMONICS + 1) * _MAINS_HZ[-1] // _BIN_HZ]
    powers = np.abs(bins) ** 2 * (2.0 / (_WINDOW * float(np.sum(window**2))))
    steady = np.percentile(powers, _QUIETEST, axis=0) + _SILENCE
    return max((_hum_at(hertz, steady) for hertz in _MAINS_HZ), key=lambda hum: hum.over_db)


def _hum_at(hertz: int, steady: NDArray[np.float64]) -> Hum:
    over, power = [], 0.0
    for harmonic in range(1, _HARMONICS + 1):
        middle = harmonic * hertz // _BIN_HZ
        beside = np.median(np.r_[steady[max(2, middle - 9) : middle - 3], steady[middle + 4 : middle + 10]])
        here = steady[middle - 1 : middle + 2]
        over.append(10.0 * float(np.log10(here.max() / beside)))
        power += max(0.0, float(here.sum() - 3.0 * beside))
    over.sort()
    return Hum(hertz=hertz, over_db=(over[-1] + over[-2]) / 2.0, level_dbfs=10.0 * float(np.log10(power + _SILENCE)))
