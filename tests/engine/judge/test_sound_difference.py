"""Two sounds beside each other: the same, later, louder, filtered, and unlike."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from sottovoce_engine.judge.sound_difference import sound_difference

Sound = NDArray[np.float32]


def noise(seed: int = 1) -> Sound:
    return np.random.default_rng(seed).normal(0, 0.1, (2, 48_000)).astype(np.float32)


def test_the_same_is_the_same() -> None:
    found = sound_difference(noise(), noise())
    assert found.correlation == pytest.approx(1)
    assert (found.lag_ms, found.mel_db, found.level_db) == (0, 0, 0)


def test_louder_and_later_is_told_apart_from_other() -> None:
    later = np.roll(2 * noise(), 480, axis=1)
    found = sound_difference(noise(), later)
    assert found.correlation > 0.98
    assert found.lag_ms == 10
    assert found.level_db == pytest.approx(6.02, abs=0.01)
    assert sound_difference(later, noise()).lag_ms == -10
    assert sound_difference(noise(), 2 * noise()).mel_db == pytest.approx(6.02, abs=0.05)


def test_what_is_missing_above_shows_in_the_spectra() -> None:
    dull = sosfilt(butter(8, 4_000, fs=48_000, output="sos"), noise()).astype(np.float32)
    other = sound_difference(noise(), noise(2))
    assert sound_difference(noise(), dull).mel_db > other.mel_db + 5
    assert abs(other.correlation) < 0.1
    assert other.level_db == pytest.approx(0, abs=0.2)


def test_silence_compares_with_nothing() -> None:
    silence = np.zeros((2, 48_000), np.float32)
    assert sound_difference(silence, noise()).level_db is None
    assert sound_difference(silence, noise()).correlation == 0
    assert sound_difference(silence, silence).mel_db == 0
