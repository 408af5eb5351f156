from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.splice.cut_wishes import CutWish, Limit, wish_notes
from sottovoce_engine.splice.cuts import MIN_FADE, FadeLengths, Laid, cuts_for
from sottovoce_engine.timing import Span

LENGTHS = FadeLengths(rise=3_840, fall=3_840)
HANDLE = 16_000


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
    asked_in: CutWish | None = None,
    asked_out: CutWish | None = None,
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
        asked_in=asked_in,
        asked_out=asked_out,
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


ASKED = st.none() | st.builds(
    CutWish, fade=st.sampled_from([0, 144, 960, 20_000, 96_000]), later=st.integers(-60_000, 60_000)
)


@st.composite
def _asked_rows(draw: st.DrawFn) -> list[Laid]:
    return [replace(take, asked_in=draw(ASKED), asked_out=draw(ASKED)) for take in draw(_rows())]


@given(laid=_asked_rows())
def test_no_fade_touches_a_word_or_leaves_its_take_whatever_is_asked(laid: list[Laid]) -> None:
    length = laid[-1].picture.end + 2 * HANDLE
    by_region = {take.region: take for take in laid}
    for take, cuts in zip(laid, cuts_for(laid, LENGTHS, length), strict=True):
        assert max(0, take.material.start) <= cuts.fade_in.start < cuts.fade_in.end <= take.speech.start
        assert take.speech.end <= cuts.fade_out.start < cuts.fade_out.end <= min(take.material.end, length)
        if cuts.from_region:
            assert by_region[cuts.from_region].speech.end <= cuts.fade_in.start
        for cut in (cuts.cut_in, cuts.cut_out):
            wanted = cut.asked.fade or max(LENGTHS.rise, LENGTHS.fall)
            assert cut.fade.length <= wanted
            done = cut.asked.fade in (0, cut.fade.length) and cut.asked.later in (0, cut.later)
            assert done != bool(wish_notes(cut)), "what could not be done is said, and nothing else"


@given(laid=_asked_rows())
def test_a_cut_goes_as_far_as_asked_or_as_there_is_room(laid: list[Laid]) -> None:
    for cuts in cuts_for(laid, LENGTHS, laid[-1].picture.end + 2 * HANDLE):
        for cut in (cuts.cut_in, cuts.cut_out):
            assert cut.room.span.contains(cut.fade)
            if cut.asked.later not in (0, cut.later):
                assert cut.fade.start == cut.room.span.start or cut.fade.end == cut.room.span.end


def test_a_cut_ten_frames_earlier_lies_there() -> None:
    take = _laid(Span(100_000, 200_000), Span(120_000, 180_000), asked_in=CutWish(later=-10_000))
    (cuts,) = cuts_for([take], LENGTHS, 400_000)
    assert cuts.sound == Span(90_000, 200_000)
    assert wish_notes(cuts.cut_in) == ()


def test_a_longer_fade_leaves_the_cut_where_it_is() -> None:
    take = _laid(Span(100_000, 200_000), Span(120_000, 180_000), asked_in=CutWish(fade=9_600))
    (cuts,) = cuts_for([take], LENGTHS, 400_000)
    assert cuts.fade_in == Span(95_200, 104_800)


def test_a_cut_that_would_go_into_a_word_stops_before_it_and_says_so() -> None:
    take = _laid(Span(100_000, 200_000), Span(104_800, 180_000), asked_in=CutWish(later=24_000))
    (cuts,) = cuts_for([take], LENGTHS, 400_000)
    assert cuts.fade_in == Span(100_960, 104_800)
    (note,) = wish_notes(cuts.cut_in)
    assert note == "its cut was moved 500 ms later and lies 60 ms later: farther on a word lies there"


def test_a_fade_longer_than_the_handles_is_clipped_and_says_so() -> None:
    take = _laid(Span(100_000, 200_000), Span(101_000, 199_000), asked_out=CutWish(fade=48_000))
    (cuts,) = cuts_for([take], LENGTHS, 400_000)
    assert cuts.fade_out == Span(199_000, 216_000)
    (note,) = wish_notes(cuts.cut_out)
    assert note == (
        "a fade of 1000 ms was asked for, and there is room for 354 ms: before it a word lies there, after it the take "
        "holds no more"
    )


def test_one_wish_holds_for_a_shared_join() -> None:
    first = _laid(Span(0, 100_000), Span(10_000, 90_000), name="a", asked_out=CutWish(fade=960))
    second = _laid(Span(100_000, 200_000), Span(110_000, 190_000), name="b", asked_in=CutWish(later=-4_800))
    a, b = cuts_for([first, second], LENGTHS, 200_000)
    assert a.cut_out == b.cut_in
    assert b.fade_in == Span(93_280, 97_120), "that of the region that comes in"
    assert (b.cut_in.room.first, b.cut_in.room.last) == (Limit.WORD, Limit.WORD)
    a, b = cuts_for([first, replace(second, asked_in=None)], LENGTHS, 200_000)
    assert a.fade_out == b.fade_in == Span(99_520, 100_480), "else that of the one that goes out"
