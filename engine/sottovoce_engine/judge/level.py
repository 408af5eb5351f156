"""How loud the speech of a take is: measured, never judged, since a render's level is arbitrary.

take     |  floor  |### speech ###| |## speech ##|  floor  |
measured           |-----------------------------|
"""

from collections.abc import Sequence

import numpy as np

from sottovoce_engine.judge.level_finding import LevelFinding
from sottovoce_engine.judge.voicing import FRAME_SAMPLES, Read, Voicing
from sottovoce_engine.media.loudness import loudness_lufs, true_peak_dbtp
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE, Span

_LONGEST = 600 * SAMPLE_RATE
_LOUDEST = 1e3


def judged_level(sound: Sound, words: Sequence[SpokenWord] | None, voicing: Voicing) -> LevelFinding:
    """The level of `[channels, samples]` at 48 kHz, from the first spoken sound to the last.

    Source: ITU-R BS.1770-4, annexes 1 and 2.
    """
    return judged_level_from(lambda span: sound[:, span.start : span.end], sound.shape[1], words, voicing)


def judged_level_from(
    read: Read, length_samples: int, words: Sequence[SpokenWord] | None, voicing: Voicing
) -> LevelFinding:
    """As `judged_level`, of sound that is read piece by piece: its first ten minutes from where speech begins."""
    whole = Span(0, length_samples)
    span = (speech_span(voicing, words) or whole).common(whole) or whole
    measured = Span(span.start, min(span.end, span.start + _LONGEST))
    part = _finite(read(measured))
    loudness, peak = loudness_lufs(part), true_peak_dbtp(part)
    why = []
    if loudness is None:
        why.append("under 400 ms of speech, or silence: no integrated loudness exists")
    if peak > 0.0:
        why.append(f"the true peak lies at {peak:+.1f} dBTP, above full scale")
    if measured != span:
        why.append(f"measured over the first 10 of {span.length / SAMPLE_RATE / 60:.0f} minutes")
    return LevelFinding(loudness_lufs=loudness, true_peak_dbtp=peak, why=tuple(why))


def speech_loudness_lufs(sound: Sound, voicing: Voicing) -> float | None:
    """Integrated loudness of the speech part of `sound`; None where none exists."""
    span = speech_span(voicing, None)
    return None if span is None else loudness_lufs(_finite(sound[:, span.start : span.end]))


def speech_span(voicing: Voicing, words: Sequence[SpokenWord] | None) -> Span | None:
    """From the first spoken sample to the last, by the words or else by level; None where nobody speaks."""
    if words:
        return Span(min(word.span.start for word in words), max(word.span.end for word in words))
    places = np.flatnonzero(voicing.active)
    return Span(int(places[0]) * FRAME_SAMPLES, (int(places[-1]) + 1) * FRAME_SAMPLES) if len(places) else None


def _finite(sound: Sound) -> Sound:
    """Without values that no meter can add up; the judge of damage names them."""
    if np.isfinite(sound).all() and np.abs(sound).max(initial=0.0) < _LOUDEST:
        return sound
    return np.clip(np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0), -_LOUDEST, _LOUDEST)
