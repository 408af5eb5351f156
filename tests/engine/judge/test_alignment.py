"""Word times by forced alignment, against the times the voice itself knows."""

import itertools

import numpy as np
import pytest

from sottovoce_engine.judge.alignment import aligned_words, shared_aligner
from sottovoce_engine.take import SpokenWord

from .spoken_lines import THRESHOLDS, noise, speech, spoken

pytestmark = pytest.mark.xdist_group("scratch voices")

LINE = "Close your eyes, and listen to the river."
MS = 48


def off_by_ms(found: tuple[SpokenWord, ...], truth: tuple[SpokenWord, ...]) -> np.ndarray:
    assert [word.text for word in found] == [word.text for word in truth]
    return np.array([abs(a.span.start - b.span.start) / MS for a, b in zip(found, truth, strict=True)])


@pytest.mark.parametrize("register", ["normal", "soft", "whisper"])
@pytest.mark.parametrize("gender", ["woman", "man"])
def test_words_lie_where_they_are_said(register: str, gender: str) -> None:
    found = aligned_words(spoken(LINE, register, gender), LINE)
    assert found is not None
    off = off_by_ms(found, speech(LINE, register, gender).words)
    assert np.median(off) < 30
    assert off.max() < 120


def test_a_numeral_is_one_word_in_whichever_reading_is_said() -> None:
    line = "They left at 7:45, in 1999."
    found = aligned_words(spoken(line), line)
    assert found is not None
    assert [word.text for word in found] == ["They", "left", "at", "7:45,", "in", "1999."]
    starts = [word.span.start for word in speech(line).words]
    assert abs(found[4].span.start - starts[4]) < 100 * MS


def test_a_name_that_no_dictionary_holds_is_read_by_rule() -> None:
    line = "Ask Wojciechowska about the river."
    found = aligned_words(spoken(line), line)
    assert found is not None
    assert off_by_ms(found, speech(line).words).max() < 150


def test_a_word_of_another_script_lies_between_its_neighbours() -> None:
    found = aligned_words(spoken("Say it to the river."), "Say 川 it to the 川川 river.")
    assert found is not None
    assert [word.text for word in found] == ["Say", "川", "it", "to", "the", "川川", "river."]
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(found))


def test_a_wrong_line_does_not_fit() -> None:
    wrong = shared_aligner().aligned(spoken(LINE), "Nobody told me anything about your brother's money.")
    assert wrong is None or wrong.score < THRESHOLDS.fit


def test_the_same_sound_and_line_give_the_same_words_again() -> None:
    first = shared_aligner().aligned(spoken(LINE), LINE)
    shared_aligner().aligned(spoken("Say it to the river."), "Say it to the river.")
    assert shared_aligner().aligned(spoken(LINE), LINE) == first


@pytest.mark.parametrize("line", ["", "🎉", "日本語です", "..."])
def test_a_line_without_english_words_is_not_aligned(line: str) -> None:
    assert aligned_words(spoken(LINE), line) is None


@pytest.mark.parametrize("samples", [0, 1, 480, 4799])
def test_a_sound_shorter_than_a_word_is_not_aligned(samples: int) -> None:
    assert aligned_words(spoken(LINE)[:, :samples], LINE) is None


def test_silence_and_a_line_longer_than_the_sound_do_not_fit() -> None:
    assert aligned_words(np.zeros((2, 96_000), np.float32), LINE) is None
    assert aligned_words(noise(0.5), LINE * 40) is None


def test_numbers_that_are_none_count_as_silence() -> None:
    sound = spoken(LINE).copy()
    sound[:, :100] = np.nan
    sound[:, 100:200] = np.inf
    assert aligned_words(sound, LINE) is not None
