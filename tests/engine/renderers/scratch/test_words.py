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


def test_nothing_but_punctuation_is_no_line() -> None:
    assert read_line("... — !", 1) is None
