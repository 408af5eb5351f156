import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.scene import MediaRange, PicturePiece
from sottovoce_engine.splice.pictures import (
    BlackShot,
    DissolveShot,
    FootageShot,
    PlainShot,
    TakeShot,
    shots_for,
    with_dissolves,
)
from sottovoce_engine.timing import Span

LENGTH = 240


def _take(region: str, start: int, end: int, handle: int = 24) -> TakeShot:
    return TakeShot(
        span=Span(start, end),
        region=region,
        path=f"{region}.mov",
        origin=start - handle,
        length_frames=end - start + 2 * handle,
    )


def _piece(start: int, end: int) -> PicturePiece:
    return PicturePiece(span=Span(start, end), source=MediaRange(path="/a.mov", start=Fraction(0)), clip="a")


def _told(shots: tuple[PlainShot, ...]) -> list[tuple[str, int, int]]:
    names = {FootageShot: "footage", BlackShot: "black"}
    return [
        (shot.region if isinstance(shot, TakeShot) else names[type(shot)], shot.span.start, shot.span.end)
        for shot in shots
    ]


def test_takes_lie_over_footage_and_black_fills_the_rest() -> None:
    shots = shots_for([_take("b", 96, 144), _take("c", 144, 160)], [_piece(0, 48), _piece(150, 200)], LENGTH)
    assert _told(shots) == [
        ("footage", 0, 48),
        ("black", 48, 96),
        ("b", 96, 144),
        ("c", 144, 160),
        ("footage", 160, 200),
        ("black", 200, 240),
    ]


def test_of_overlapping_takes_the_later_one_is_shown_while_it_lasts() -> None:
    shots = shots_for([_take("a", 0, 240), _take("b", 100, 150)], [], LENGTH)
    assert _told(shots) == [("a", 0, 100), ("b", 100, 150), ("a", 150, 240)]


def test_where_a_take_does_not_reach_the_timeline_shows_its_own() -> None:
    short = TakeShot(span=Span(100, 150), region="a", path="a.mov", origin=110, length_frames=20)
    shots = shots_for([short], [_piece(0, 105)], LENGTH)
    assert _told(shots) == [
        ("footage", 0, 100),
        ("footage", 100, 105),
        ("black", 105, 110),
        ("a", 110, 130),
        ("black", 130, 150),
        ("black", 150, 240),
    ]


_SPANS = st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)).map(lambda pair: Span(min(pair), max(pair)))


@given(spans=st.lists(_SPANS, max_size=8), edges=st.sets(st.integers(0, LENGTH), max_size=8), frames=st.integers(2, 30))
def test_every_frame_is_shown_once(spans: list[Span], edges: set[int], frames: int) -> None:
    takes = [_take(str(index), span.start, span.end) for index, span in enumerate(spans) if span.length]
    pieces = [_piece(a, b) for a, b in list(itertools.pairwise(sorted(edges)))[::2]]
    plain = shots_for(takes, pieces, LENGTH)
    for shots in (plain, with_dissolves(plain, [take.region for take in takes], frames)):
        assert [shots[0].span.start, *(shot.span.end for shot in shots)] == [
            *(shot.span.start for shot in shots),
            LENGTH,
        ]
        assert all(shot.span.length > 0 for shot in shots)
        for shot in shots:
            if isinstance(shot, TakeShot):
                assert shot.origin <= shot.span.start
                assert shot.span.end <= shot.origin + shot.length_frames


def test_a_dissolve_is_centred_on_the_cut_and_uses_both_handles() -> None:
    shots = with_dissolves(shots_for([_take("a", 0, 100), _take("b", 100, 240)], [], LENGTH), ["b"], 12)
    assert [shot.span for shot in shots] == [Span(0, 94), Span(94, 106), Span(106, 240)]
    dissolve = shots[1]
    assert isinstance(dissolve, DissolveShot)
    assert dissolve.weight(94) == 0.5 / 12
    assert dissolve.weight(105) == 11.5 / 12


def test_a_dissolve_is_no_longer_than_the_handles() -> None:
    shots = with_dissolves(shots_for([_take("a", 0, 100, 2), _take("b", 100, 240, 3)], [], LENGTH), ["b"], 12)
    assert [shot.span for shot in shots] == [Span(0, 97), Span(97, 102), Span(102, 240)]
    assert len(with_dissolves(shots_for([_take("a", 0, 100, 0), _take("b", 100, 240, 0)], [], LENGTH), ["b"], 12)) == 2


def test_only_the_regions_named_are_dissolved_into() -> None:
    plain = shots_for([_take("a", 0, 100), _take("b", 100, 240)], [], LENGTH)
    assert with_dissolves(plain, [], 12) == plain


def test_the_return_to_a_covered_take_is_a_cut() -> None:
    plain = shots_for([_take("a", 0, 240), _take("b", 100, 150)], [], LENGTH)
    dissolved = with_dissolves(plain, ["a"], 12)
    assert [shot.span for shot in dissolved if isinstance(shot, DissolveShot)] == []
