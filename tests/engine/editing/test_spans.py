import pytest

from sottovoce_engine.editing.spans import Edge, marked, moved, removed, rolled, split, trimmed
from sottovoce_engine.errors import InputError

from .drafts import LENGTH, draft, region, spans

A, B, C = region(1, 24, 48), region(2, 72, 96), region(3, 48, 90, voice="BEN")


def test_a_mark_is_cut_to_what_its_voice_leaves_free() -> None:
    assert spans(marked(draft(B), region(1, 24, 80))) == {"1": (24, 72), "2": (72, 96)}
    assert spans(marked(draft(C), region(1, 24, 80))) == {"1": (24, 80), "3": (48, 90)}, "another voice is no hindrance"
    assert spans(marked(draft(), region(1, -10, 999))) == {"1": (0, LENGTH)}


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (region(4, 30, 60), "ANNA already speaks at frame 30"),
        (region(4, LENGTH, LENGTH + 5), "nothing to mark: the timeline runs from 0 to 240"),
        (region(4, 100, 100), "nothing to mark"),
        (region(1, 200, 210), "id '00000001' is there already"),
    ],
)
def test_a_mark_that_cannot_be_is_refused_in_words(new: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        marked(draft(A, B), new)  # type: ignore[arg-type]


def test_regions_move_together_and_stop_at_neighbours_and_ends() -> None:
    scene = draft(A, B, C)
    assert spans(moved(scene, {A.id}, 10)) == {"1": (34, 58), "2": (72, 96), "3": (48, 90)}
    assert spans(moved(scene, {A.id}, 30))["1"] == (48, 72), "stopped by the next region of its voice"
    assert spans(moved(scene, {A.id}, 80))["1"] == (104, 128), "free room behind it is reached"
    assert spans(moved(scene, {A.id, B.id}, -100)) == {"1": (0, 24), "2": (48, 72), "3": (48, 90)}
    assert moved(scene, {"nobody"}, 5) is scene


def test_an_edge_goes_no_farther_than_its_voice_and_one_frame_allow() -> None:
    scene = draft(A, B, C)
    assert spans(trimmed(scene, A.id, Edge.END, 60))["1"] == (24, 60)
    assert spans(trimmed(scene, A.id, Edge.END, 90))["1"] == (24, 72)
    assert spans(trimmed(scene, A.id, Edge.END, 0))["1"] == (24, 25)
    assert spans(trimmed(scene, B.id, Edge.START, 0))["2"] == (48, 96)
    assert spans(trimmed(scene, B.id, Edge.START, 500))["2"] == (95, 96)


def test_a_border_rolls_between_two_regions() -> None:
    left, right = region(1, 24, 48), region(2, 48, 96, voice="BEN")
    scene = draft(left, right, region(3, 60, 70))
    assert spans(rolled(scene, left.id, right.id, 40)) == {"1": (24, 40), "2": (40, 96), "3": (60, 70)}
    assert spans(rolled(scene, left.id, right.id, 500))["1"] == (24, 60), "ANNA speaks again from 60 on"
    assert spans(rolled(scene, left.id, right.id, 0))["1"] == (24, 25)
    with pytest.raises(InputError, match="do not touch"):
        rolled(draft(A, B), A.id, B.id, 60)


def test_a_region_is_split_with_its_words() -> None:
    line = "come closer, please, and whisper it to me"
    found = split(draft(region(1, 0, 80, line=line)), "00000001", 30, "0000000f")
    assert spans(found) == {"1": (0, 30), "f": (30, 80)}
    first, second = found.regions
    assert (first.line, second.line) == ("come closer,", "please, and whisper it to me")
    assert (second.register, second.voice) == (first.register, first.voice)
    for frame in (0, 80, 100):
        with pytest.raises(InputError, match="does not lie inside the region"):
            split(draft(region(1, 0, 80)), "00000001", frame, "0000000f")


def test_one_word_is_not_cut() -> None:
    found = split(draft(region(1, 0, 80, line="hello")), "00000001", 30, "0000000f")
    assert [each.line for each in found.regions] == ["hello", ""]


def test_removed_regions_are_gone() -> None:
    assert spans(removed(draft(A, B, C), {A.id, C.id})) == {"2": (72, 96)}
