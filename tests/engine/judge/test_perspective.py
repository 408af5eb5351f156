from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from sottovoce_engine.codec import to_json
from sottovoce_engine.judge.perspective import (
    PerspectiveFinding,
    PerspectiveThresholds,
    judged_perspective,
    perspective_of,
)
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.timing import SAMPLE_RATE

from .corpus import LINES, VOICES, corpus

pytestmark = pytest.mark.xdist_group("scratch voices")

THRESHOLDS = thresholds_of("perspective", PerspectiveThresholds)

Mono = NDArray[np.float32]


@cache
def spoken(register: str, voice: int, first: int, last: int) -> Mono:
    clips = corpus((VOICES[voice],), LINES[first:last], (register,), ("clean",))
    return np.concatenate([clip.sound for clip in clips])


def in_room(sound: Mono, seconds: float, tail_db: float, seed: int = 1) -> Mono:
    """The direct sound and a tail of noise that falls by 60 dB in so many seconds."""
    times = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tail = np.random.default_rng(seed).standard_normal(times.size) * 10 ** (-3 * times / seconds)
    tail[:240] = 0.0
    tail *= 10 ** (tail_db / 20) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    return np.asarray(fftconvolve(sound, tail)[: sound.size], np.float32)


def brightened(sound: Mono, db_per_octave: float) -> Mono:
    hertz = np.maximum(np.fft.rfftfreq(sound.size, 1 / SAMPLE_RATE), 50.0)
    gain = 10 ** (db_per_octave * np.log2(hertz / 1_000) / 20)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * gain, sound.size), np.float32)


def beside(take: Mono, production: Mono, *, same_effort: bool = True) -> PerspectiveFinding:
    found = judged_perspective(take[None], np.stack([production] * 2), same_effort=same_effort, thresholds=THRESHOLDS)
    assert found is not None
    assert found.passes is None
    assert to_json(found, format_version=1)
    return found


both = pytest.mark.parametrize("voice", [0, 2], ids=["woman", "man"])


@both
def test_other_lines_of_the_same_voice_in_the_same_room_get_no_note(voice: int) -> None:
    take, production = spoken("normal", voice, 0, 2), spoken("normal", voice, 4, 7)
    assert beside(take, production).why == ()
    assert beside(take, 0.2 * production).why == ()
    assert beside(in_room(take, 0.8, -3.0), in_room(production, 0.8, -3.0, seed=2)).why == ()


@both
@settings(max_examples=8)
@given(seconds=st.floats(0.7, 2.0), tail_db=st.floats(-3.0, 3.0), seed=st.integers(0, 100))
def test_a_dry_take_beside_a_roomy_original_is_told(voice: int, seconds: float, tail_db: float, seed: int) -> None:
    take, production = spoken("normal", voice, 0, 2), spoken("normal", voice, 4, 7)
    roomy = in_room(production, seconds, tail_db, seed)
    (why,) = beside(take, roomy).why
    assert "closer and drier" in why
    (why,) = beside(in_room(take, seconds, tail_db, seed), production).why
    assert "more distant" in why


def test_longer_rooms_decay_more_slowly() -> None:
    voice = spoken("normal", 2, 4, 7)
    decays = []
    for seconds in (0.5, 0.8, 1.5):
        found = perspective_of(in_room(voice, seconds, 0.0)[None])
        assert found is not None
        assert found.decay_db_per_s is not None
        decays.append(found.decay_db_per_s)
    assert decays == sorted(decays, reverse=True)
    assert decays[0] > 1.4 * decays[-1]


@pytest.mark.parametrize(("tilt", "word"), [(4.0, "brighter"), (-4.0, "duller")])
def test_another_colour_is_told_by_how_much(tilt: float, word: str) -> None:
    take, production = spoken("normal", 0, 0, 2), spoken("normal", 0, 4, 7)
    found = beside(brightened(take, tilt), production)
    assert any(word in why for why in found.why)
    assert found.take.tilt_db_per_octave - found.production.tilt_db_per_octave == pytest.approx(
        tilt, abs=1.5
    )  # other moments are loud then


def test_a_whisper_is_not_called_bright_beside_speech() -> None:
    take, production = spoken("whisper", 2, 0, 2), spoken("normal", 2, 4, 7)
    assert any("brighter" in why for why in beside(take, production).why)
    assert beside(take, production, same_effort=False).why == ()


def test_a_noisier_room_is_told() -> None:
    take, production = spoken("loud", 2, 0, 2), spoken("loud", 2, 4, 7)
    noise = np.random.default_rng(1).standard_normal(production.size).astype(np.float32)
    assert any("quieter under the voice" in why for why in beside(take, production + 0.001 * noise).why)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(None, id="none"),
        pytest.param(np.zeros((2, 0), np.float32), id="empty"),
        pytest.param(np.full((2, 480), 0.1, np.float32), id="10 ms"),
        pytest.param(np.zeros((2, 96_000), np.float32), id="silence"),
        pytest.param(np.full((2, 96_000), np.nan, np.float32), id="no numbers"),
        pytest.param(np.random.default_rng(1).standard_normal((6, 96_000)).astype(np.float32), id="noise"),
    ],
)
def test_without_speech_on_both_sides_there_is_no_note(other: Mono | None) -> None:
    take = spoken("normal", 0, 0, 2)[None]
    assert judged_perspective(take, other, same_effort=True, thresholds=THRESHOLDS) is None
    if other is not None:
        assert judged_perspective(other, take, same_effort=True, thresholds=THRESHOLDS) is None
