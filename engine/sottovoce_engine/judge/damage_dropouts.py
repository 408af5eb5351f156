r"""Dropouts: short holes in speech with an edge on both sides that no mouth makes.

    level    ____/‾‾‾\      /‾‾‾‾\____     speech
    floor    .........|    |..........
    hole              |____|               deeper than the floor, or digital zero
    muted             |....|               down to the floor at once, and back at once

A closed mouth leaves the floor audible, and takes tens of milliseconds to get there.
"""

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.damage_values import DamageThresholds, joined
from sottovoce_engine.timing import SAMPLE_RATE, Span

Mono = NDArray[np.float32]  # [samples]

LONGEST = SAMPLE_RATE  # what is longer is a pause somebody cut out
_HOP = SAMPLE_RATE // 1000
_NOTHING_DBFS = -100.0  # of the slope: digital zero, or what is left of it
_EDGE_HOPS = 3
_FLOOR, _SPEECH, _MOSTLY = 10, 95, 90  # percentiles of the hops' levels
_AT_FLOOR_DB = 4.0
_SPEECH_DB, _FAINT_SPEECH_DB = 20.0, 30.0
_CODEC_MS = 10.0  # codecs leave shorter holes of their own in faint sound
_QUIETEST_DBFS = -85.0  # of the slope: silence beside silence is none


def holes_in(sound: Mono, thresholds: DamageThresholds) -> tuple[Span, ...]:
    """The dropouts of `[samples]` that neither begin nor end with it, to the millisecond."""
    levels = _slope_levels(sound)
    if levels.size <= 2 * _EDGE_HOPS:
        return ()
    floor, speech = np.percentile(levels, (_FLOOR, _SPEECH))
    deep = max(float(floor) - thresholds.dropout_under_floor_db, _NOTHING_DBFS)
    kinds = (  # highest level inside, shortest ms, edge, how far under the loud parts speech is still speech
        (deep, thresholds.dropout_shortest_ms, thresholds.dropout_edge_db, _SPEECH_DB),
        (deep, _CODEC_MS, thresholds.dropout_edge_db, _FAINT_SPEECH_DB),
        (float(floor) + _AT_FLOOR_DB, thresholds.muted_shortest_ms, thresholds.muted_edge_db, _SPEECH_DB),
    )
    return joined(
        Span(start * _HOP, end * _HOP)
        for highest, shortest, edge_db, under_db in kinds
        for start, end in _runs(levels <= highest, shortest)
        if _has_edges(levels, start, end, max(float(speech) - under_db, _QUIETEST_DBFS), edge_db)
    )


def _runs(quiet: NDArray[np.bool_], shortest: float) -> list[tuple[int, int]]:
    """Where hops in a row are quiet for so long, but not for too long, nor at either end."""
    edges = np.flatnonzero(np.diff(quiet.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    lengths = edges[:, 1] - edges[:, 0]
    inner = (edges[:, 0] > 0) & (edges[:, 1] < quiet.size)
    kept = edges[inner & (lengths >= shortest) & (lengths * _HOP <= LONGEST)]
    return [(int(start), int(end)) for start, end in kept]


def _has_edges(levels: NDArray[np.float64], start: int, end: int, loud: float, edge_db: float) -> bool:
    """Whether speech lies right before and after the hole, and so far above it."""
    sides = min(levels[max(0, start - _EDGE_HOPS) : start].max(), levels[end : end + _EDGE_HOPS].max())
    inside = float(np.percentile(levels[start:end], _MOSTLY))
    return bool(sides >= max(loud, inside + edge_db))


def _slope_levels(sound: Mono) -> NDArray[np.float64]:
    """The level (dB) of the waveform's slope in each millisecond: rumble would hide a hole from the level itself."""
    count = sound.size // _HOP
    slope = np.diff(sound[: count * _HOP], prepend=sound[:1]).reshape(count, _HOP)
    powers = np.einsum("ij,ij->i", slope, slope) / _HOP
    levels: NDArray[np.float64] = 10.0 * np.log10(powers.astype(np.float64) + 1e-12)
    return levels
