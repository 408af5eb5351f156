r"""Clipping, at full scale or anywhere below it: many samples at one ceiling and hardly any just under it.

    clean      /\    _/\_             one peak is the highest, the others end anywhere below
    clipped   |‾‾|  |‾‾‾|  |‾|        they all end at the same height, whatever gain came after

A filter after the clipping tilts the tops; that is not found.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.damage_values import DamageThresholds
from sottovoce_engine.timing import SAMPLE_RATE, Span

Mono = NDArray[np.float32]  # [samples]

_QUIETEST = 1e-3  # of full scale: steps of 16 bits make flat tops of their own below
_FLAT = 5e-4  # of the peak
_STEPS = 1.5 / 32_768  # two neighbouring values of 16 bits are one height
_UNDER = 11  # times as far down: where unclipped peaks would end, too
_TOPS = 1.2  # samples a top, at least: a limiter's peaks are of one height, but single
_PULSES = 0.45  # of all samples: square waves and steady offsets are no clipped speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Clipped:
    """The clipped tops of a stretch of sound."""

    tops: tuple[Span, ...]
    worst_percent: float  # of the samples of its worst second


def clipped_in(sound: Mono, thresholds: DamageThresholds) -> Clipped:
    """The flat tops of each second of `[samples]`, of either sign. What lies beyond full scale is at its ceiling."""
    tops: list[Span] = []
    worst = 0.0
    for start in range(0, sound.size, SAMPLE_RATE):
        second = sound[start : start + SAMPLE_RATE]
        samples = 0
        for peak, above in ((float(second.max()), second), (-float(second.min()), -second)):
            at = _at_ceiling(above, peak, thresholds) if peak > _QUIETEST else _NOTHING
            samples += at.size
            tops += [span.shifted(start) for span in _runs(at)]
        worst = max(worst, 100.0 * samples / min(SAMPLE_RATE, sound.size))  # the last one is rarely whole
    return Clipped(tops=tuple(sorted(tops)), worst_percent=worst)


_NOTHING = np.zeros(0, np.int64)


def _at_ceiling(sound: Mono, peak: float, thresholds: DamageThresholds) -> NDArray[np.int64]:
    """The places of the samples at the ceiling, or none where the ceiling is just the highest peak."""
    over, peak = peak > 1.0, min(peak, 1.0)
    flat = max(_FLAT * peak, _STEPS)
    near = np.flatnonzero(sound >= peak - _UNDER * flat)
    at = near[sound[near] >= peak - flat]
    runs = 1 + np.count_nonzero(np.diff(at) > 1)
    clipped = (
        at.size >= thresholds.clipped_samples
        and (over or at.size >= _TOPS * runs)
        and at.size >= thresholds.clipped_pile_up * (near.size - at.size + 1)
        and (over or at.size < _PULSES * sound.size)
    )
    return at if clipped else _NOTHING


def _runs(at: NDArray[np.int64]) -> list[Span]:
    """Neighbouring places as spans."""
    if not at.size:
        return []
    breaks = np.flatnonzero(np.diff(at) > 1)
    starts, ends = at[np.r_[0, breaks + 1]], at[np.r_[breaks, at.size - 1]] + 1
    return [Span(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
