import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.timing import (
    SAMPLE_RATE,
    Span,
    can_drop_frames,
    frame_at,
    frame_from_timecode,
    frames_in,
    rate_from,
    rate_in,
    sample_at,
    samples_of,
    timebase,
    timecode,
)

FILM, PAL = Fraction(24), Fraction(25)
NTSC_FILM, NTSC, NTSC_DOUBLE = Fraction(24_000, 1001), Fraction(30_000, 1001), Fraction(60_000, 1001)
RATES = (NTSC_FILM, FILM, PAL, NTSC, Fraction(30), Fraction(48), Fraction(50), NTSC_DOUBLE, Fraction(60), Fraction(120))

a_rate = st.sampled_from(RATES)
any_rate = a_rate | st.fractions(min_value=1, max_value=1000, max_denominator=1001)
a_frame = st.integers(-10_000_000, 10_000_000)
a_span = st.builds(lambda start, length: Span(start, start + length), st.integers(-500, 500), st.integers(0, 500))


@given(frame=a_frame, rate=any_rate)
def test_a_frame_keeps_its_number_through_samples(frame: int, rate: Fraction) -> None:
    assert frame_at(sample_at(frame, rate), rate) == frame


@given(frame=a_frame, rate=any_rate)
def test_a_sample_lies_within_half_a_sample_of_the_exact_time(frame: int, rate: Fraction) -> None:
    assert abs(sample_at(frame, rate) - frame * SAMPLE_RATE / rate) <= Fraction(1, 2)


@given(sample=st.integers(-(10**12), 10**12), rate=any_rate)
def test_the_frame_of_a_sample_begins_at_most_half_a_frame_away(sample: int, rate: Fraction) -> None:
    begins = frame_at(sample, rate) * SAMPLE_RATE / rate
    assert abs(begins - sample) <= SAMPLE_RATE / rate / 2


@pytest.mark.parametrize(
    ("rate", "frames", "samples"),
    [
        (FILM, 97, 194_000),
        (NTSC_FILM, 1, 2002),
        (PAL, 1, 1920),
        (NTSC, 5, 8008),
        (NTSC, 1, 1602),
        (NTSC_DOUBLE, 1, 801),
    ],
)
def test_samples_of_known_frames(rate: Fraction, frames: int, samples: int) -> None:
    assert sample_at(frames, rate) == samples


@given(span=a_span, cut=st.integers(0, 500), rate=any_rate)
def test_neighbouring_spans_share_their_sample(span: Span, cut: int, rate: Fraction) -> None:
    middle = min(span.start + cut, span.end)
    left, right = samples_of(Span(span.start, middle), rate), samples_of(Span(middle, span.end), rate)
    assert left.end == right.start
    assert left.length + right.length == samples_of(span, rate).length


@given(one=a_span, other=a_span)
def test_span_relations_agree_with_sets_of_frames(one: Span, other: Span) -> None:
    ones, others = set(range(one.start, one.end)), set(range(other.start, other.end))
    common = one.common(other)
    assert one.overlaps(other) == bool(ones & others)
    assert (set(range(common.start, common.end)) if common else set()) == ones & others
    if others:
        assert one.contains(other) == (others <= ones)


@given(span=a_span, by=st.integers(-100, 100))
def test_a_span_moves_and_grows(span: Span, by: int) -> None:
    assert span.shifted(by).shifted(-by) == span
    assert span.shifted(by).length == span.length
    assert span.grown(abs(by), 3) == Span(span.start - abs(by), span.end + 3)


def test_a_span_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Span(4, 3)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (23.976, NTSC_FILM),
        (23.98, NTSC_FILM),
        (23.976023976023978, NTSC_FILM),
        (24, FILM),
        (24.0, FILM),
        (25.0, PAL),
        (29.97, NTSC),
        (30.0, Fraction(30)),
        (47.952, Fraction(48_000, 1001)),
        (59.94, NTSC_DOUBLE),
        (119.88, Fraction(120_000, 1001)),
        (12.5, Fraction(25, 2)),
        (4.995, Fraction(5000, 1001)),
        (1, Fraction(1)),
        (NTSC_FILM, NTSC_FILM),
        (Fraction(2997, 100), NTSC),
    ],
)
def test_the_rate_meant(written: float, meant: Fraction) -> None:
    assert rate_from(written) == meant


@given(rate=a_rate)
def test_a_rate_survives_floats(rate: Fraction) -> None:
    assert rate_from(float(rate)) == rate
    assert rate_from(round(float(rate), 3)) == rate


@pytest.mark.parametrize("wrong", [0, -24, 0.4, 1001, math.nan, math.inf, -math.inf, Fraction(0), Fraction(10**400)])
def test_no_rate(wrong: float) -> None:
    with pytest.raises(InputError, match=r"^The frame rate is .* Give a number from 1 to 1000 frames a second"):
        rate_from(wrong)


