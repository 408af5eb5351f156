"""Loudness and true peak, as the broadcast standards measure them.

Source: Recommendation ITU-R BS.1770-4, annexes 1 and 2.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import SAMPLE_RATE

SILENCE_DB = -120.0  # LUFS and dBTP
_OVERSAMPLING = 4

# Annex 1, tables 1 and 2: the two stages of the K filter at 48 kHz, b0 b1 b2 and 1 a1 a2.
_K_FILTER = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
_REACH = 8_192  # samples after which nothing of the filter's response is left: 1e-13 of it, the poles lie at 0.995
_PIECE = 65_536 - _REACH
_HOP = SAMPLE_RATE // 10  # gating blocks of 400 ms that overlap by 75 %
_OFFSET_DB = -0.691
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0


def loudness_lufs(sound: NDArray[np.float32]) -> float | None:
    """Integrated loudness of `[1 or 2 channels, samples]`; None under 400 ms, where none exists, or for silence.

    Source: annex 1.
    """
    meter = LoudnessMeter()
    meter.add(sound)
    return meter.lufs


class LoudnessMeter:
    """Integrated loudness of blocks `[1 or 2 channels, samples]` of any length: nothing is kept but sums."""

    def __init__(self) -> None:
        self._before: NDArray[np.float64] = np.zeros((1, _REACH))
        self._rest: NDArray[np.float64] = np.zeros((1, 0))
        self._powers: list[float] = []  # of each 100 ms, summed over the channels

    def add(self, block: NDArray[np.float32]) -> None:
        for start in range(0, block.shape[1], _PIECE):
            self._add(block[:, start : start + _PIECE].astype(np.float64))

    def _add(self, piece: NDArray[np.float64]) -> None:
        channels = len(piece)
        sound = np.concatenate([np.broadcast_to(self._before, (channels, _REACH)), piece], axis=1)
        self._before = sound[:, -_REACH:]
        with np.errstate(invalid="ignore"):  # what is no number is in no block above the gate
            weighted = _k_weighted(sound)[:, _REACH:]
        joined = np.concatenate([np.broadcast_to(self._rest, (channels, self._rest.shape[1])), weighted], axis=1)
        whole = joined.shape[1] // _HOP * _HOP
        self._rest = joined[:, whole:]
        self._powers += list(np.mean(joined[:, :whole].reshape(channels, -1, _HOP) ** 2, axis=2).sum(axis=0))

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


def true_peak_dbtp(sound: NDArray[np.float32]) -> float:
    """True peak of `[channels, samples]`, -120 for silence.

    Source: annex 2: the peak of the signal at four times its rate.
    """
    import soxr

    if not sound.size:
        return SILENCE_DB
    peak = 0.0
    stream = soxr.ResampleStream(SAMPLE_RATE, _OVERSAMPLING * SAMPLE_RATE, sound.shape[0], dtype="float32")
    for start in range(0, sound.shape[1], SAMPLE_RATE):
        block = np.ascontiguousarray(sound[:, start : start + SAMPLE_RATE].T, dtype=np.float32)
        finer = stream.resample_chunk(block, last=start + SAMPLE_RATE >= sound.shape[1])
        peak = max(peak, float(np.abs(finer).max(initial=0.0)), float(np.abs(block).max(initial=0.0)))
    return max(SILENCE_DB, 20.0 * float(np.log10(peak))) if peak > 0.0 else SILENCE_DB


def _k_weighted(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """`[channels, samples]` through the K filter, right from sample `_REACH` on.

    By its spectrum: scipy's filters take longer to import than a take to speak, in every process that renders.
    """
    size = 1 << (sound.shape[1] - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(sound, size) * _response(size), size)[:, : sound.shape[1]]


@lru_cache(maxsize=4)
def _response(size: int) -> NDArray[np.complex128]:
    """The K filter's frequency response at the `size // 2 + 1` frequencies of a real spectrum."""
    delays = np.exp(-2j * np.pi * np.outer(np.arange(3), np.arange(size // 2 + 1)) / size)
    above, below = (np.prod([stage[side] @ delays for stage in np.asarray(_K_FILTER)], axis=0) for side in (0, 1))
    return np.asarray(above / below, np.complex128)


def _power(lufs: float) -> float:
    power: float = 10.0 ** ((lufs - _OFFSET_DB) / 10.0)
    return power


def _lufs(power: float) -> float:
    return _OFFSET_DB + 10.0 * math.log10(power)
