"""Loudness and true peak, as the broadcast standards measure them."""

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import SAMPLE_RATE

SILENCE_DBTP = -120.0
_BLOCK_SAMPLES = SAMPLE_RATE * 400 // 1000
_OVERSAMPLING = 4


def loudness_lufs(sound: NDArray[np.float32]) -> float | None:
    """Integrated loudness of `[channels, samples]`; None under 400 ms, where none exists, or for silence.

    Source: ITU-R BS.1770-4, annex 1.
    """
    if sound.shape[1] < _BLOCK_SAMPLES:
        return None
    from pyloudnorm import Meter  # pulls in scipy, which a command's help need not wait for

    with np.errstate(divide="ignore"):
        measured = float(Meter(SAMPLE_RATE).integrated_loudness(sound.T))
    return measured if np.isfinite(measured) else None


def true_peak_dbtp(sound: NDArray[np.float32]) -> float:
    """True peak of `[channels, samples]`, -120 for silence.

    Source: ITU-R BS.1770-4, annex 2: the peak of the signal at four times its rate.
    """
    import soxr

    if not sound.size:
        return SILENCE_DBTP
    peak = 0.0
    stream = soxr.ResampleStream(SAMPLE_RATE, _OVERSAMPLING * SAMPLE_RATE, sound.shape[0], dtype="float32")
    for start in range(0, sound.shape[1], SAMPLE_RATE):
        block = np.ascontiguousarray(sound[:, start : start + SAMPLE_RATE].T, dtype=np.float32)
        finer = stream.resample_chunk(block, last=start + SAMPLE_RATE >= sound.shape[1])
        peak = max(peak, float(np.abs(finer).max(initial=0.0)), float(np.abs(block).max(initial=0.0)))
    return max(SILENCE_DBTP, 20.0 * float(np.log10(peak))) if peak > 0.0 else SILENCE_DBTP
