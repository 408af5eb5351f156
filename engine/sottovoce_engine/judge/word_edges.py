"""Gives back to words the sound that an alignment took for silence.

The acoustic model has heard few whispers: a breathy vowel at a word's beginning is likelier silence to
it than that vowel. What is loud is no pause.

    sound      ####..######....#####
    aligned    |one|    |two|  |ten|
    mended     |one||--two--|  |ten|
"""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import SAMPLE_RATE, Span

_FRAME = SAMPLE_RATE // 100
_LOUD_DB = -20.0  # below the line's loud frames
_QUIET_FRAMES = 5  # a pause; stops close for less


def mended_edges(spans: Sequence[Span], sound: NDArray[np.float32]) -> tuple[Span, ...]:
    """The words' `spans` (samples, in order) with every gap that holds no pause given to the word after it.

    Args:
        spans: One for each word.
        sound: `[channels, samples]`, 48 kHz.
    """
    loud = _loud_frames(sound)
    mended = list(spans[:1])
    for before, after in itertools.pairwise(spans):
        gap = loud[before.end // _FRAME : after.start // _FRAME]
        start = before.end if len(gap) and _longest_quiet(gap) < _QUIET_FRAMES else after.start
        mended.append(Span(min(start, after.start), after.end))
    return tuple(mended)


def _loud_frames(sound: NDArray[np.float32]) -> NDArray[np.bool_]:
    """For each 10 ms, whether it is as loud as speech."""
    mono = np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0).mean(axis=0)
    frames = mono[: len(mono) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = (frames.astype(np.float64) ** 2).mean(axis=1)
    top = float(np.percentile(power, 95)) if len(power) else 0.0
    return np.asarray(power > top * 10 ** (_LOUD_DB / 10))


def _longest_quiet(loud: NDArray[np.bool_]) -> int:
    return max((len(list(run)) for is_loud, run in itertools.groupby(loud) if not is_loud), default=0)
