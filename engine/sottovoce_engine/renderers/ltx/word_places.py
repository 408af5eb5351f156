"""Where words lie in a take, estimated: the model does not say."""

import itertools

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE, Span

_HOP = SAMPLE_RATE // 100  # 10 ms
_BELOW_PEAK_DB = 30.0
_ABOVE_FLOOR_DB = 9.0
_SILENT = 1e-5


def word_places(line: str, sound: NDArray[np.float32], search: Span) -> tuple[SpokenWord, ...]:
    """The words of a line over the stretch where something is said, each as long as its letters ask.

    Args:
        line: What is said.
        sound: `[2, samples]`.
        search: Samples to look for speech in.

    Returns:
        Nothing where nothing can be told from silence.
    """
    words = line.split()
    speech = _speech(sound, search)
    if speech is None or not words:
        return ()
    reached = list(itertools.accumulate((len(word) + 1 for word in words), initial=0))
    places = [speech.start + speech.length * part // reached[-1] for part in reached]
    return tuple(
        SpokenWord(text=word, span=Span(start, end))
        for word, (start, end) in zip(words, itertools.pairwise(places), strict=True)
    )


def _speech(sound: NDArray[np.float32], search: Span) -> Span | None:
    """From the first to the last 10 ms that stand out of the quiet."""
    part = sound[:, search.start : search.end].mean(axis=0)
    hops = len(part) // _HOP
    if hops < 1:
        return None
    levels = np.sqrt(np.mean(part[: hops * _HOP].reshape(hops, _HOP).astype(np.float64) ** 2, axis=1))
    if levels.max() < _SILENT:
        return None
    decibels = 20 * np.log10(np.maximum(levels, _SILENT))
    bar = max(decibels.max() - _BELOW_PEAK_DB, min(np.percentile(decibels, 10) + _ABOVE_FLOOR_DB, decibels.max() - 3))
    loud = np.flatnonzero(decibels >= bar)
    return Span(search.start + int(loud[0]) * _HOP, search.start + (int(loud[-1]) + 1) * _HOP)
