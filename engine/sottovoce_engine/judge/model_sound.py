"""A take as speech models take it."""

import numpy as np
import soxr
from numpy.typing import NDArray

from sottovoce_engine.timing import SAMPLE_RATE

MODEL_RATE = 16_000

_PEAK = 0.5
_SILENT_PEAK = 1e-5  # 16 bit round it to nothing
_LEAST_SECONDS = 0.1  # no word is shorter


def for_models(sound: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """`[channels, samples]` at 48 kHz as `[samples]` at 16 kHz, its peak at one half; what is no number is silence.

    None where no word can be in it: under a tenth of a second, or silent.
    """
    if sound.shape[0] == 0 or sound.shape[1] < _LEAST_SECONDS * SAMPLE_RATE:
        return None
    mono = np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0).mean(axis=0, dtype=np.float64)
    peak = float(np.abs(mono).max())
    if peak < _SILENT_PEAK:
        return None
    return np.asarray(soxr.resample(mono * (_PEAK / peak), SAMPLE_RATE, MODEL_RATE, quality="HQ"), np.float32)
