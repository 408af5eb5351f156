from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side
from sottovoce_ui.splice.words import (
    FADES_MS,
    fade_in_words,
    moved_in_words,
    moved_words,
    ms_words,
    nudged,
    stepped_fade,
    tone_in_words,
    tone_words,
)

RATES = (Fraction(24), Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001), Fraction(60))
KEY = JoinKey("a", Side.IN)


@pytest.mark.parametrize(
    ("text", "samples"),
    [
        ("-10", -20_000),
        ("10 f", 20_000),
        ("+2.5 frames", 5_000),
        ("−1", -2_000),
        ("1,5f", 3_000),
        ("-40 ms", -1_920),
        ("", 0),
        ("0", 0),
    ],
)
def test_a_distance_is_read_in_frames_or_milliseconds(text: str, samples: int) -> None:
    assert moved_in_words(text, Fraction(24)) == samples


@given(frames=st.integers(-200, 200), rate=st.sampled_from(RATES))
def test_whole_frames_are_read_back_as_they_were_written(frames: int, rate: Fraction) -> None:
    samples = moved_in_words(str(frames), rate)
    assert moved_in_words(moved_words(samples, rate), rate) == samples
    assert moved_words(samples, rate) == (f"{frames:+d} f" if frames else "0 f")


@given(frames=st.integers(-50, 50), steps=st.lists(st.sampled_from([-1, 1]), max_size=20), rate=st.sampled_from(RATES))
def test_nudging_stays_on_whole_frames(frames: int, steps: list[int], rate: Fraction) -> None:
    samples = moved_in_words(str(frames), rate)
    for step in steps:
        samples = nudged(samples, step, rate)
    assert samples == moved_in_words(str(frames + sum(steps)), rate)


def test_fades_are_read_and_shown() -> None:
    assert fade_in_words("120") == fade_in_words("120 ms") == 120.0
    assert fade_in_words(" ") is None
    assert ms_words(3_840) == "80 ms"
    assert ms_words(16_999) == "354.1 ms"


def test_a_fade_is_stepped_through_the_usual_lengths() -> None:
    assert stepped_fade(80.0, 1) == 120.0
    assert stepped_fade(80.0, -1) == 40.0
    assert stepped_fade(93.7, 1) == 120.0
    assert stepped_fade(2000.0, 1) == FADES_MS[-1]
    assert stepped_fade(3.0, -1) == FADES_MS[0]


@pytest.mark.parametrize(
    ("text", "tone"),
    [("off", (False, 0.0)), ("On", (True, 0.0)), ("-6", (True, -6.0)), ("+3 dB", (True, 3.0)), ("", (True, 0.0))],
)
def test_room_tone_is_read(text: str, tone: tuple[bool, float]) -> None:
    assert tone_in_words(text) == tone


def test_room_tone_is_shown() -> None:
    assert tone_words(JoinWish(key=KEY)) == "0 dB"
    assert tone_words(JoinWish(key=KEY, tone_db=-6.0)) == "-6 dB"
    assert tone_words(JoinWish(key=KEY, tone=False, tone_db=-6.0)) == "off"


@pytest.mark.parametrize("text", ["ten", "10 km", "--3", "1e9", "9" * 40, "nan"])
def test_what_is_no_number_is_told_with_what_to_write(text: str) -> None:
    with pytest.raises(InputError, match="Write frames, such as -10"):
        moved_in_words(text, Fraction(24))
    with pytest.raises(InputError, match="Write milliseconds, such as 120"):
        fade_in_words(text)
    with pytest.raises(InputError, match="Write decibels, such as -6"):
        tone_in_words(text)
