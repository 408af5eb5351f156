"""Labels are round timecode, whatever the timeline starts at."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.timing import frame_from_timecode, timecode
from sottovoce_ui.timeline.ruler import ticks
from sottovoce_ui.timeline.scale import Scale, whole

NTSC = Fraction(30000, 1001)


def labels(scale: Scale, rate: Fraction, start: str) -> list[str]:
    found = ticks(scale, rate, frame_from_timecode(start, rate), drop=";" in start)
    return [label for _, label in found.labelled]


def test_labels_are_round_where_the_timeline_starts_between_them() -> None:
    minutes = labels(whole(24 * 600, 1000), Fraction(24), "01:00:00:13")
    assert minutes == [f"01:{minute:02}:00:00" for minute in range(1, 11)]


def test_drop_frame_labels_stand_at_the_first_number_that_a_minute_has() -> None:
    shown = labels(whole(17_981, 1100), NTSC, "00:58:00;02")
    assert shown == [f"00:{minute}:00;02" for minute in (58, 59)] + ["01:00:00;00"] + [
        f"01:{minute:02}:00;02" for minute in range(1, 8)
    ]


def test_close_up_no_label_stands_for_a_number_that_is_left_out() -> None:
    start = frame_from_timecode("00:00:59;00", NTSC)
    found = ticks(Scale(first=0, frames_per_pixel=1 / 20, width=1200, length_frames=57), NTSC, start, drop=True)
    shown = [label for _, label in found.labelled]
    assert shown == [f"00:00:59;{frame:02}" for frame in range(0, 30, 5)] + [
        f"00:01:00;{frame:02}" for frame in range(5, 30, 5)
    ]


def test_wider_labels_stand_further_apart() -> None:
    scale = whole(24 * 60, 1000)
    for apart in (96, 150, 300):
        found = ticks(scale, Fraction(24), 0, drop=False, apart=apart)
        places = [scale.x(frame) for frame, _ in found.labelled]
        assert min(after - before for before, after in itertools.pairwise(places)) >= apart


def test_ten_hours_pass_the_end_of_the_day() -> None:
    shown = labels(whole(24 * 3600 * 10, 1200), Fraction(24), "20:00:00:00")
    assert shown == [f"{hour % 24:02}:00:00:00" for hour in range(20, 31)]


@given(
    st.sampled_from([(Fraction(24), False), (Fraction(24000, 1001), False), (NTSC, True), (2 * NTSC, True)]),
    st.integers(0, 200_000),
    st.integers(1, 1_000_000),
    st.floats(1e-5, 1.0),
    st.floats(0, 1),
)
def test_ticks_lie_in_order_on_the_frames_that_their_labels_name(
    counted: tuple[Fraction, bool], start: int, length: int, zoom: float, place: float
) -> None:
    rate, drop = counted
    scale = whole(length, 800).zoomed(zoom, 800 * place)
    found = ticks(scale, rate, start, drop=drop)
    assert all(label == timecode(start + frame, rate, drop=drop) for frame, label in found.labelled)
    frames = sorted([*found.small, *(frame for frame, _ in found.labelled)])
    assert len(set(frames)) == len(frames)
    assert all(scale.first - scale.width <= frame <= scale.last for frame in frames if frames[0] != frame)
    assert len(frames) <= 200


@pytest.mark.parametrize("length", [0, 1])
def test_a_timeline_of_next_to_nothing_has_a_label(length: int) -> None:
    assert labels(whole(length, 800), Fraction(24), "01:00:00:00")[0] == "01:00:00:00"


def test_small_ticks_stand_at_minutes_of_drop_frame_too() -> None:
    found = ticks(whole(30 * 60 * 20, 500), NTSC, 0, drop=True)
    minutes = [timecode(frame, NTSC, drop=True) for frame in found.small[:4]]
    assert minutes == [f"00:{minute:02}:00;02" for minute in (1, 2, 3, 4)]
