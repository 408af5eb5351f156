"""How loud a take's speech is, and how hard its peaks are pressed."""

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.media.loudness import loudness_lufs
from sottovoce_engine.timing import SAMPLE_RATE, Span

_PEAK = 10 ** (-4.0 / 20)  # of samples; the true peak lies less than 1 dB above
_SHORTEST = round(0.4 * SAMPLE_RATE)  # integrated loudness exists from here

Mono = NDArray[np.float32]  # [samples] at 48 kHz


def pressed(sound: Mono, pressure: float) -> Mono:
    """`sound` with its peaks rounded off: their tops harden the voice and let it be louder below the same peak."""
    peak = float(np.abs(sound).max(initial=0.0))
    if not pressure or not peak:
        return sound
    return np.asarray(np.tanh(sound * (pressure / peak)) * (peak / np.tanh(pressure)), np.float32)


def levelled(sound: Mono, speech: Span, target_lufs: float) -> Mono:
    """`sound` with its speech at the loudness given on both channels, or below it where a peak would rise too high."""
    said = sound[speech.start : speech.end]
    padded = np.pad(said, (0, max(0, _SHORTEST - len(said))))
    loudness = loudness_lufs(padded[None])
    gain = 1.0
    if loudness is not None and len(said):
        # Two channels of the same sound add 3 dB. Silence added to reach 400 ms thins the sound out;
        # the gain is for the sound alone.
        loudness += 10 * float(np.log10(2 * len(padded) / len(said)))
        gain = 10 ** ((target_lufs - loudness) / 20)
    peak = float(np.abs(sound).max(initial=0.0)) * gain
    return np.asarray(sound * (gain * min(1.0, _PEAK / peak) if peak else 0.0), np.float32)
