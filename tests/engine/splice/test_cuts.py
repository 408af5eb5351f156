from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.splice.cuts import MIN_FADE, FadeLengths, Laid, cuts_for, slip_for
from sottovoce_engine.timing import Span, sample_at, samples_of

LENGTHS = FadeLengths(rise=3_840, fall=3_840)
HANDLE = 16_000
RATES = [Fraction(24), Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001), Fraction(60_000, 1001)]


def _laid(
    picture: Span,
    speech: Span,
    *,
    name: str = "a",
    voice: str = "ANNA",
    breath: int = 0,
    lead: int = 0,
    tail: int = 0,
    source_ends: int | None = None,
    source_starts: int | None = None,
) -> Laid:
    return Laid(
        region=name,
        voice=voice,
        picture=picture,
        edges=picture.grown(lead, tail),
        material=picture.grown(HANDLE, HANDLE),
        speech=speech,
        onset=speech.start - breath,
        reach=picture.start - lead - LENGTHS.rise // 2,
        source_ends=source_ends,
        source_starts=source_starts,
    )


def test_the_cut_lies_at_the_regions_edges_when_no_word_is_near() -> None:
    (cuts,) = cuts_for([_laid(Span(100_000, 200_000), Span(120_000, 180_000))], LENGTHS, 400_000)
    assert cuts.sound == Span(100_000, 200_000)
    assert cuts.fade_in == Span(98_080, 101_920)
    assert cuts.fade_out == Span(198_080, 201_920)


def test_a_word_at_the_edge_pushes_the_fade_out_of_the_region() -> None:
    (cuts,) = cuts_for([_laid(Span(100_000, 200_000), Span(100_500, 201_000))], LENGTHS, 400_000)
    assert cuts.fade_in == Span(96_660, 100_500)
    assert cuts.fade_out == Span(201_000, 204_840)


def test_lead_and_tail_move_the_sound_apart_from_the_picture() -> None:
    (cuts,) = cuts_for(
        [_laid(Span(100_000, 200_000), Span(120_000, 180_000), lead=8_000, tail=4_000)], LENGTHS, 400_000
    )
    assert cuts.sound == Span(92_000, 204_000)


def test_abutting_takes_share_one_fade_between_their_words() -> None:
    first = _laid(Span(0, 100_000), Span(10_000, 101_000), name="a")
    second = _laid(Span(100_000, 200_000), Span(108_000, 190_000), name="b", voice="BEN")
    a, b = cuts_for([first, second], LENGTHS, 200_000)
    assert a.fade_out == b.fade_in == Span(101_000, 104_840)
    assert (a.to_region, b.from_region) == ("b", "a")
    assert (a.from_region, b.to_region) == ("", "")


def test_a_breath_stays_with_the_line_it_leads_into() -> None:
    first = _laid(Span(0, 100_000), Span(10_000, 90_000), name="a")
    second = _laid(Span(100_000, 200_000), Span(108_000, 190_000), name="b", breath=12_000)
    a, b = cuts_for([first, second], LENGTHS, 200_000)
    assert b.fade_in.end <= 96_000
    assert a.fade_out.start >= 90_000


def test_a_short_gap_shrinks_the_fade() -> None:
    first = _laid(Span(0, 100_000), Span(10_000, 99_500), name="a")
    second = _laid(Span(100_000, 200_000), Span(100_100, 190_000), name="b")
    a, b = cuts_for([first, second], LENGTHS, 200_000)
    assert a.fade_out == b.fade_in == Span(99_500, 100_100)


def test_words_that_overlap_are_both_heard() -> None:
    first = _laid(Span(0, 100_000), Span(10_000, 104_000), name="a")
    second = _laid(Span(100_000, 200_000), Span(101_000, 190_000), name="b")
    a, b = cuts_for([first, second], LENGTHS, 200_000)
    assert a.fade_out == Span(104_000, 107_840)
    assert b.fade_in == Span(97_160, 101_000)
    assert a.to_region == b.from_region == ""


def test_a_j_cut_between_abutting_takes_moves_their_shared_fade() -> None:
    first = _laid(Span(0, 100_000), Span(10_000, 80_000), name="a")
    second = _laid(Span(100_000, 200_000), Span(120_000, 190_000), name="b", lead=6_000)
    a, b = cuts_for([first, second], LENGTHS, 200_000)
    assert a.fade_out == b.fade_in == Span(92_080, 95_920)


def test_an_l_cut_into_a_j_cut_overlaps_as_asked() -> None:
    first = _laid(Span(0, 100_000), Span(10_000, 80_000), name="a", tail=6_000)
    second = _laid(Span(100_000, 200_000), Span(120_000, 190_000), name="b", lead=6_000)
    a, b = cuts_for([first, second], LENGTHS, 200_000)
    assert a.sound.end == 106_000
    assert b.sound.start == 94_000


def test_a_fade_lies_where_the_dialogue_it_meets_still_is() -> None:
    take = _laid(Span(100_000, 200_000), Span(120_000, 180_000), source_ends=100_000, source_starts=200_000)
    (cuts,) = cuts_for([take], LENGTHS, 400_000)
    assert cuts.fade_in == Span(96_160, 100_000)
    assert cuts.fade_out == Span(200_000, 203_840)


def test_dialogue_that_stops_before_the_take_begins_cannot_be_met() -> None:
    take = _laid(Span(100_000, 200_000), Span(120_000, 180_000), source_ends=100_000 - HANDLE)
    (cuts,) = cuts_for([take], LENGTHS, 400_000)
    assert cuts.fade_in == Span(98_080, 101_920)


def test_at_the_scenes_ends_the_fades_lie_inside() -> None:
    (cuts,) = cuts_for([_laid(Span(0, 100_000), Span(20_000, 80_000))], LENGTHS, 100_000)
    assert cuts.fade_in == Span(0, 3_840)
    assert cuts.fade_out == Span(96_160, 100_000)


@st.composite
def _rows(draw: st.DrawFn) -> list[Laid]:
    """Regions one after the other, abutting or apart, their speech anywhere their material allows."""
    laid, at = [], 0
    for index in range(draw(st.integers(1, 6))):
        at += draw(st.sampled_from([0, 0, 100, 3_000, 50_000]))
        picture = Span(at, at + draw(st.integers(20_000, 90_000)))
        room = picture.grown(HANDLE - MIN_FADE, HANDLE - MIN_FADE)
        start = draw(st.integers(max(MIN_FADE, room.start), room.end - 1))
        speech = Span(start, draw(st.integers(start, room.end)))
        breath = draw(st.integers(0, min(start, 9_000)))
        laid.append(
            _laid(picture, speech, name=str(index), voice=draw(st.sampled_from(["ANNA", "BEN"])), breath=breath)
        )
        at = picture.end
    return laid


@given(laid=_rows())
def test_no_fade_ever_touches_a_word(laid: list[Laid]) -> None:
    length = laid[-1].picture.end + 2 * HANDLE
    found = cuts_for(laid, LENGTHS, length)
    by_region = {take.region: take for take in laid}
    for take, cuts in zip(laid, found, strict=True):
        assert MIN_FADE <= cuts.fade_in.length <= LENGTHS.rise
        assert MIN_FADE <= cuts.fade_out.length <= LENGTHS.fall
        assert cuts.fade_in.end <= take.speech.start
        assert take.speech.end <= cuts.fade_out.start
        assert take.material.contains(cuts.fade_in)
        assert take.material.contains(cuts.fade_out)
        if cuts.from_region:
            assert by_region[cuts.from_region].speech.end <= cuts.fade_in.start


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
