"""Word times against the sound itself."""

import numpy as np
import pytest
from scipy import signal

from sottovoce_engine.renderers.scratch.hibari_voice import read_line
from sottovoce_engine.renderers.scratch.utterance import RATE, SaidWord, quiet, settled
from sottovoce_engine.timing import Span

from .scratch_jobs import never_stops


@pytest.mark.parametrize("pace", [0.7, 1.0, 1.4])
def test_words_begin_where_their_first_sound_does(pace: float) -> None:
    """A hiss between vowels has a visible onset: the energy above 4.5 kHz."""
    line = read_line("Maybe soon the sea may sound so sad", 1)
    assert line is not None
    said = line.said(pace, never_stops)
    high = signal.sosfiltfilt(signal.butter(4, 4500, "high", fs=RATE, output="sos"), said.sound)
    level = 10 * np.log10((high[: len(high) // 120 * 120].reshape(-1, 120) ** 2).mean(axis=1) + 1e-12)
    errors = []
    for word in said.words[1:]:
        if word.text.startswith("s"):
            start = word.span.start // 120
            peak = start - 10 + int(np.argmax(level[start - 10 : start + 20]))
            onset = peak
            while level[onset - 1] > level[peak] - 12.0:
                onset -= 1
            errors.append((onset - start) * 0.005)
    assert len(errors) == 5
    assert max(np.abs(errors)) <= 0.04


def test_silence_belongs_to_no_word() -> None:
    line = read_line("Listen. Then go.", 1)
    assert line is not None
    said = line.said(0.8, never_stops)
    listen, then, _ = said.words
    assert then.span.start - listen.span.end > 0.15 * RATE
    silent = quiet(said.sound)
    assert silent[listen.span.end // 120 : then.span.start // 120].all()
    assert not silent[said.speech.start // 120]
    assert not silent[said.speech.end // 120 - 1]
    assert silent[: said.speech.start // 120].all()


def test_a_pause_inside_the_given_words_is_taken_out_of_both() -> None:
    sound = np.concatenate([np.zeros(1200), np.ones(4800), np.zeros(2400), np.ones(4800), np.zeros(1200)])
    given = (SaidWord(text="a", span=Span(0, 7200)), SaidWord(text="b", span=Span(7200, 14400)))
    assert [word.span for word in settled(given, sound)] == [Span(1200, 6000), Span(8400, 13200)]


def test_two_sayings_with_one_seed_are_the_same_sound() -> None:
    one, other = read_line("Say it again.", 7), read_line("Say it again.", 7)
    assert one is not None
    assert other is not None
    assert np.array_equal(one.said(1.1, never_stops).sound, other.said(1.1, never_stops).sound)


def test_markup_of_the_voice_is_just_text_in_a_line() -> None:
    line = read_line("Read [this](/zˈu/) aloud", 1)
    assert line is not None
    said = line.said(1.0, never_stops)
    plain = read_line("Read this aloud", 1)
    assert plain is not None
    assert said.speech.length > plain.said(1.0, never_stops).speech.length


@pytest.mark.parametrize(
    "word", ["a-b" * 80, "Ab" * 60, "1234567890" * 5, "'" * 900 + "a", "http://" + "x" * 80, "Ha" * 90]
)
def test_a_word_that_nobody_would_write_is_read_in_parts_and_stays_one_word(word: str) -> None:
    line = read_line(f"Say {word} now", 1)
    assert line is not None
    said = line.said(1.0, never_stops)
    assert [one.text for one in said.words] == ["Say", word, "now"]


@pytest.mark.parametrize(("drawn_out", "plain"), [("Nooooo!!!!!!!", "No!!!"), ("Aaaaaah!", "Ah!"), ("Yessss?", "Yes?")])
def test_a_drawn_out_word_is_read_as_the_word_it_is(drawn_out: str, plain: str) -> None:
    one, other = read_line(drawn_out, 1), read_line(plain, 1)
    assert one is not None
    assert other is not None
    said = one.said(1.0, never_stops)
    assert [word.text for word in said.words] == [drawn_out]
    assert np.array_equal(said.sound, other.said(1.0, never_stops).sound)


def test_a_hush_is_a_hiss_and_no_spelling() -> None:
    hush, letters = read_line("Shhhh... listen", 1), read_line("S H listen", 1)
    assert hush is not None
    assert letters is not None
    said = hush.said(1.0, never_stops)
    assert [word.text for word in said.words] == ["Shhhh...", "listen"]
    hiss = said.sound[said.words[0].span.start : said.words[0].span.end]
    crossings = np.count_nonzero(np.diff(np.signbit(hiss))) / len(hiss) * RATE / 2
    assert crossings > 2500  # Hz: no vowel anywhere in it


def test_nothing_but_punctuation_is_no_line() -> None:
    assert read_line("... — !", 1) is None
