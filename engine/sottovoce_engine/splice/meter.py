"""Loudness and true peak of sound that comes in blocks: nothing is kept but sums and maxima.

Source: Recommendation ITU-R BS.1770-4, annexes 1 and 2.
"""

import math

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.splice.fades import Samples
from sottovoce_engine.timing import SAMPLE_RATE

SILENCE_DB = -120.0

# Annex 1, tables 1 and 2: the two stages of the K filter at 48 kHz, as second-order sections.
_K_FILTER = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585),
    (1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621),
)
_HOP = SAMPLE_RATE // 10  # gating blocks of 400 ms that overlap by 75 %
_OFFSET_DB = -0.691
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0

# Annex 2: four phases of 12 taps; the other two are these two backwards.
_PHASE_0 = (
    *(0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625),
    *(0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500),
)
_PHASE_1 = (
    *(-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250),
    *(0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375),
)
_TAPS = 12
_KEPT = 2 * _TAPS  # samples of the block before, so that every sample is once seen with its neighbours
_PHASES = np.array([_PHASE_0, _PHASE_1, _PHASE_1[::-1], _PHASE_0[::-1]], np.float32).T
# No sample in between can exceed its neighbours by more than the taps' sum: 6.1 dB.
_MOST = float(np.abs(_PHASES).sum(axis=0).max())


class LoudnessMeter:
    """Integrated loudness of blocks `[2, samples]` of any length."""

    def __init__(self) -> None:
        self._state: NDArray[np.float64] = np.zeros((len(_K_FILTER), 2, 2))
        self._rest: NDArray[np.float64] = np.zeros((2, 0))
        self._powers: list[float] = []  # of each 100 ms, summed over the channels

    def add(self, block: Samples) -> None:
        from scipy.signal import sosfilt  # slow to import, and many scenes have no dialogue of their own

        weighted, self._state = sosfilt(_K_FILTER, block.astype(np.float64), axis=-1, zi=self._state)
        joined = np.concatenate([self._rest, weighted], axis=1)
        whole = joined.shape[1] // _HOP * _HOP
        self._rest = joined[:, whole:]
        self._powers += list(np.mean(joined[:, :whole].reshape(2, -1, _HOP) ** 2, axis=2).sum(axis=0))

    @property
    def lufs(self) -> float | None:
        """None: shorter than 400 ms, or nothing above the gate."""
        if len(self._powers) < 4:
            return None
        blocks = np.convolve(self._powers, np.full(4, 0.25), "valid")
        loud = blocks[blocks > _power(_ABSOLUTE_GATE_LUFS)]
        if loud.size == 0:
            return None
        relative = _lufs(float(loud.mean())) + _RELATIVE_GATE_LU
        return _lufs(float(loud[loud > _power(relative)].mean()))

    def windows_lufs(self, hops: int) -> NDArray[np.float64]:
        """Loudness, without gates, of every run of `hops` times 100 ms, one for each hop; -120 for silence.

        Source: EBU Tech 3341, 2.2: momentary loudness is that of 4 hops, short-term loudness that of 30.
        """
        if len(self._powers) < hops:
            return np.zeros(0)
        means = np.convolve(self._powers, np.full(hops, 1.0 / hops), "valid")
        levels: NDArray[np.float64] = _OFFSET_DB + 10.0 * np.log10(np.maximum(means, 1e-12))
        return np.maximum(levels, SILENCE_DB)


class TruePeakMeter:
    """The true peak of blocks `[channels, samples]`, looked for on both sides of every sample that stands out.

    Samples that could not bring the maximum, nor exceed `limit_dbtp`, are passed over.
    """

    def __init__(self, limit_dbtp: float = 0.0) -> None:
        self._limit = from_db(limit_dbtp)
        self._tail: Samples | None = None
        self._highest = 0.0

    def add(self, block: Samples) -> float:
        """The highest true peak from a few samples before this block to a few before its end, as a factor.

        A lower bound in blocks that are neither above the limit nor the highest so far.
        """
        tail = np.zeros((block.shape[0], _KEPT), np.float32) if self._tail is None else self._tail
        sound = np.concatenate([tail, block], axis=1)
        self._tail = sound[:, -_KEPT:]
        levels = np.abs(sound)
        highest = float(levels.max(initial=0.0))
        threshold = max(min(self._highest, self._limit), highest) / _MOST
        for channel, level in zip(sound, levels[:, _TAPS - 1 : -_TAPS + 1], strict=True) if highest > threshold else ():
            high = np.flatnonzero(level[1:-1] > threshold)
            tops = high[(level[high + 1] >= level[high]) & (level[high + 1] >= level[high + 2])]
            at = tops[:, None] + np.arange(_TAPS // 2 - 1, _TAPS // 2 + 3)
            windows = np.lib.stride_tricks.sliding_window_view(channel, _TAPS)[at]
            highest = max(highest, float(np.abs(windows[..., ::-1] @ _PHASES).max(initial=0.0)))
        self._highest = max(self._highest, highest)
        return highest

    @property
    def dbtp(self) -> float:
        return to_db(self._highest)


def to_db(factor: float) -> float:
    """A factor in dB; -120 for silence."""
    return max(SILENCE_DB, 20.0 * math.log10(factor)) if factor > 0.0 else SILENCE_DB


def from_db(decibels: float) -> float:
    """Decibels as a factor."""
    factor: float = 10.0 ** (decibels / 20.0)
    return factor


def _power(lufs: float) -> float:
    power: float = 10.0 ** ((lufs - _OFFSET_DB) / 10.0)
    return power


def _lufs(power: float) -> float:
    return _OFFSET_DB + 10.0 * math.log10(power)
