r"""Dropouts: short holes that lie below the room's own floor, with an edge on both sides that no mouth makes.

    level    ____/‾‾‾\      /‾‾‾‾\____     speech
    floor    .........|    |..........
    hole              |____|               deeper than the floor, or digital zero

A closed mouth leaves the floor audible, and takes tens of milliseconds to get there.
"""

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.damage_values import DamageThresholds
from sottovoce_engine.timing import SAMPLE_RATE, Span

Mono = NDArray[np.float32]  # [samples]

LONGEST = SAMPLE_RATE  # what is longer is a pause somebody cut out
_HOP = SAMPLE_RATE // 1000
_NOTHING_DBFS = -100.0  # of the slope: digital zero, or what is left of it
_EDGE_HOPS = 3
_FLOOR, _SPEECH = 10, 95  # percentiles of the hops' levels
_SPEECH_RANGE_DB = 30.0  # below its loud parts speech is still speech
_QUIETEST_DBFS = -85.0  # of the slope: silence beside silence is none


def holes_in(sound: Mono, thresholds: DamageThresholds) -> tuple[Span, ...]:
    """The dropouts of `[samples]` that neither begin nor end with it, to the millisecond."""
    levels = _slope_levels(sound)
    if levels.size <= 2 * _EDGE_HOPS:
        return ()
    floor, speech = np.percentile(levels, (_FLOOR, _SPEECH))
    quiet = levels <= max(float(floor) - thresholds.dropout_under_floor_db, _NOTHING_DBFS)
    if not quiet.any():
        return ()
    edges = np.flatnonzero(np.diff(quiet.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    loud = max(float(speech) - _SPEECH_RANGE_DB, _QUIETEST_DBFS)
    return tuple(
        Span(int(start) * _HOP, int(end) * _HOP)
        for start, end in edges
        if _is_hole(levels, int(start), int(end), loud, thresholds)
    )


def _is_hole(levels: NDArray[np.float64], start: int, end: int, loud: float, thresholds: DamageThresholds) -> bool:
    length = (end - start) * _HOP
    if not thresholds.dropout_shortest_ms <= end - start or length > LONGEST or start == 0 or end == levels.size:
        return False
    sides = min(levels[max(0, start - _EDGE_HOPS) : start].max(), levels[end : end + _EDGE_HOPS].max())
    return bool(sides >= max(loud, levels[start:end].max() + thresholds.dropout_edge_db))


def _slope_levels(sound: Mono) -> NDArray[np.float64]:
    """The level (dB) of the waveform's slope in each millisecond: rumble would hide a hole from the level itself."""
    count = sound.size // _HOP
    slope = np.diff(sound[: count * _HOP], prepend=sound[:1]).reshape(count, _HOP)
    powers = np.einsum("ij,ij->i", slope, slope) / _HOP
    levels: NDArray[np.float64] = 10.0 * np.log10(powers.astype(np.float64) + 1e-12)
    return levels
