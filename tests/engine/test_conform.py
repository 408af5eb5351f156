"""Regions follow the material under them through a new cut.

Timelines here are lists of (source, first frame, length); a frame is told by its source and number.
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.conform import Fate, Kind, Laid, Placement, placements
from sottovoce_engine.scene import Region
from sottovoce_engine.span_sets import length_of, merged, without
from sottovoce_engine.timing import Span

Cut = Sequence[tuple[str, int, int]]  # source ("" is nothing), its first frame, frames
NTSC_24 = Fraction(24_000, 1001)


def laid(cut: Cut, kind: Kind = Kind.PICTURE, rate: Fraction = Fraction(24)) -> list[Laid]:
    found, at = [], 0
    for source, first, length in cut:
        if source and length:
            found.append(Laid(span=Span(at, at + length), source=source, at=first / rate, kind=kind))
        at += length
    return found


def frames(cut: Cut) -> list[tuple[str, int] | None]:
    """What each frame of a cut shows."""
    return [(source, first + number) if source else None for source, first, length in cut for number in range(length)]


def region(start: int, end: int, *, region_id: str = "0000000a", voice: str = "ANNA") -> Region:
    return Region(id=region_id, span=Span(start, end), register="whisper", voice=voice, line="close your eyes")


def placed(before: Cut, after: Cut, *regions: Region) -> list[Placement]:
    return list(placements(regions, laid(before), laid(after), Fraction(24), length_of_cut(after)))


def length_of_cut(cut: Cut) -> int:
    return sum(length for _, _, length in cut)


def test_what_lies_where_it_lay_stays() -> None:
    (one,) = placed([("a", 0, 100)], [("a", 0, 100), ("b", 0, 10)], region(20, 60))
    assert (one.fate, one.span, one.by, one.kind) == (Fate.STAYS, Span(20, 60), 0, Kind.PICTURE)


def test_a_region_moves_with_its_material_over_a_cut_that_moves_as_one() -> None:
    (one,) = placed([("a", 0, 50), ("b", 7, 50)], [("x", 0, 12), ("a", 0, 50), ("b", 7, 50)], region(30, 70))
    assert (one.fate, one.span, one.by) == (Fate.MOVED, Span(42, 82), 12)


def test_a_region_is_trimmed_to_what_is_left_of_its_material() -> None:
    (one,) = placed([("a", 0, 50), ("b", 0, 50)], [("a", 0, 50), ("b", 20, 30)], region(20, 70))
    assert (one.fate, one.span, one.elsewhere) == (Fate.TRIMMED, Span(20, 50), ())


def test_what_is_left_behind_a_trimmed_cut_is_told_of() -> None:
    (one,) = placed([("a", 0, 50), ("b", 0, 50)], [("a", 0, 50), ("b", 12, 38)], region(20, 70))
    assert (one.fate, one.span, one.elsewhere) == (Fate.SPLIT, Span(20, 50), (Span(50, 58),))


def test_a_region_that_a_new_cut_divides_stays_on_the_larger_part_and_says_where_the_other_is() -> None:
    (one,) = placed([("a", 0, 100)], [("a", 0, 40), ("x", 0, 24), ("a", 40, 60)], region(20, 70))
    assert (one.fate, one.span, one.by) == (Fate.SPLIT, Span(64, 94), 24)
    assert one.elsewhere == (Span(20, 40),)


def test_equal_halves_are_a_split_not_two_uses() -> None:
    (one,) = placed([("a", 0, 100)], [("a", 0, 40), ("x", 0, 24), ("a", 40, 60)], region(20, 60))
    assert (one.fate, one.span, one.uses) == (Fate.SPLIT, Span(20, 40), 1)
    assert one.elsewhere == (Span(64, 84),)


def test_what_is_gone_is_lost_with_its_reason() -> None:
    gone, scrap, bare = placed(
        [("a", 0, 100), ("b", 0, 100), ("", 0, 50)],
        [("b", 0, 8), ("c", 0, 100)],
        region(20, 60, region_id="0000000a"),
        region(98, 140, region_id="0000000b"),
        region(210, 240, region_id="0000000c"),
    )
    assert [each.fate for each in (gone, scrap, bare)] == [Fate.LOST] * 3
    assert gone.why == "nothing of what lies under it is in the new cut"
    assert scrap.why == "of the 42 frames under it only 8 are left in one piece"
    assert bare.why == "nothing lies under it that it could go by"


def test_dialogue_decides_where_the_picture_was_cut_away_from() -> None:
    sound = laid([("a", 0, 100)], Kind.DIALOGUE)
    found = placements(
        [region(20, 70)],
        [*laid([("a", 0, 100)]), *sound],
        [*laid([("a", 0, 30), ("b", 0, 70)]), *sound],
        Fraction(24),
        100,
    )
    assert (found[0].fate, found[0].span, found[0].kind) == (Fate.STAYS, Span(20, 70), Kind.DIALOGUE)


def test_music_counts_only_where_nothing_else_lies() -> None:
    music_old, music_new = laid([("m", 0, 200)], Kind.SOUND), laid([("m", 24, 130)], Kind.SOUND)
    without_picture, with_picture = (
        placements([region(120, 160)], [*music_old, *laid(old)], [*music_new, *laid(new)], Fraction(24), 200)[0]
        for old, new in (([("", 0, 100)], []), ([("a", 0, 200)], [("", 0, 80), ("a", 60, 120)]))
    )
    assert (without_picture.fate, without_picture.by) == (Fate.TRIMMED, -24)
    assert (with_picture.fate, with_picture.by, with_picture.kind) == (Fate.MOVED, 20, Kind.PICTURE)


def test_of_several_uses_the_one_beside_the_neighbours_is_taken() -> None:
    before = [("a", 0, 50), ("b", 0, 50), ("c", 0, 50)]
    after = [("b", 0, 50), ("x", 0, 50), ("a", 0, 50), ("b", 0, 50), ("c", 0, 50)]
    regions = [region(10, 40, region_id="0000000a"), region(60, 90, region_id="0000000b")]
    _, second = placed(before, after, *regions)
    assert (second.span, second.by, second.uses) == (Span(160, 190), 100, 2)
    alone = placed(before, after, regions[1])[0]
    assert (alone.span, alone.uses) == (Span(10, 40), 2)  # the nearer one


def test_two_lines_over_material_that_is_used_once_now_do_not_lie_over_each_other() -> None:
    before = [("a", 0, 50), ("a", 0, 50)]
    first, second = region(10, 40, region_id="0000000a"), region(65, 90, region_id="0000000b")
    found = placed(before, [("a", 0, 50)], first, second)
    assert [each.fate for each in found] == [Fate.STAYS, Fate.LOST]
    assert found[1].why == "another line of ANNA lies where it would go"
    other = region(65, 90, region_id="0000000b", voice="BEN")
    assert [each.span for each in placed(before, [("a", 0, 50)], first, other)] == [Span(10, 40), Span(15, 40)]


def test_a_region_beyond_the_new_end_is_trimmed() -> None:
    found = placements([region(20, 60)], laid([("a", 0, 40)]), laid([("a", 0, 40)]), Fraction(24), 40)
    assert (found[0].fate, found[0].span) == (Fate.TRIMMED, Span(20, 40))


@pytest.mark.parametrize("rate", [Fraction(24), NTSC_24, Fraction(30_000, 1001)])
@given(data=st.data())
def test_every_placed_region_lies_on_the_same_frames_as_before(rate: Fraction, data: st.DataObject) -> None:
    """Sources run from frame 0 to 120; a recut takes any stretches of them, in any order, with other material between."""
    old = data.draw(cuts())
    new = data.draw(recuts(old))
    shown, now = frames(old), frames(new)
    regions = data.draw(regions_on(len(shown)))
    found = placements(regions, laid(old, rate=rate), laid(new, rate=rate), rate, len(now))
    assert [each.region for each in found] == sorted(regions, key=lambda each: (each.span, each.id))
    for each in found:
        under = [shown[frame] for frame in range(each.region.span.start, each.region.span.end)]
        if each.span is None:
            assert each.fate is Fate.LOST
            assert each.why
            continue
        assert Span(0, len(now)).contains(each.span)
        assert each.region.span.shifted(each.by).contains(each.span)
        for frame in range(each.span.start, each.span.end):
            if shown[frame - each.by] is not None:
                assert now[frame] == shown[frame - each.by]
        assert (each.fate in (Fate.STAYS, Fate.MOVED)) == (each.span.length == len(under))
        for span in each.elsewhere:
            assert all(now[frame] in under for frame in range(span.start, span.end))


@given(data=st.data())
def test_shots_put_in_another_order_lose_no_region_that_lies_inside_one(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 6))
    shots = [(f"s{number}", 10 * number, 40) for number in range(count)]
    order = data.draw(st.permutations(shots))
    regions = [region(40 * number + 5, 40 * number + 35, region_id=f"{number:08x}") for number in range(count)]
    for number, each in enumerate(placed(shots, order, *regions)):
        start = 40 * order.index(shots[number]) + 5
        assert each.span == Span(start, start + 30)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20))),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20))),
)
def test_sets_of_frames_are_sets(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    first, second = ([Span(start, start + length) for start, length in drawn] for drawn in (one, other))
    left, taken = (({frame for span in spans for frame in range(span.start, span.end)}) for spans in (first, second))
    union, difference = merged(first), without(merged(first), second)
    assert {frame for span in union for frame in range(span.start, span.end)} == left
    assert {frame for span in difference for frame in range(span.start, span.end)} == left - taken
    assert (length_of(union), length_of(difference)) == (len(left), len(left - taken))
    assert all(before.end < after.start for before, after in itertools.pairwise(union))


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    shots = []
    for _ in range(draw(st.integers(1, 5))):
        first = draw(st.integers(0, 100))
        shots.append((draw(st.sampled_from(["a", "b", "c", ""])), first, draw(st.integers(1, 120 - first))))
    return shots


@st.composite
def recuts(draw: st.DrawFn, old: Cut) -> Cut:
    """Pieces of the old cut's shots, some twice, some not at all, with new material between."""
    shots = []
    for _ in range(draw(st.integers(0, 7))):
        source, first, length = draw(st.sampled_from([*old, ("new", 0, 30)]))
        start = draw(st.integers(0, length - 1))
        shots.append((source, first + start, draw(st.integers(1, length - start))))
    return shots


@st.composite
def regions_on(draw: st.DrawFn, length: int) -> list[Region]:
    found, at = [], 0
    for number in range(draw(st.integers(1, 4))):
        start = at + draw(st.integers(0, 30))
        end = start + draw(st.integers(1, 60))
        if end > length:
            break
        voice = draw(st.sampled_from(["ANNA", "BEN"]))
        found.append(region(start, end, region_id=f"{number:08x}", voice=voice))
        at = end if draw(st.booleans()) or voice == found[-1].voice else start
    return found
