"""The true peak of sound that comes in blocks: nothing is kept but maxima.

Source: Recommendation ITU-R BS.1770-4, annex 2.
"""

import math

import numpy as np

from sottovoce_engine.media.loudness import SILENCE_DB
from sottovoce_engine.splice.fades import Samples

# Four phases of 12 taps; the other two are these two backwards.
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
