import tracemalloc

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from sottovoce_engine.media.loudness import loudness_lufs, true_peak_dbtp


def tone(
    frequency: float, dbfs: float, seconds: float = 20.0, channels: int = 2, phase: float = 0.0
) -> NDArray[np.float32]:
    """A sine whose peak is `dbfs`."""
    time = np.arange(round(seconds * 48_000)) / 48_000
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * frequency * time + phase)
    return np.repeat(wave[None], channels, axis=0).astype(np.float32)


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_the_standards_stereo_tone_reads_its_level(level: float) -> None:
    """Source: EBU Tech 3341, minimum requirements, cases 1 and 2: within 0.1 LU."""
    assert loudness_lufs(tone(1000, level)) == pytest.approx(level, abs=0.1)


def test_gating_leaves_quiet_parts_out() -> None:
    """Source: EBU Tech 3341, case 3: -36, -23 and -36 dBFS read as -23 LUFS."""
    sound = np.concatenate([tone(1000, -36, 10), tone(1000, -23, 60), tone(1000, -36, 10)], axis=1)
    assert loudness_lufs(sound) == pytest.approx(-23.0, abs=0.1)


def test_one_channel_is_3_lu_below_two() -> None:
    assert loudness_lufs(tone(1000, -20, channels=1)) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    "sound", [tone(1000, -20, 0.399), np.zeros((2, 96_000), np.float32), np.zeros((2, 0), np.float32)]
)
def test_short_and_silent_sound_has_no_loudness(sound: NDArray[np.float32]) -> None:
    assert loudness_lufs(sound) is None


@pytest.mark.parametrize(
    ("frequency", "phase", "dbfs"), [(12_000, np.pi / 4, -6.0), (8_000, np.pi / 3, -6.0), (997, 0, -1.0)]
)
def test_true_peak_finds_what_lies_between_samples(frequency: float, phase: float, dbfs: float) -> None:
    """Source: EBU Tech 3341, cases 15 to 19: tolerance +0.2 / -0.4 dB."""
    fade = np.minimum(1.0, np.minimum(np.arange(48_000), np.arange(48_000)[::-1]) / 4_800).astype(np.float32)
    sound = tone(frequency, dbfs, 1.0, phase=phase) * fade
    assert dbfs - 0.4 <= true_peak_dbtp(sound) <= dbfs + 0.2


def test_a_sine_at_a_quarter_of_the_rate_peaks_3_db_above_its_samples() -> None:
    sound = tone(12_000, 0.0, 1.0, phase=np.pi / 4) * np.hanning(48_000).astype(np.float32)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-3.0, abs=0.02)
    assert true_peak_dbtp(sound) == pytest.approx(0.0, abs=0.2)


def test_the_louder_channel_counts() -> None:
    sound = np.concatenate([tone(997, -20, 1, 1), tone(997, -3, 1, 1)])
    assert true_peak_dbtp(sound) == pytest.approx(-3.0, abs=0.2)


def test_a_peak_in_any_second_is_found() -> None:
    sound = np.zeros((2, 48_000 * 5), np.float32)
    sound[1, 48_000 * 4 + 17] = 0.5
    assert true_peak_dbtp(sound) == pytest.approx(-6.02, abs=0.3)


@pytest.mark.parametrize("offset", [-3, -2, -1, 0, 1, 2])
@pytest.mark.parametrize("second", [1, 2])
def test_a_peak_at_the_border_of_two_seconds_is_the_same_as_of_the_whole(second: int, offset: int) -> None:
    """The peak lies between two samples, so that only both together tell its height."""
    time = np.arange(3 * 48_000) - (second * 48_000 + offset + 0.5)
    burst = (0.9 * np.sinc(time * 0.9) * np.exp(-((time / 200) ** 2))).astype(np.float32)
    sound = np.stack([burst, 0.1 * burst])
    assert 20 * np.log10(np.abs(sound).max()) < 20 * np.log10(0.9) - 2
    assert true_peak_dbtp(sound) == pytest.approx(peak_of_the_whole(sound), abs=0.01)
    assert true_peak_dbtp(sound) == pytest.approx(20 * np.log10(0.9), abs=0.1)


@pytest.mark.parametrize("length", [1, 100, 47_999, 48_000, 48_001, 96_000, 130_000])
def test_sound_of_any_length_peaks_as_the_whole_does(length: int) -> None:
    sound = np.random.default_rng(length).normal(0, 0.1, (2, length)).astype(np.float32)
    assert true_peak_dbtp(sound) == pytest.approx(peak_of_the_whole(sound), abs=0.01)


def peak_of_the_whole(sound: NDArray[np.float32]) -> float:
    """The peak in dBTP, all of it oversampled at once."""
    finer = soxr.resample(sound.T, 48_000, 192_000)
    return 20 * float(np.log10(max(np.abs(finer).max(), np.abs(sound).max())))


def test_the_peak_of_long_sound_needs_no_more_memory_than_that_of_short_sound() -> None:
    sound = tone(997, -6.0, 60.0)
    tracemalloc.start()
    try:
        true_peak_dbtp(sound)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < sound.nbytes / 2


@pytest.mark.parametrize("sound", [np.zeros((2, 1_000), np.float32), np.zeros((2, 0), np.float32)])
def test_silence_peaks_at_the_floor(sound: NDArray[np.float32]) -> None:
    assert true_peak_dbtp(sound) == -120.0
