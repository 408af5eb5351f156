"""Loudness of sound that comes in blocks."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from pyloudnorm import Meter
from scipy.signal import sosfilt

from sottovoce_engine.media.loudness import LoudnessMeter, loudness_lufs
from sottovoce_engine.timing import SAMPLE_RATE

# ITU-R BS.1770-4, annex 1, tables 1 and 2.
STAGES = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585),
    (1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621),
)
RNG = np.random.default_rng(3)
SWELLING = (RNG.standard_normal((2, 200_000)) * np.repeat(RNG.uniform(0, 0.2, 20), 10_000)).astype(np.float32)


def _sine(hertz: float, peak_dbfs: float, seconds: float) -> NDArray[np.float32]:
    at = np.arange(round(SAMPLE_RATE * seconds)) / SAMPLE_RATE
    return np.tile(10 ** (peak_dbfs / 20) * np.sin(2 * np.pi * hertz * at), (2, 1)).astype(np.float32)


def _blocks(sound: NDArray[np.float32], length: int) -> list[NDArray[np.float32]]:
    return [sound[:, start : start + length] for start in range(0, sound.shape[1], length)]


def _filtered_lufs(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of each 100 ms, by the standard's filter sample after sample."""
    weighted = sosfilt(STAGES, sound.astype(np.float64), axis=-1)
    whole = weighted[:, : weighted.shape[1] // 4_800 * 4_800].reshape(2, -1, 4_800)
    return np.asarray(-0.691 + 10 * np.log10((whole**2).mean(axis=2).sum(axis=0)))


def test_the_standards_own_signal_reads_its_loudness() -> None:
    """EBU Tech 3341, cases 1 and 2: stereo sine, 1000 Hz, -23 and -33 dBFS, 20 s: -23 and -33 LUFS within 0.1."""
    for level in (-23.0, -33.0):
        meter = LoudnessMeter()
        for block in _blocks(_sine(1000, level, 20), 30_011):
            meter.add(block)
        assert meter.lufs == pytest.approx(level, abs=0.1)


def test_the_gate_ignores_pauses_and_quiet_passages() -> None:
    """EBU Tech 3341, case 3: -36, -23, -36 dBFS for 10, 60, 10 s: -23 LUFS within 0.1."""
    meter = LoudnessMeter()
    for level, seconds in ((-36.0, 10), (-23.0, 60), (-36.0, 10)):
        meter.add(_sine(1000, level, seconds))
    assert meter.lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("length", [97, 7_919, 57_344, 57_345, 200_000])
def test_blocks_of_any_length_read_as_the_standards_filter_does(length: int) -> None:
    meter = LoudnessMeter()
    for block in _blocks(SWELLING[:, : 30_000 if length < 1_000 else None], length):
        meter.add(block)
    assert meter.windows_lufs(1) == pytest.approx(_filtered_lufs(SWELLING)[: len(meter.windows_lufs(1))], abs=1e-9)


@pytest.mark.parametrize("seconds", [0.4, 0.45, 0.5, 1.7, 4.0])
@pytest.mark.parametrize("channels", [1, 2])
def test_another_meter_reads_the_same(channels: int, seconds: float) -> None:
    """pyloudnorm makes its filter by another formula, and counts a last block that is not whole."""
    sound = SWELLING[:channels, : round(seconds * SAMPLE_RATE)]
    assert loudness_lufs(sound) == pytest.approx(Meter(SAMPLE_RATE).integrated_loudness(sound.T), abs=0.6)
    whole = sound[:, : sound.shape[1] // 4_800 * 4_800]
    assert loudness_lufs(whole) == pytest.approx(Meter(SAMPLE_RATE).integrated_loudness(whole.T), abs=0.1)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_what_is_no_number_is_left_out(odd: float) -> None:
    sound = _sine(1000, -23, 8)
    sound[1, 1_000] = odd
    assert loudness_lufs(sound) == pytest.approx(-23.0, abs=0.1)
    sound[:, ::100] = odd
    assert loudness_lufs(sound) is None


def test_no_loudness_for_silence_and_for_less_than_400_ms() -> None:
    for sound in (np.zeros((2, 96_000), np.float32), _sine(1000, -20, 0.39)):
        meter = LoudnessMeter()
        meter.add(sound)
        assert meter.lufs is None


MEASURING = """
import sys
import numpy as np
import sottovoce_engine.renderers.finish, sottovoce_engine.renderers.scratch.batch
from sottovoce_engine.media.loudness import loudness_lufs
assert loudness_lufs(np.full((2, 48_000), 0.1, np.float32)) is not None
print([name for name in ("scipy.signal", "scipy.stats") if name in sys.modules])
"""


def test_a_process_that_renders_waits_for_no_slow_import() -> None:
    done = subprocess.run([sys.executable, "-c", MEASURING], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.strip() == "[]"
