from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.splice.slips import slip_for
from sottovoce_engine.timing import Span, sample_at, samples_of

RATES = [Fraction(24), Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001), Fraction(60_000, 1001)]


@given(
    rate=st.sampled_from(RATES),
    start=st.integers(300, 800),
    length=st.integers(30, 200),
    handle=st.integers(8, 24),
    speech_start=st.integers(0, 200_000),
    speech_length=st.integers(0, 400_000),
)
def test_a_slip_brings_the_speech_inside_when_handles_and_length_allow(
    rate: Fraction, start: int, length: int, handle: int, speech_start: int, speech_length: int
) -> None:
    frames = Span(start, start + length)
    edges = samples_of(frames, rate)
    whole = length + 2 * handle
    speech = Span(speech_start, speech_start + speech_length)
    slip = slip_for(
        speech,
        start_frame=start - handle,
        length_frames=whole,
        frames=frames,
        edges=edges,
        scene_frames=start + length + 10_000,
        rate=rate,
    )
    assert -handle <= slip.frames <= handle
    origin = sample_at(start - handle + slip.frames, rate)
    assert slip.before == max(0, edges.start - origin - speech.start)
    assert slip.after == max(0, origin + speech.end - edges.end)
    for other in range(-handle, handle + 1):
        origin = sample_at(start - handle + other, rate)
        outside = max(0, edges.start - origin - speech.start) + max(0, origin + speech.end - edges.end)
        assert outside > slip.before + slip.after or (
            outside == slip.before + slip.after and abs(other) >= abs(slip.frames)
        )


def test_speech_inside_the_region_is_left_where_it_was_rendered() -> None:
    edges = Span(48_000, 96_000)
    slip = slip_for(
        Span(20_000, 60_000),
        start_frame=16,
        length_frames=48,
        frames=Span(24, 48),
        edges=edges,
        scene_frames=96,
        rate=Fraction(24),
    )
    assert (slip.frames, slip.before, slip.after, slip.lost) == (0, 0, 0, 0)


def test_a_take_that_does_not_cover_its_region_is_not_moved() -> None:
    edges = Span(48_000, 96_000)
    slip = slip_for(
        Span(0, 90_000),
        start_frame=24,
        length_frames=20,
        frames=Span(24, 48),
        edges=edges,
        scene_frames=96,
        rate=Fraction(24),
    )
    assert slip.frames == 0
    assert slip.after == 42_000


def test_words_are_not_lost_beyond_the_scenes_ends_where_a_slip_can_keep_them() -> None:
    frames = Span(0, 24)
    slip = slip_for(
        Span(30_000, 90_000),
        start_frame=-16,
        length_frames=56,
        frames=frames,
        edges=Span(0, 48_000),
        scene_frames=96,
        rate=Fraction(24),
    )
    assert (slip.frames, slip.before, slip.after, slip.lost) == (1, 0, 12_000, 0)


def test_words_that_no_slip_can_keep_are_counted() -> None:
    frames = Span(0, 24)
    slip = slip_for(
        Span(0, 60_000),
        start_frame=-16,
        length_frames=40,
        frames=frames,
        edges=Span(0, 48_000),
        scene_frames=24,
        rate=Fraction(24),
    )
    assert (slip.frames, slip.lost) == (10, 12_000)
