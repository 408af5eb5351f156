from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.scene import Region
from sottovoce_engine.timing import Span
from sottovoce_otio.matching import matched


def region(
    region_id: str, start: int, line: str, *, length: int = 40, voice: str = "ANNA", register: str = "whisper"
) -> Region:
    return Region(id=region_id, span=Span(start, start + length), register=register, voice=voice, line=line)


ONE = region("11111111", 0, "Close your eyes.")
TWO = region("22222222", 100, "Stay there!", voice="BEN", register="shout")
THREE = region("33333333", 200, "I am right here, do not turn around.")


def test_regions_are_matched_by_id_whatever_else_changed() -> None:
    moved, trimmed = region("11111111", 12, ONE.line), replace(TWO, span=Span(100, 130))
    edited = replace(THREE, line="Quite another line", register="soft")
    found = matched([ONE, TWO, THREE], [moved, trimmed, edited])
    assert [match.after for match in found.moved] == [moved]
    assert [match.after for match in found.trimmed] == [trimmed]
    assert [(match.after, match.edited) for match in found.edited] == [(edited, ("register", "line"))]
    assert (found.lost, found.new) == ((), ())
    assert found.sentences() == (
        "11111111 ANNA 'Close your eyes.' moved by +12 frames.",
        "22222222 BEN 'Stay there!' was 40 frames long and is 30.",
        "33333333 ANNA 'Quite another line' has another register, line.",
    )


def test_nothing_changed_says_nothing() -> None:
    found = matched([ONE, TWO], [ONE, TWO])
    assert found.sentences() == ()
    assert len(found.matches) == 2


def test_a_region_whose_id_a_host_dropped_is_found_by_voice_and_line_however_far_it_moved() -> None:
    now = region("aaaaaaaa", 5_000, " close YOUR eyes.")
    found = matched([ONE, THREE], [now])
    assert found.new_ids == {"11111111": "aaaaaaaa"}
    assert found.lost == (THREE,)
    assert "had the id 11111111" in found.sentences()[0]


def test_the_same_words_go_to_the_nearest() -> None:
    before = [region(f"0000000{n}", 100 * n, "No.") for n in range(3)]
    after = [region("aaaaaaaa", 210, "No."), region("bbbbbbbb", 95, "No.")]
    assert matched(before, after).new_ids == {"00000001": "bbbbbbbb", "00000002": "aaaaaaaa"}


def test_the_same_words_shifted_far_are_all_matched() -> None:
    before = [region(f"0000000{n}", 100 * n, "No.") for n in range(6)]
    after = [region(f"aaaaaaa{n}", 9_000 + 100 * n, "No.") for n in range(6)]
    assert len(matched(before, after).matches) == 6


def test_an_overlapping_region_of_the_same_voice_with_a_similar_line_is_the_same() -> None:
    now = region("aaaaaaaa", 210, "I am right here. Do not turn round.")
    assert matched([THREE], [now]).new_ids == {"33333333": "aaaaaaaa"}


def test_another_voice_another_place_or_another_line_is_another_region() -> None:
    line = "I am right here. Do not turn round."
    for now in (
        region("aaaaaaaa", 210, line, voice="BEN"),
        region("aaaaaaaa", 240, line),
        region("aaaaaaaa", 210, "What time is it?"),
    ):
        found = matched([THREE], [now])
        assert (found.lost, found.new) == ((THREE,), (now,))


def test_a_long_list_of_differences_is_cut_short() -> None:
    found = matched([], [region(f"{n:08x}", 50 * n, "No.") for n in range(30)])
    assert len(found.sentences(20)) == 21
    assert found.sentences(20)[-1] == "10 more regions changed."


LINES = ["No.", "Close your eyes.", "Close your eye.", "Stay"]
REGION_LISTS = st.lists(
    st.builds(region, st.text("0123456789abcdef", min_size=8, max_size=8), st.integers(0, 500), st.sampled_from(LINES)),
    max_size=8,
    unique_by=lambda found: found.id,
)


@given(REGION_LISTS, REGION_LISTS)
def test_every_region_is_matched_once_lost_or_new(before: list[Region], after: list[Region]) -> None:
    found = matched(before, after)
    assert sorted([match.before.id for match in found.matches] + [lost.id for lost in found.lost]) == sorted(
        one.id for one in before
    )
    assert sorted([match.after.id for match in found.matches] + [new.id for new in found.new]) == sorted(
        one.id for one in after
    )
    assert all(
        match.before.id == match.after.id for match in found.matches if match.before.id in {one.id for one in after}
    )
