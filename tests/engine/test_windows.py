import itertools
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Region
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import (
    DEFAULT_HANDLE_FRAMES,
    MIN_HANDLE_FRAMES,
    divisor_for,
    longest_span,
    part_number,
    parts_of_region,
    whole_region_id,
    window_for,
)

RATES = tuple(
    Fraction(rate)
    for rate in (
        "24",
        "24000/1001",
        "25",
        "30000/1001",
        "30",
        "48",
        "50",
        "60000/1001",
        "60",
        "100",
        "120000/1001",
        "12",
    )
)
a_rate = st.sampled_from(RATES)
REGION = Region(id="0000000a", span=Span(0, 1), register="soft", voice="Anna", line="")


@st.composite
def spans_that_fit(draw: st.DrawFn) -> tuple[Span, Fraction]:
    rate = draw(a_rate)
    start = draw(st.integers(0, 100_000))
    return Span(start, start + draw(st.integers(1, longest_span(rate)))), rate


@given(spans_that_fit(), st.integers(MIN_HANDLE_FRAMES, 240))
def test_a_window_covers_its_region_with_handles_and_tail(fitting: tuple[Span, Fraction], handle: int) -> None:
    span, rate = fitting
    window = window_for(span, rate, handle)
    before, after = span.start - window.start, window.span.end - span.end
    assert window.model_frames % 8 == 1
    assert window.divisor == divisor_for(rate)
    assert window.model_frames * window.divisor / rate <= 20
    assert MIN_HANDLE_FRAMES <= before <= handle
    assert (after - before) / rate >= Fraction(2, 25)  # the sound's tail comes on top of the handle


@given(spans_that_fit(), st.integers(MIN_HANDLE_FRAMES, 240))
def test_handles_shrink_only_as_far_as_they_must(fitting: tuple[Span, Fraction], handle: int) -> None:
    span, rate = fitting
    shrunk = span.start - window_for(span, rate, handle).start
    if shrunk < handle:
        assert span.length + 2 * (shrunk + 1) > longest_span(rate) + 2 * MIN_HANDLE_FRAMES


@pytest.mark.parametrize(
    ("rate", "divisor"),
    [("24", 1), ("30000/1001", 1), ("30", 1), ("48", 2), ("50", 2), ("60000/1001", 2), ("60", 2), ("100", 4)],
)
def test_the_model_runs_at_30_frames_a_second_at_most(rate: str, divisor: int) -> None:
    assert divisor_for(Fraction(rate)) == divisor
    assert Fraction(rate) / divisor <= 30


@pytest.mark.parametrize(
    ("rate", "length", "start", "model_frames"),
    [
        (Fraction(24), 47, -24, 97),  # 47 + 2 x 24 + 2 of tail are 97
        (Fraction(24), 48, -24, 105),
        (Fraction(50), 100, -24, 81),  # 152 scene frames are 76 model frames
        (Fraction(24), 455, -8, 473),
    ],
)
def test_known_windows(rate: Fraction, length: int, start: int, model_frames: int) -> None:
    window = window_for(Span(0, length), rate, DEFAULT_HANDLE_FRAMES)
    assert (window.start, window.model_frames) == (start, model_frames)


@pytest.mark.parametrize("rate", RATES)
def test_one_frame_more_does_not_fit(rate: Fraction) -> None:
    longest = longest_span(rate)
    assert window_for(Span(0, longest), rate)
    with pytest.raises(InputError, match=f"A region of {longest + 1} frames .* Split it into shorter regions"):
        window_for(Span(0, longest + 1), rate)


def test_a_rate_so_low_that_handles_fill_the_window() -> None:
    with pytest.raises(
        InputError, match="At 1 frames a second, 8 frames before a region and 8 after it fill the whole window"
    ):
        window_for(Span(0, 1), Fraction(1))
    assert window_for(Span(0, 1), Fraction(2)).model_frames == 33


def long_region(seconds: int, words: list[str], rate: Fraction) -> Region:
    return replace(
        REGION, span=Span(100, 100 + round(seconds * rate)), line=" ".join(words), lead_frames=3, tail_frames=5
    )


@given(
    rate=a_rate,
    words=st.lists(st.sampled_from(("no", "listen,", "never.", "extraordinary")), min_size=40, max_size=80),
    seconds=st.integers(1, 120),
)
def test_parts_meet_and_keep_every_word(rate: Fraction, words: list[str], seconds: int) -> None:
    region = long_region(seconds, words, rate)
    parts = parts_of_region(region, rate)
    assert parts[0].span.start == region.span.start
    assert parts[-1].span.end == region.span.end
    assert all(one.span.end == next_one.span.start for one, next_one in itertools.pairwise(parts))
    assert " ".join(part.line for part in parts) == region.line
    assert all(window_for(part.span, rate) for part in parts)
    assert (len(parts) == 1) == (region.span.length <= longest_span(rate))
    if len(parts) == 1:
        assert parts == (region,)
    else:
        assert [part.id for part in parts] == [f"0000000a-{number}" for number in range(1, len(parts) + 1)]
        assert [part.lead_frames for part in parts] == [3] + [0] * (len(parts) - 1)
        assert [part.tail_frames for part in parts] == [0] * (len(parts) - 1) + [5]


def test_a_long_region_is_cut_where_a_sentence_ends() -> None:
    line = "I told you that I would come back to you. I said it twice, and then I came here."
    first, second = parts_of_region(long_region(24, line.split(), Fraction(24)), Fraction(24))
    assert first.line == "I told you that I would come back to you."
    assert second.line == "I said it twice, and then I came here."


@pytest.mark.parametrize(
    ("seconds", "line", "message"),
    [
        (30, "Nooooooo", r"'Nooooooo' \(Anna\) is 30\.0 s long, and one window of 20 s holds 19\.0 s .* words \(1\)"),
        (100, "one two three four", r"is 100\.0 s long, .* too few words \(4\) to be split .* Shorten the mark"),
        (40, "我一直在想这件事", r"too few words \(1\)"),
        (21, "extraordinary" * 20 + " no", r"too few words \(2\)"),
    ],
)
def test_a_long_region_of_few_words_is_refused(seconds: int, line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parts_of_region(long_region(seconds, [line], Fraction(24)), Fraction(24))


def test_an_hour_on_one_mark_is_split_in_good_time() -> None:
    region = long_region(3600, ["no"] * 660, Fraction(24))
    assert len(parts_of_region(region, Fraction(24))) >= 190


@pytest.mark.parametrize(
    ("region_id", "whole", "number"),
    [
        ("1f0c9a42-2", "1f0c9a42", 2),
        ("1f0c9a42", "1f0c9a42", 0),
        ("1f0c9a42-12", "1f0c9a42", 12),
        ("sc-a-3", "sc-a", 3),
        ("-3", "-3", 0),
    ],
)
def test_a_part_names_the_region_it_is_of_and_which_one_it_is(region_id: str, whole: str, number: int) -> None:
    assert whole_region_id(region_id) == whole
    assert part_number(region_id) == number
