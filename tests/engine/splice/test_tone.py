import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce_engine.splice.tone import (
    MIN_PAUSE_HOPS,
    PAUSE_HOP,
    bed_loop,
    hop_powers,
    level_dbfs,
    production_level,
    quietest_pause,
    spectrum_of,
    synthetic_spectrum,
)
from sottovoce_engine.timing import Span

OCTAVES = (125, 250, 500, 1_000, 2_000, 4_000, 8_000)


def _noise(seconds: float, dbfs: float, seed: int = 1) -> np.ndarray:
    return (10 ** (dbfs / 20) * np.random.default_rng(seed).standard_normal((2, round(seconds * 48_000)))).astype(
        np.float32
    )


def _octave_levels(sound: np.ndarray) -> np.ndarray:
    spectrum = np.mean(np.abs(np.fft.rfft(sound[0, : sound.shape[1] // 8192 * 8192].reshape(-1, 8192))) ** 2, axis=0)
    hertz = np.fft.rfftfreq(8192, 1 / 48_000)
    return np.array(
        [10 * np.log10(spectrum[(hertz >= centre / 2**0.5) & (hertz < centre * 2**0.5)].sum()) for centre in OCTAVES]
    )


def test_the_quietest_pause_is_found_between_louder_words() -> None:
    sound = np.concatenate([_noise(2, -25), _noise(0.8, -45), _noise(2, -25), _noise(1.2, -55), _noise(1, -25)], axis=1)
    pause = quietest_pause(hop_powers(sound))
    assert pause is not None
    assert Span(round(4.75 * 20), round(6.05 * 20)).contains(pause)
    assert pause.length >= 22


@pytest.mark.parametrize("level", [-25.0, -95.0])
def test_speech_without_a_pause_and_digital_silence_are_no_tone(level: float) -> None:
    assert quietest_pause(hop_powers(_noise(3, level))) is None


def test_silence_beside_a_pause_does_not_win() -> None:
    sound = np.concatenate([_noise(1, -25), np.zeros((2, 96_000), np.float32), _noise(1, -50)], axis=1)
    pause = quietest_pause(hop_powers(sound))
    assert pause is not None
    assert pause.start * PAUSE_HOP >= 3 * 48_000 - PAUSE_HOP


def test_less_than_half_a_second_is_no_pause() -> None:
    assert quietest_pause(hop_powers(_noise(0.4, -50))) is None
    assert quietest_pause(np.full(MIN_PAUSE_HOPS, 1e-5)) == Span(0, MIN_PAUSE_HOPS)


@given(tilt=st.floats(-0.9, 0.9), level=st.floats(-60, -40))
@settings(max_examples=15, deadline=None)
def test_a_bed_has_the_level_and_the_spectrum_of_its_stretch(tilt: float, level: float) -> None:
    source = _noise(3, -45)
    source[:, 1:] += np.float32(tilt) * source[:, :-1]
    bed = bed_loop(spectrum_of(source), level, "kitchen")
    assert level_dbfs(bed) == pytest.approx(level, abs=0.01)
    difference = _octave_levels(bed) - _octave_levels(source)
    assert np.ptp(difference) < 1.5


def test_a_mono_stretch_gives_a_mono_bed_and_a_wide_one_a_wide_bed() -> None:
    wide = _noise(2, -45)
    mono = np.repeat(wide[:1], 2, axis=0)
    left, right = bed_loop(spectrum_of(mono), -52, "a")
    assert np.abs(left - right).max() < 1e-7
    left, right = bed_loop(spectrum_of(wide), -52, "a")
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.1


def test_a_bed_runs_into_its_own_start_and_keeps_its_level_throughout() -> None:
    bed = bed_loop(synthetic_spectrum(), -52, "scene")
    seam = np.concatenate([bed[:, -2_000:], bed[:, :2_000]], axis=1)
    bends = np.abs(np.diff(seam, n=2, axis=1))
    assert bends[:, 1_996:2_002].max() <= np.quantile(np.abs(np.diff(bed, n=2, axis=1)), 0.999)
    levels = [level_dbfs(bed[:, at : at + 24_000]) for at in range(0, 240_000, 24_000)]
    assert np.ptp(levels) < 1.5


def test_a_bed_is_the_same_every_time_and_another_one_elsewhere() -> None:
    spectrum = synthetic_spectrum()
    assert (bed_loop(spectrum, -52, "hall") == bed_loop(spectrum, -52, "hall")).all()
    assert abs(np.corrcoef(bed_loop(spectrum, -52, "hall")[0], bed_loop(spectrum, -52, "yard")[0])[0, 1]) < 0.05


def test_synthetic_tone_falls_three_decibels_an_octave_in_density() -> None:
    levels = _octave_levels(bed_loop(synthetic_spectrum(), -52, "scene"))
    assert np.ptp(levels[:6]) < 1.5  # pink: every octave carries the same power


def test_production_tone_keeps_its_own_level_within_bounds() -> None:
    assert production_level(-58.0, -52.0) == -58.0
    assert production_level(-90.0, -52.0) == -72.0
    assert production_level(-30.0, -52.0) == -37.0


def test_a_silent_stretch_makes_a_silent_bed() -> None:
    assert not bed_loop(spectrum_of(np.zeros((2, 9_600), np.float32)), -52, "vacuum").any()
