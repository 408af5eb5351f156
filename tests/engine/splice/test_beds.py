import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.splice.beds import Sounding, beds_for, gaps_between
from sottovoce_engine.timing import Span

LENGTH = 200_000


def test_gaps_are_what_no_sound_covers() -> None:
    gaps = gaps_between([Span(60_000, 90_000), Span(10_000, 50_000), Span(40_000, 55_000)], LENGTH, 1_920)
    assert [gap.span for gap in gaps] == [Span(0, 10_000), Span(55_000, 60_000), Span(90_000, LENGTH)]


def test_tone_does_not_fade_at_the_scenes_own_ends() -> None:
    first, last = gaps_between([Span(50_000, 100_000)], LENGTH, 1_920)
    assert (first.weight(Span(0, 48_080)) == 1).all()
    assert last.weight(Span(LENGTH - 10, LENGTH)).min() == 1


def test_a_gap_too_short_to_be_heard_as_one_stays_empty() -> None:
    assert gaps_between([Span(0, 100_000), Span(101_000, LENGTH)], LENGTH, 1_920) == ()


@given(
    sounds=st.lists(
        st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)).map(lambda pair: Span(min(pair), max(pair)))
    ),
    fade=st.integers(1, 5_000),
)
def test_no_tone_where_the_timeline_has_sound(sounds: list[Span], fade: int) -> None:
    whole = Span(0, LENGTH)
    weight = sum((gap.weight(whole) for gap in gaps_between(sounds, LENGTH, fade)), np.zeros(LENGTH, np.float32))
    assert weight.max(initial=0) <= 1
    for sound in sounds:
        assert not weight[sound.start : sound.end].any()


def _sounding(location: str, start: int, end: int) -> Sounding:
    return Sounding(location=location, sound=Span(start, end), fade_in=Span(start - 1_000, start + 1_000))


def test_the_location_changes_at_the_cut_into_it() -> None:
    regions = [_sounding("yard", 10_000, 40_000), _sounding("yard", 50_000, 60_000), _sounding("hall", 80_000, 120_000)]
    yard, hall = beds_for(regions, LENGTH, "scene")
    assert (yard.location, yard.span, yard.rise) == ("yard", Span(0, 81_000), None)
    assert (hall.location, hall.span, hall.fall) == ("hall", Span(79_000, LENGTH), None)
    assert yard.fall == hall.rise


def test_one_bed_lies_under_a_scene_without_regions() -> None:
    (bed,) = beds_for([], LENGTH, "scene")
    assert (bed.location, bed.span) == ("scene", Span(0, LENGTH))
