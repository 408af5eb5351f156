"""All seven registers, for a woman and a man, measured on what comes out."""

import itertools
from functools import cache

import numpy as np
import pytest

from sottovoce_engine.media.loudness import loudness_lufs, true_peak_dbtp
from sottovoce_engine.renderers.scratch.speech import Speech, speech_for

from .measuring import Mono, alpha_ratio_db, autocorrelation_voicing, median_f0, voiced_share
from .scratch_jobs import REGISTERS, never_stops, scratch_job

pytestmark = pytest.mark.xdist_group("scratch voices")

LINE = "Close your eyes, and listen to the river."
VOICED = ("soft", "quieter", "normal", "loud", "shout", "scream")


@cache
def take(register: str, gender: str) -> Speech:
    return speech_for(scratch_job(LINE, register, gender), never_stops)


@cache
def speech(register: str, gender: str) -> Mono:
    said = take(register, gender)
    return said.sound[said.words[0].span.start : said.words[-1].span.end].astype(np.float64)


def loudness(register: str, gender: str) -> float:
    sound = speech(register, gender).astype(np.float32)
    measured = loudness_lufs(np.stack((sound, sound)))
    assert measured is not None
    return measured


genders = pytest.mark.parametrize("gender", ["woman", "man"])


@genders
def test_a_whisper_has_no_voice(gender: str) -> None:
    assert autocorrelation_voicing(speech("whisper", gender)) < 0.5
    assert voiced_share(speech("whisper", gender)) < 0.06


@genders
@pytest.mark.parametrize("register", VOICED)
def test_every_other_register_has_one(register: str, gender: str) -> None:
    assert autocorrelation_voicing(speech(register, gender)) > 0.7
    assert voiced_share(speech(register, gender)) > 0.6


@genders
def test_pitch_rises_from_soft_to_scream(gender: str) -> None:
    pitches = [median_f0(speech(register, gender)) for register in VOICED]
    semitones = [12 * np.log2(pitch / pitches[VOICED.index("normal")]) for pitch in pitches]
    assert all(b - a > 0.5 for a, b in itertools.pairwise(semitones)), semitones
    assert semitones[VOICED.index("soft")] == pytest.approx(-2.5, abs=1.0)
    assert semitones[VOICED.index("shout")] == pytest.approx(8.0, abs=1.5)


@genders
def test_the_spectrum_tilts_up_with_effort_and_a_whisper_lies_above_all(gender: str) -> None:
    ratios = [alpha_ratio_db(speech(register, gender)) for register in VOICED]
    assert all(b - a > 1.0 for a, b in itertools.pairwise(ratios)), ratios
    assert alpha_ratio_db(speech("whisper", gender)) > max(3.0, ratios[-1])


@genders
def test_levels_keep_the_order_of_the_registers(gender: str) -> None:
    levels = [loudness(register, gender) for register in REGISTERS.names]
    assert all(b - a > 1.0 for a, b in itertools.pairwise(levels)), levels
    assert loudness("normal", gender) - loudness("whisper", gender) > 9.0


@genders
@pytest.mark.parametrize("register", REGISTERS.names)
def test_peaks_stay_below_full_scale(register: str, gender: str) -> None:
    assert true_peak_dbtp(take(register, gender).sound[None]) < -3.0


def test_a_man_lies_ten_semitones_and_a_longer_throat_below_a_woman() -> None:
    woman, man = speech("normal", "woman"), speech("normal", "man")
    assert 5.0 < 12 * np.log2(median_f0(woman) / median_f0(man)) < 14.0
