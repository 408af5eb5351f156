"""Room tone: the stretch it is taken from, and a bed of any length made from that stretch.

A bed repeats no recording: it is noise with the stretch's own spectrum and width, so no cough or
creak of the stretch comes round again and there is no seam to hear.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.media.loudness import SILENCE_DB
from sottovoce_engine.splice.fades import Samples
from sottovoce_engine.splice.meter import from_db
from sottovoce_engine.timing import SAMPLE_RATE, Span

PAUSE_HOP = SAMPLE_RATE // 20
MIN_PAUSE_HOPS = 10  # 0.5 s
_MAX_PAUSE_HOPS = 80
_STEADY_DB = 3.0  # a pause ends where it gets louder than its quietest half second by this much
# Louder is speech or music without a pause; quieter is digital silence or a gate, and lifting it lifts its dither.
_LOUDEST_PAUSE_DBFS, _QUIETEST_PAUSE_DBFS = -38.0, -80.0

# Production tone keeps its own level, so that the floor under a region is the floor around it, within these bounds.
_UNDER_DB, _OVER_DB = -20.0, 15.0

_LOOP = 2**18  # 5.5 s: noise that comes round after more than 2 s is not heard to
_WINDOW = 4_096
_PINK_LOW_HZ, _PINK_HIGH_HZ = 60.0, 9_000.0
_PINK_SIDE = 0.1  # power of the side signal: a room is a little wide


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """Power of mid and side at evenly spaced frequencies from 0 to half the sample rate."""

    mid: NDArray[np.float64]
    side: NDArray[np.float64]


def hop_powers(sound: Samples) -> NDArray[np.float64]:
    """Mean square of each whole 50 ms of `[channels, samples]`."""
    whole = sound.shape[1] // PAUSE_HOP * PAUSE_HOP
    hops = sound[:, :whole].reshape(sound.shape[0], -1, PAUSE_HOP)
    powers: NDArray[np.float64] = np.einsum("chs,chs->h", hops, hops, dtype=np.float64) / (sound.shape[0] * PAUSE_HOP)
    return powers


def quietest_pause(powers: NDArray[np.float64]) -> Span | None:
    """The hops of the quietest pause: half a second at least, grown while it stays steady. None: no pause."""
    if powers.size < MIN_PAUSE_HOPS:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(powers, MIN_PAUSE_HOPS)
    audible = np.where(windows.min(axis=1) >= 10 ** (_QUIETEST_PAUSE_DBFS / 10), windows.mean(axis=1), np.inf)
    start = int(np.argmin(audible))
    if not audible[start] <= 10 ** (_LOUDEST_PAUSE_DBFS / 10):
        return None
    loudest = audible[start] * 10 ** (_STEADY_DB / 10)
    steady = (powers <= loudest) & (powers >= audible[start] / 10 ** (_STEADY_DB / 10))
    end = start + MIN_PAUSE_HOPS
    while end < powers.size and end - start < _MAX_PAUSE_HOPS and steady[end]:
        end += 1
    while start > 0 and end - start < _MAX_PAUSE_HOPS and steady[start - 1]:
        start -= 1
    return Span(start, end)


def level_dbfs(sound: Samples) -> float:
    """RMS of `[channels, samples]`."""
    power = float(np.mean(sound.astype(np.float64) ** 2)) if sound.size else 0.0
    return max(SILENCE_DB, 10.0 * float(np.log10(power))) if power > 0.0 else SILENCE_DB


def production_level(found_dbfs: float, usual_dbfs: float) -> float:
    """The level of a bed made of production sound."""
    return min(max(found_dbfs, usual_dbfs + _UNDER_DB), usual_dbfs + _OVER_DB)


def spectrum_of(sound: Samples) -> Spectrum:
    """The mean spectrum of `[2, samples]`, half a second or more.

    Source: Welch, IEEE Trans. Audio Electroacoustics 15 (1967): half-overlapped Hann windows.
    """
    left, right = sound.astype(np.float64)
    window = np.hanning(_WINDOW)

    def powers(channel: NDArray[np.float64]) -> NDArray[np.float64]:
        frames = np.lib.stride_tricks.sliding_window_view(channel, _WINDOW)[:: _WINDOW // 2]
        mean: NDArray[np.float64] = np.mean(np.abs(np.fft.rfft(frames * window)) ** 2, axis=0)
        return mean

    return Spectrum(mid=powers((left + right) / 2.0), side=powers((left - right) / 2.0))


def synthetic_spectrum() -> Spectrum:
    """Pink-ish noise: -3 dB an octave between 60 Hz and 9 kHz, falling off outside."""
    hertz = np.fft.rfftfreq(_WINDOW, 1.0 / SAMPLE_RATE)
    safe = np.maximum(hertz, 1.0)
    mid = 1.0 / safe / (1.0 + (_PINK_LOW_HZ / safe) ** 4) / (1.0 + (safe / _PINK_HIGH_HZ) ** 4)
    return Spectrum(mid=mid, side=_PINK_SIDE * mid)


def bed_loop(spectrum: Spectrum, level: float, location: str) -> Samples:
    """A bed `[2, samples]` of that RMS (dBFS) that runs from its end into its start without a seam.

    One inverse transform of random phases is periodic by itself. The same location always sounds the same.
    """
    rng = np.random.default_rng(zlib.crc32(location.encode()))
    mid, side = (_noise(power, rng) for power in (spectrum.mid, spectrum.side))
    bed = np.stack([mid + side, mid - side])
    power = float(np.mean(bed**2, dtype=np.float64))
    return np.asarray(bed * (from_db(level) / power**0.5), np.float32) if power > 0.0 else bed


def _noise(power: NDArray[np.float64], rng: np.random.Generator) -> Samples:
    bins = _LOOP // 2 + 1
    amplitude = np.interp(np.linspace(0.0, 1.0, bins), np.linspace(0.0, 1.0, power.size), np.sqrt(power))
    amplitude[0] = 0.0
    normal = rng.standard_normal((bins, 2), np.float32)
    return np.asarray(np.fft.irfft(normal.view(np.complex64)[:, 0] * amplitude.astype(np.float32), _LOOP), np.float32)
