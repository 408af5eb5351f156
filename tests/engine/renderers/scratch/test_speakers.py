import itertools

import numpy as np
import pytest

from sottovoce_engine.renderers.scratch.performance import performance_for
from sottovoce_engine.renderers.scratch.speakers import Speaker, speaker_for
from sottovoce_engine.renderers.scratch.speech import speech_for
from sottovoce_engine.scene import Gender, Voice

from .measuring import median_f0
from .scratch_jobs import never_stops, scratch_job

WOMEN = ("Anna", "Beth", "Clara", "Dina", "Eve", "Grace")
MEN = ("Adam", "Ben", "Carl", "Dan", "Greg", "Tom")


def speaker(name: str, gender: Gender = Gender.WOMAN, sound: str = "") -> Speaker:
    return speaker_for(Voice(name=name, gender=gender, sound=sound))


@pytest.mark.parametrize(("names", "gender"), [(WOMEN, Gender.WOMAN), (MEN, Gender.MAN)])
def test_names_give_distinct_voices(names: tuple[str, ...], gender: Gender) -> None:
    """Any two differ by what a listener notices in pitch, throat, pace or brightness."""
    for one, other in itertools.combinations([speaker(name, gender) for name in names], 2):
        differences = (
            abs(one.semitones - other.semitones) / 0.7,
            abs(one.tract - other.tract) / 0.02,
            abs(one.pace - other.pace) / 0.04,
            abs(one.tilt_db - other.tilt_db) / 0.8,
        )
        assert max(differences) > 1.0


def test_a_name_is_one_voice_however_it_is_written() -> None:
    assert speaker("Anna") == speaker(" ANNA ")


@pytest.mark.parametrize("gender", Gender)
def test_the_words_on_a_voice_move_it_their_way(gender: Gender) -> None:
    plain = speaker("Kim", gender)
    assert speaker("Kim", gender, "low, tired").semitones < plain.semitones - 2
    assert speaker("Kim", gender, "high").semitones > plain.semitones + 2
    assert speaker("Kim", gender, "Deep").tract < plain.tract
    assert speaker("Kim", gender, "old and slow").pace < 0.85 * plain.pace
    assert speaker("Kim", gender, "hoarse").roughness > plain.roughness
    assert speaker("Kim", gender, "nobody in particular") == plain


def test_every_man_lies_below_every_woman() -> None:
    assert max(speaker(n, Gender.MAN).semitones for n in MEN) < min(speaker(n).semitones for n in WOMEN) - 4


def test_the_shape_is_heard() -> None:
    low, high = (
        median_f0(speech_for(scratch_job("Where are you going?", sound=sound), never_stops).sound.astype(np.float64))
        for sound in ("low", "high")
    )
    assert high > low * 2 ** (3.5 / 12)


def test_seeds_say_it_differently_and_the_same_seed_alike() -> None:
    job = scratch_job("Where are you going?", seconds=3.0)
    one, again = speech_for(job, never_stops), speech_for(job, never_stops)
    other = speech_for(scratch_job("Where are you going?", seconds=3.0, seed=2), never_stops)
    assert np.array_equal(one.sound, again.sound)
    assert one.words == again.words
    holds = [[word.span.length for word in speech.words] for speech in (one, other)]
    assert max(abs(a - b) for a, b in zip(*holds, strict=True)) > 480  # 10 ms
    first, second = performance_for(1, "line", 4), performance_for(2, "line", 4)
    assert np.abs(first.accents - second.accents).max() > 0.5
