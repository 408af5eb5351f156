"""Clicks: single bends of the waveform far beyond what bends there otherwise.

A voice bends sharply at every glottal pulse and throughout a whispered or plosive consonant: hundreds of
times a second, so they set what is usual. A click is a fraction of a millisecond with nothing like it around.

Source: the bend is that by which joins are measured: the second difference over the 99.9th percentile of
those around it.
"""

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.damage_values import DamageThresholds
from sottovoce_engine.timing import SAMPLE_RATE

Mono = NDArray[np.float32]  # [samples]

GRAIN = SAMPLE_RATE // 4000  # 0.25 ms
_WINDOW, _HOP = 4000, 1000  # grains: what is usual within a second, every quarter of one
_SHORTEST = 1000
_RANK = 0.993  # of the grains' peaks: 28 grains a second lie above, about 0.1 % of the samples
_WIDEST = 4  # grains
_NEAR, _FAR = 4, 24  # grains on each side that must be calm: from 1 to 6 ms away


def clicks_in(sound: Mono, thresholds: DamageThresholds) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The grains of `[samples]` that hold a click, and how far each lies over what is usual there, in dB."""
    bends = np.abs(np.diff(sound, n=2))
    count = bends.size // GRAIN
    if count < _SHORTEST:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    grains = bends[: count * GRAIN].reshape(count, GRAIN).max(axis=1)
    usual = _usual(grains) + np.float32(10 ** (thresholds.click_quietest_dbfs / 20))
    high = np.flatnonzero(grains >= usual * np.float32(10 ** (thresholds.click_over_usual_db / 20)))
    peaks = high[_are_peaks(grains, high) & _stand_alone(grains, high, thresholds)]
    return peaks, 20.0 * np.log10(grains[peaks] / usual[peaks])


def _usual(grains: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each grain, the percentile of those within half a second of it."""
    width = min(_WINDOW, grains.size)
    windows = np.lib.stride_tricks.sliding_window_view(grains, width)[::_HOP]
    rank = int(_RANK * (width - 1))
    found = np.partition(windows, rank, axis=1)[:, rank]
    nearest = (np.arange(grains.size) - (width - _HOP) // 2) // _HOP
    return np.asarray(found[np.clip(nearest, 0, found.size - 1)])


def _are_peaks(grains: NDArray[np.float32], high: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each is the highest of its cluster, the first of equals."""
    before, after = _around(grains, high, range(-_WIDEST, 0)), _around(grains, high, range(1, _WIDEST + 1))
    peaks: NDArray[np.bool_] = (grains[high] > before) & (grains[high] >= after)
    return peaks


def _stand_alone(
    grains: NDArray[np.float32], high: NDArray[np.int64], thresholds: DamageThresholds
) -> NDArray[np.bool_]:
    calm = grains[high] * np.float32(10 ** (-thresholds.click_over_surroundings_db / 20))
    sides = (range(-_FAR, -_NEAR + 1), range(_NEAR, _FAR + 1))
    alone: NDArray[np.bool_] = np.all([_around(grains, high, side) <= calm for side in sides], axis=0)
    return alone


def _around(grains: NDArray[np.float32], at: NDArray[np.int64], offsets: range) -> NDArray[np.float32]:
    """The highest grain at those offsets from each place; nothing lies beyond the ends."""
    places = at[:, None] + np.array(offsets)
    inside = (places >= 0) & (places < grains.size)
    found: NDArray[np.float32] = np.where(inside, grains[np.clip(places, 0, grains.size - 1)], 0).max(axis=1)
    return found
