from typing import Any

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import (
    JoinKey,
    JoinWish,
    Side,
    key_of,
    key_of_side,
    wish_at,
    with_side_moved,
    with_wish,
)

A_OUT, B_IN = JoinKey("aaaa0001", Side.OUT), JoinKey("bbbb0002", Side.IN)


def test_a_join_is_known_by_the_region_that_comes_in() -> None:
    ids = {"aaaa0001", "bbbb0002"}
    assert key_of("aaaa0001", "bbbb0002", ids) == B_IN
    assert key_of("", "bbbb0002", ids) == B_IN
    assert key_of("aaaa0001", "", ids) == A_OUT


def test_the_outer_joins_of_a_long_regions_parts_are_its_own() -> None:
    parts = {"aaaa0001-1", "aaaa0001-2", "aaaa0001-3"}
    assert key_of_side("aaaa0001-1", Side.IN, parts) == JoinKey("aaaa0001", Side.IN)
    assert key_of_side("aaaa0001-3", Side.OUT, parts) == JoinKey("aaaa0001", Side.OUT)
    assert key_of_side("aaaa0001-2", Side.IN, parts) == JoinKey("aaaa0001-2", Side.IN)
    assert key_of_side("aaaa0001-1", Side.OUT, parts) == JoinKey("aaaa0001-1", Side.OUT)
    both = {*parts, "aaaa0001"}  # an id that only looks like a part's
    assert key_of_side("aaaa0001-1", Side.IN, both) == JoinKey("aaaa0001-1", Side.IN)


def test_a_shared_join_has_one_wish() -> None:
    wishes = with_wish((), JoinWish(key=A_OUT, fade_ms=200.0))
    wishes = with_wish(wishes, JoinWish(key=B_IN, moved_samples=480), {A_OUT})
    assert wishes == (JoinWish(key=B_IN, moved_samples=480),)
    assert wish_at(wishes, A_OUT).is_empty


def test_asking_for_nothing_leaves_no_trace() -> None:
    wishes = with_wish((), JoinWish(key=B_IN, tone=False))
    assert with_wish(wishes, JoinWish(key=B_IN)) == ()


def test_what_was_asked_of_a_split_regions_end_goes_to_its_second_part() -> None:
    wishes = (JoinWish(key=JoinKey("aaaa0001", Side.IN), fade_ms=30.0), JoinWish(key=A_OUT, fade_ms=200.0))
    moved = with_side_moved(wishes, Side.OUT, "aaaa0001", "cccc0003")
    assert moved == (wishes[0], JoinWish(key=JoinKey("cccc0003", Side.OUT), fade_ms=200.0))


def test_room_tone_is_lifted_lowered_or_off() -> None:
    assert JoinWish(key=B_IN, tone_db=6.0).tone_gain == pytest.approx(1.995, abs=1e-3)
    assert JoinWish(key=B_IN, tone_db=6.0, tone=False).tone_gain == 0.0


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ({"fade_ms": 2.0}, "A fade of 2 ms was asked for. Give 3 to 2000."),
        ({"fade_ms": 2500.0}, "A fade of 2500 ms"),
        ({"moved_samples": -600_000}, "Give 10 s at most"),
        ({"tone_db": 30.0}, "+30 dB. Give -24 to 24"),
    ],
)
def test_what_no_join_can_have_is_refused(details: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match="Give") as refused:
        JoinWish(key=B_IN, **details)
    assert told in str(refused.value)
