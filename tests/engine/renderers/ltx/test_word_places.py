import itertools

import numpy as np

from sottovoce_engine.renderers.ltx.word_places import word_places
from sottovoce_engine.timing import Span

RATE = 48_000


def sound_with(speech: Span, length: int, noise: float = 0.0) -> np.ndarray:
    sound = np.random.default_rng(1).normal(0, max(noise, 1e-9), (2, length)).astype(np.float32)
    tone = 0.2 * np.sin(2 * np.pi * 200 * np.arange(speech.length) / RATE)
    sound[:, speech.start : speech.end] += tone.astype(np.float32)
    return sound


def test_words_lie_where_something_is_said() -> None:
    speech = Span(RATE // 2, RATE * 3 // 2)
    for noise in (0.0, 0.003):
        words = word_places("close your eyes", sound_with(speech, 2 * RATE, noise), Span(0, 2 * RATE))
        assert [word.text for word in words] == ["close", "your", "eyes"]
        assert abs(words[0].span.start - speech.start) <= 480
        assert abs(words[-1].span.end - speech.end) <= 480
        assert all(before.span.end == after.span.start for before, after in itertools.pairwise(words))
        assert words[0].span.length > words[1].span.length


def test_steady_noise_is_taken_for_speech_all_along() -> None:
    words = word_places("one two", sound_with(Span(0, RATE), RATE, 0.1), Span(0, RATE))
    assert words[0].span.start < 2_000
    assert words[-1].span.end > RATE - 2_000


def test_silence_has_no_words() -> None:
    assert word_places("one two", np.zeros((2, RATE), np.float32), Span(0, RATE)) == ()
    assert word_places("one two", np.ones((2, RATE), np.float32), Span(0, 100)) == ()