@pytest.mark.parametrize(
    ("text", "rate"), [("24", Fraction(24)), ("23.976", NTSC_FILM), ("24000/1001", NTSC_FILM), (" 25.0 ", Fraction(25))]
)
def test_a_rate_is_read_as_people_write_it(text: str, rate: Fraction) -> None:
    assert rate_in(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "24/0", "nan", "0", "1e9", "-24"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="rate"):
        rate_in(text)


@pytest.mark.parametrize(
    ("seconds", "rate", "frames"),
    [(1, NTSC_FILM, 24), (Fraction(1001, 24_000), NTSC_FILM, 1), (2.5, FILM, 60), (0.5, PAL, 13), (0, PAL, 0)],
)
def test_frames_in_seconds(seconds: float, rate: Fraction, frames: int) -> None:
    assert frames_in(seconds, rate) == frames


@pytest.mark.parametrize(("rate", "base"), list(zip(RATES, (24, 24, 25, 30, 30, 48, 50, 60, 60, 120), strict=True)))
def test_timecode_counts_whole_frames(rate: Fraction, base: int) -> None:
    assert timebase(rate) == base


@pytest.mark.parametrize(
    ("rate", "frame", "text"),
    [
        (FILM, 0, "00:00:00:00"),
        (FILM, 86_400, "01:00:00:00"),
        (NTSC_FILM, 86_400 + 25, "01:00:01:01"),
        (PAL, -1, "23:59:59:24"),
        (Fraction(120), 119, "00:00:00:119"),
        # SMPTE ST 12-1: drop-frame shows wall-clock time to within two frames, and exactly every ten minutes.
        (NTSC, 1799, "00:00:59;29"),
        (NTSC, 1800, "00:01:00;02"),
        (NTSC, 3597, "00:01:59;29"),
        (NTSC, 3598, "00:02:00;02"),
        (NTSC, 17_981, "00:09:59;29"),
        (NTSC, 17_982, "00:10:00;00"),
        (NTSC, 107_892, "01:00:00;00"),
        (NTSC, 2_589_408, "00:00:00;00"),
        (NTSC_DOUBLE, 3599, "00:00:59;59"),
        (NTSC_DOUBLE, 3600, "00:01:00;04"),
        (NTSC_DOUBLE, 215_784, "01:00:00;00"),
    ],
)
def test_known_timecodes(rate: Fraction, frame: int, text: str) -> None:
    drop = ";" in text
    day = 24 * (6 * (17_982 * timebase(rate) // 30) if drop else 3600 * timebase(rate))
    assert timecode(frame, rate, drop=drop) == text
    assert frame_from_timecode(text, rate) == frame % day


@given(frame=st.integers(0, 24 * 86_400 - 1), rate=a_rate)
def test_timecode_round_trip(frame: int, rate: Fraction) -> None:
    assert frame_from_timecode(timecode(frame, rate), rate) == frame
    if can_drop_frames(rate):
        assert frame_from_timecode(timecode(frame, rate, drop=True), rate) == frame


@given(frame=st.integers(0, 2_000_000))
def test_drop_frame_shows_the_time_of_day(frame: int) -> None:
    hours, minutes, rest = timecode(frame, NTSC, drop=True).split(":")
    seconds, frames = rest.split(";")
    shown = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + Fraction(int(frames), 30)
    assert abs(shown - (frame / NTSC) % 86_400) < Fraction(4, 30)


def test_only_two_rates_drop_frames() -> None:
    assert [rate for rate in RATES if can_drop_frames(rate)] == [NTSC, NTSC_DOUBLE]
    with pytest.raises(ValueError, match="no drop-frame"):
        timecode(0, FILM, drop=True)


@pytest.mark.parametrize(
    ("text", "rate", "message"),
    [
        ("", FILM, "is no timecode"),
        ("soon", FILM, "is no timecode"),
        ("01:00:04", FILM, "is no timecode"),
        ("01:00:04.12", FILM, "is no timecode"),  # could be 4.12 seconds
        ("-01:00:00:00", FILM, "is no timecode"),
        ("01:00:00:00\n01:00:00:00", FILM, "is no timecode"),
        ("24:00:00:00", FILM, "hours run from 00 to 23"),
        ("00:60:00:00", FILM, "minutes run from 00 to 59"),
        ("00:00:60:00", FILM, "seconds run from 00 to 59"),
        ("00:00:00:24", NTSC_FILM, "at 23.976 frames a second: frames run from 00 to 23"),
        ("00:00:00;00", PAL, "exists only at 29.97 and 59.94"),
        ("00:01:00;01", NTSC, "skips. Use 02 or above"),
        ("00:01:00;03", NTSC_DOUBLE, "skips. Use 04 or above"),
    ],
)
def test_no_timecode(text: str, rate: Fraction, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        frame_from_timecode(text, rate)
    assert f"'{text}'" in str(caught.value)
