"""What a join does to the sound, in four figures. Each has a bar; none says whether anyone hears it.

Source: the bars are what good joins reached on nine joins of recorded pauses with different room tones
(a butt cut: click +3.9 dB, jump 3.5 dB, floor 11.6 dB, rank 1.00).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.splice.fades import Samples
from sottovoce_engine.splice.values import JoinFigures
from sottovoce_engine.timing import SAMPLE_RATE, Span

AROUND = SAMPLE_RATE  # what is looked at on each side of a fade

_QUIET = 1e-9  # mean square of -90 dBFS: below it levels are not compared
_GUARD = SAMPLE_RATE * 2 // 1000
_STEP = SAMPLE_RATE // 50  # levels are those of 20 ms, taken every 5
_STEP_HOP = _STEP // 4
_FLOOR_WINDOW, _FLOOR_HOP = 4_096, 2_048
_MIN_FLOOR_WINDOWS = 4  # about 0.2 s
_ONSET, _DECAY = SAMPLE_RATE * 30 // 1000, SAMPLE_RATE * 100 // 1000  # what sounds around a word is no floor
_OCTAVES_HZ = (125, 250, 500, 1_000, 2_000, 4_000, 8_000)
_FLUX_WINDOW, _FLUX_HOP = 1_024, 512
_FLUX_BANDS = 20
_FLUX_LOW_HZ, _FLUX_HIGH_HZ = 100.0, 16_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinBars:
    """Where a figure begins to be over."""

    click_db: float = 3.0
    level_jump_db: float = 6.0
    floor_mismatch_db: float = 4.0
    flux_rank: float = 0.95


BARS = JoinBars()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The four figures; None where too little without words is there to measure."""

    click_db: float
    level_jump_db: float | None
    floor_mismatch_db: float | None
    flux_rank: float | None


def figures_over(join: JoinFigures, bars: JoinBars = BARS) -> tuple[str, ...]:
    """The names of the figures that are not below their bar."""
    pairs = (
        ("click", join.click_db, bars.click_db),
        ("level jump", join.level_jump_db, bars.level_jump_db),
        ("floor", join.floor_mismatch_db, bars.floor_mismatch_db),
        ("flux rank", join.flux_rank, bars.flux_rank),
    )
    return tuple(name for name, value, bar in pairs if value is not None and value >= bar)


def measured(sound: Samples, fade: Span, words: NDArray[np.bool_]) -> Measured:
    """The figures of one join.

    Args:
        sound: The finished mix around it, `[2, samples]`: `AROUND` on each side where the scene reaches.
        fade: Where it fades, in samples of `sound`.
        words: For each sample, whether a take speaks there.
    """
    mono = sound.mean(axis=0)
    return Measured(
        click_db=_click(sound, fade),
        level_jump_db=_level_jump(sound, fade, words),
        floor_mismatch_db=_floor_mismatch(mono, fade, _with_decay(words)),
        flux_rank=_flux_rank(mono, fade, words),
    )


def _click(sound: Samples, fade: Span) -> float:
    """The steepest bend of the waveform in the fade over the 99.9th percentile of all bends around it, in dB."""
    bends = np.abs(np.diff(sound, n=2, axis=1)).max(axis=0)
    near = slice(max(0, fade.start - _GUARD - 1), fade.end + _GUARD)
    around = np.concatenate([bends[: near.start], bends[near.stop :]])
    if not bends[near].size or not around.size:
        return 0.0
    usual = np.partition(around, rank := round(0.999 * (around.size - 1)))[rank]
    return float(20.0 * np.log10((bends[near].max() + 1e-6) / (usual + 1e-6)))


def _level_jump(sound: Samples, fade: Span, words: NDArray[np.bool_]) -> float | None:
    """The largest step of the level at any moment of the fade: 20 ms against the 20 before, neither with a word."""
    moments = np.arange(max(fade.start, _STEP), min(fade.end, sound.shape[1] - _STEP) + 1, _STEP_HOP)
    if not moments.size:
        return None
    low, high = moments[0] - _STEP, moments[-1] + _STEP
    moments = moments - low
    spoken = np.concatenate([[0], np.cumsum(words[low:high])])
    moments = moments[spoken[moments + _STEP] == spoken[moments - _STEP]]
    if not moments.size:
        return None
    powers = np.concatenate([[0.0], np.cumsum(np.mean(sound[:, low:high].astype(np.float64) ** 2, axis=0))])
    before = (powers[moments] - powers[moments - _STEP]) / _STEP
    after = (powers[moments + _STEP] - powers[moments]) / _STEP
    return float(np.abs(_db(after) - _db(before)).max())


