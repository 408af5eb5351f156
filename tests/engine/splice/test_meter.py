import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce_engine.media.loudness import true_peak_dbtp
from sottovoce_engine.splice.meter import TruePeakMeter, from_db, to_db


def _blocks(sound: np.ndarray, length: int) -> list[np.ndarray]:
    return [sound[:, start : start + length] for start in range(0, sound.shape[1], length)]


def test_a_peak_between_samples_is_found() -> None:
    """EBU Tech 3341, case 16: a quarter of the rate at 45 degrees: samples at -9 dBFS, true peak -6 within +0.2, -0.4."""
    at = np.arange(48_000)
    sound = np.tile(from_db(-6.0) * np.sin(np.pi / 2 * at + np.pi / 4), (2, 1)).astype(np.float32)
    meter = TruePeakMeter()
    for block in _blocks(sound * np.hanning(48_000).astype(np.float32), 1_000):
        meter.add(block)
    assert -6.4 <= meter.dbtp <= -5.8


@given(seed=st.integers(0, 1_000), block=st.integers(12, 5_000), level=st.floats(-60, 0))
@settings(max_examples=30, deadline=None)
def test_the_true_peak_does_not_depend_on_the_blocks(seed: int, block: int, level: float) -> None:
    sound = (np.random.default_rng(seed).standard_normal((2, 9_000)) * from_db(level) / 4).astype(np.float32)
    whole, parts = TruePeakMeter(), TruePeakMeter()
    whole.add(sound)
    highest = max(parts.add(part) for part in _blocks(sound, block))
    assert parts.dbtp == pytest.approx(whole.dbtp, abs=1e-3)
    assert to_db(highest) == pytest.approx(whole.dbtp, abs=1e-3)
    assert whole.dbtp >= to_db(float(np.abs(sound).max())) - 1e-6


def test_both_ways_to_measure_a_true_peak_agree() -> None:
    rng = np.random.default_rng(5)
    voiced = np.cumsum(rng.standard_normal((2, 96_000)), axis=1)
    voiced = (0.5 * (voiced - voiced.mean(axis=1, keepdims=True)) / np.abs(voiced).max()).astype(np.float32)
    meter = TruePeakMeter()
    meter.add(voiced)
    assert meter.dbtp == pytest.approx(true_peak_dbtp(voiced), abs=0.2)


def test_silence_has_the_lowest_peak() -> None:
    meter = TruePeakMeter()
    meter.add(np.zeros((2, 100), np.float32))
    assert meter.dbtp == -120.0
