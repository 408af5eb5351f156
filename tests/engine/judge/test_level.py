import numpy as np
import pytest

from sottovoce_engine.judge.level import judged_level, judged_level_from
from sottovoce_engine.judge.level_finding import LevelFinding
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import voicing_from, voicing_of
from sottovoce_engine.media.loudness import loudness_lufs
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE, Span

from .signals import Mono, noise, voiced

THRESHOLDS = thresholds_of("register", RegisterThresholds)


def level_of(sound: Mono, *words: SpokenWord) -> LevelFinding:
    return judged_level(sound[None], words or None, voicing_of(sound[None], THRESHOLDS))


def test_the_speech_part_is_measured_alone() -> None:
    speech = voiced(2.0, level=0.05)
    around = np.pad(speech, 2 * SAMPLE_RATE)
    around[:SAMPLE_RATE] = noise(1.0, 0.01)
    found, alone = level_of(around), loudness_lufs(speech[None])
    assert alone is not None
    assert found.loudness_lufs == pytest.approx(alone, abs=0.5)
    assert found.passes is None
    assert found.why == ()


def test_words_say_where_the_speech_is() -> None:
    sound = np.concatenate([voiced(1.0, level=0.2), voiced(1.0, level=0.02)])
    late = SpokenWord(text="late", span=Span(SAMPLE_RATE, 2 * SAMPLE_RATE))
    loud, quiet = level_of(sound).loudness_lufs, level_of(sound, late).loudness_lufs
    assert loud is not None
    assert quiet is not None
    assert loud - quiet > 10
    beyond = SpokenWord(text="beyond", span=Span(50 * SAMPLE_RATE, 51 * SAMPLE_RATE))
    assert level_of(sound, beyond).loudness_lufs == pytest.approx(loudness_lufs(sound[None]))


def test_a_peak_above_full_scale_is_named() -> None:
    found = level_of(voiced(1.0, level=0.8))
    assert found.true_peak_dbtp > 0.0
    assert found.why[0].startswith("the true peak lies at +")


@pytest.mark.parametrize("sound", [np.zeros(0, np.float32), np.zeros(480, np.float32), np.zeros(96_000, np.float32)])
def test_silence_has_no_loudness(sound: Mono) -> None:
    found = level_of(sound)
    assert (found.loudness_lufs, found.true_peak_dbtp) == (None, -120.0)
    assert found.why == ("under 400 ms of speech, or silence: no integrated loudness exists",)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf, 1e30])
def test_values_that_are_no_numbers_are_left_to_the_judge_of_damage(broken: float) -> None:
    sound = voiced(1.0)
    sound[1000] = broken
    assert np.isfinite(level_of(sound).true_peak_dbtp)


def test_a_long_sound_is_measured_over_its_first_ten_minutes() -> None:
    second = np.stack((voiced(1.0),) * 1)
    asked: list[Span] = []

    def read(span: Span) -> Sound:
        asked.append(span)
        return np.zeros((1, span.length), np.float32)

    voicing = voicing_from(lambda span: np.resize(second, (1, span.length)), 20 * SAMPLE_RATE, THRESHOLDS)
    words = [SpokenWord(text="long", span=Span(0, 3 * 3600 * SAMPLE_RATE))]
    found = judged_level_from(read, 3 * 3600 * SAMPLE_RATE, words, voicing)
    assert [span.length for span in asked] == [600 * SAMPLE_RATE]
    assert found.why[-1] == "measured over the first 10 of 180 minutes"