def _floor_mismatch(mono: Samples, fade: Span, words: NDArray[np.bool_]) -> float | None:
    """How far the floors before and after the fade differ, in the octave where they differ most."""
    before = _octave_floors(mono[: fade.start], words[: fade.start])
    after = _octave_floors(mono[fade.end :], words[fade.end :])
    return None if before is None or after is None else float(np.abs(after - before).max())


def _with_decay(words: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The words with what leads into them and rings after them."""
    edges = np.flatnonzero(np.diff(words.astype(np.int8), prepend=0, append=0))
    grown = words.copy()
    for start, end in edges.reshape(-1, 2):
        grown[max(0, start - _ONSET) : end + _DECAY] = True
    return grown


def _octave_floors(mono: Samples, words: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Level (dBFS) of each octave in the quietest third of the windows without a word."""
    spoken = np.concatenate([[0], np.cumsum(words)])
    starts = np.arange(0, mono.size - _FLOOR_WINDOW + 1, _FLOOR_HOP)
    starts = starts[spoken[starts + _FLOOR_WINDOW] == spoken[starts]]
    if starts.size < _MIN_FLOOR_WINDOWS:
        return None
    window = np.hanning(_FLOOR_WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, _FLOOR_WINDOW)[starts]
    powers = _powers(frames, window)
    edges = np.array([*(hertz / 2**0.5 for hertz in _OCTAVES_HZ), _OCTAVES_HZ[-1] * 2**0.5])
    bins = np.round(edges * _FLOOR_WINDOW / SAMPLE_RATE).astype(int)
    octaves = np.add.reduceat(powers[:, : bins[-1]], bins[:-1], axis=1)
    quietest = np.sort(octaves, axis=0)[: max(1, starts.size // 3)]
    floors: NDArray[np.float64] = _db(quietest.mean(axis=0))
    return floors


def _flux_rank(mono: Samples, fade: Span, words: NDArray[np.bool_]) -> float | None:
    """The share of stretches as long as the fade whose sharpest spectral change is below the fade's own.

    None where another voice speaks over the fade, for then the change is the word's, and at a scene's very ends.
    """
    if words[fade.start : fade.end].any():
        return None
    if mono.size < 2 * _FLUX_WINDOW:
        return None
    window = np.hanning(_FLUX_WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, _FLUX_WINDOW)[::_FLUX_HOP]
    powers = _powers(frames, window)
    hertz = np.geomspace(_FLUX_LOW_HZ, _FLUX_HIGH_HZ, _FLUX_BANDS + 1)
    bins = np.unique(np.round(hertz * _FLUX_WINDOW / SAMPLE_RATE).astype(int))
    levels = _db(np.add.reduceat(powers[:, : bins[-1]], bins[:-1], axis=1))
    flux = np.abs(np.diff(levels, axis=0)).mean(axis=1)  # flux[k]: from the window at k to the one at k + 1
    first = max(0, (fade.start - _FLUX_WINDOW) // _FLUX_HOP)
    last = min(flux.size, fade.end // _FLUX_HOP + 1)
    count = last - first
    if count < 1 or flux.size < 3 * count:
        return None
    sharpest = np.lib.stride_tricks.sliding_window_view(flux, count).max(axis=1)
    others = np.concatenate([sharpest[: max(0, first - count)], sharpest[last:]])
    return float(np.mean(others < sharpest[first])) if others.size else None


def _powers(frames: Samples, window: Samples) -> Samples:
    """Mean square of each frequency bin of each windowed frame: the bins of one frame add up to its power."""
    spectrum = np.fft.rfft(frames * window)
    scale = np.float32(2.0 / (window.size * float(np.sum(window**2))))
    return np.asarray((spectrum.real**2 + spectrum.imag**2) * scale, np.float32)


def _db(power: NDArray[np.floating]) -> NDArray[np.float64]:
    levels: NDArray[np.float64] = 10.0 * np.log10(np.maximum(power, _QUIET).astype(np.float64))
    return levels
