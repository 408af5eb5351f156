"""Periodicity: how alike a sound is to itself a moment later, every 10 ms.

Source: autocorrelation as a mark of whisper, arXiv 1809.07832.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

RATE, HOP = 8_000, 80

_BAND_HZ = (70.0, 1200.0)
_WINDOW_HOPS = 4
_LOWEST_LAG, _HIGHEST_LAG = 20, 114  # 2.5 to 14.3 ms
_PITCH_LAG = 10  # 800 Hz: screams lie above what the lags of v reach
_FFT = 256  # a hop against itself and all later lags does not wrap
_NEARLY_BEST = 0.85  # the first peak this near the best one is the period, later ones its multiples


def peaks(sound: NDArray[np.float32], frames: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """V (0..1) and f0 (Hz) of each 10 ms of `[samples]` at 8 kHz.

    v is the highest normalised autocorrelation at lags of 2.5 to 14.3 ms, from 70 to 1200 Hz. A window of 40 ms is four hops; its correlation with what lies a lag later is the sum of theirs:

        hop      |0 |1 |2 |3 |4 |5 |
        window   |-----------|              of frame 2, which begins at hop 2
        later      |-----------|            by one lag
    """
    band = signal.sosfilt(_band_filter(), sound).astype(np.float32) if sound.size else sound
    peak = float(np.abs(band).max(initial=0.0))
    padded = np.pad(band / np.float32(peak or 1.0), (_WINDOW_HOPS // 2 * HOP, (_WINDOW_HOPS + 2) * HOP))
    reach = (frames + _WINDOW_HOPS - 1) * HOP + _HIGHEST_LAG + 1
    curve = _autocorrelation(np.pad(padded, (0, max(0, reach - len(padded))))[:reach], frames)
    v = np.clip(curve[:, _LOWEST_LAG : _HIGHEST_LAG + 1].max(axis=1), 0.0, 1.0)
    return v, (RATE / _period(curve)).astype(np.float32)


def _autocorrelation(piece: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """[frames, lags from 0 on]: each frame's window against what lies a lag later, over both their energies."""
    lags = _HIGHEST_LAG + 1
    hops = np.lib.stride_tricks.sliding_window_view(piece, HOP + _HIGHEST_LAG)[::HOP]
    later = fft.rfft(hops, _FFT)
    here = fft.rfft(hops[:, :HOP], _FFT)
    products = fft.irfft(np.conj(here) * later, _FFT)[:, :lags]
    together = np.lib.stride_tricks.sliding_window_view(products, _WINDOW_HOPS, axis=0).sum(axis=-1)[:frames]
    sums = np.concatenate(([0.0], np.cumsum(np.square(piece, dtype=np.float64))))
    length = _WINDOW_HOPS * HOP
    energies = np.maximum(sums[length:] - sums[:-length], 0.0)  # of the window that begins at each sample
    each = np.lib.stride_tricks.sliding_window_view(energies, lags)[::HOP][:frames]
    scale = np.sqrt(each[:, :1] * each)
    return np.asarray(np.divide(together, scale, out=np.zeros_like(scale), where=scale > 1e-14), np.float32)


def _period(curve: NDArray[np.float32]) -> NDArray[np.float64]:
    """The lag of each frame's period, between samples: the first peak that is nearly the highest."""
    middle = curve[:, _PITCH_LAG:_HIGHEST_LAG]
    before, after = curve[:, _PITCH_LAG - 1 : _HIGHEST_LAG - 1], curve[:, _PITCH_LAG + 1 : _HIGHEST_LAG + 1]
    peaks = (middle >= before) & (middle > after)
    best = np.where(peaks, middle, 0.0).max(axis=1)
    at = np.argmax(peaks & (middle >= _NEARLY_BEST * best[:, None]), axis=1)
    rows = np.arange(len(curve))
    left, top, right = before[rows, at], middle[rows, at], after[rows, at]
    bend = left - 2.0 * top + right
    shift = np.divide(left - right, 2.0 * bend, out=np.zeros(len(curve)), where=bend < -1e-6)
    return np.asarray(at + _PITCH_LAG + np.clip(shift, -0.5, 0.5), np.float64)


@cache
def _band_filter() -> NDArray[np.float64]:
    return np.asarray(signal.butter(4, _BAND_HZ, "band", fs=RATE, output="sos"))
