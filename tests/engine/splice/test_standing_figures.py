"""Figures hold as long as what was measured is as it was."""

from dataclasses import replace

import pytest
from tests.engine.splice.making import World, region_at, scene_with

from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side
from sottovoce_engine.progress import Job
from sottovoce_engine.splice.listened import Listened
from sottovoce_engine.splice.scene_joins import Ready, scene_joins
from sottovoce_engine.splice.standing_figures import standing_figures
from sottovoce_engine.splice.values import Spliced, SpliceSettings
from sottovoce_engine.take import PlacedTake

ANNA, BEN = region_at(12, 48), region_at(60, 84, voice="BEN")
A_IN, A_OUT = JoinKey(ANNA.id, Side.IN), JoinKey(ANNA.id, Side.OUT)
B_IN, B_OUT = JoinKey(BEN.id, Side.IN), JoinKey(BEN.id, Side.OUT)


@pytest.fixture
def placed(world: World) -> tuple[PlacedTake, ...]:
    return world.take(ANNA, has_picture=False), world.take(BEN, has_picture=False, first=200)


@pytest.fixture
def last(world: World, placed: tuple[PlacedTake, ...]) -> Spliced:
    return world.splice(scene_with([ANNA, BEN]), list(placed))


def stale(last: Spliced, placed: tuple[PlacedTake, ...], *joins: JoinWish) -> set[JoinKey]:
    scene = scene_with([each.region for each in placed])
    now = scene_joins(Ready(scene=scene, placed=placed, settings=SpliceSettings(joins=joins)), Listened(), Job())
    return set(standing_figures(now, placed, last).stale)


def test_nothing_is_stale_while_nothing_changed(last: Spliced, placed: tuple[PlacedTake, ...]) -> None:
    assert stale(last, placed) == set()
    now = scene_joins(Ready(scene=scene_with([ANNA, BEN]), placed=placed, settings=SpliceSettings()), Listened(), Job())
    figures = standing_figures(now, placed, last).figures
    assert tuple(figures[key] for key in (A_IN, A_OUT, B_IN, B_OUT)) == last.joins


@pytest.mark.parametrize(
    ("wish", "concerned"),
    [
        (JoinWish(key=A_IN, moved_samples=-960), {A_IN}),
        (JoinWish(key=B_OUT, fade_ms=20.0), {B_OUT}),
        (JoinWish(key=A_IN, tone=False), {A_IN, A_OUT}),  # the tone between the two
        (JoinWish(key=B_OUT, tone_db=3.0), {B_OUT}),
    ],
)
def test_what_is_asked_makes_its_own_joins_stale(
    last: Spliced, placed: tuple[PlacedTake, ...], wish: JoinWish, concerned: set[JoinKey]
) -> None:
    assert stale(last, placed, wish) == concerned


def test_another_take_or_another_level_makes_both_joins_of_its_region_stale(
    last: Spliced, placed: tuple[PlacedTake, ...]
) -> None:
    first, second = placed
    other = replace(second, take=replace(second.take, job=replace(second.take.job, key="another")))
    assert stale(last, (first, other)) == {B_IN, B_OUT}
    louder = replace(first, region=replace(first.region, gain_db=3.0))
    assert stale(last, (louder, second)) == {A_IN, A_OUT}


def test_what_was_spliced_before_wishes_were_noted_has_no_figures(
    last: Spliced, placed: tuple[PlacedTake, ...]
) -> None:
    older = replace(last, joins=tuple(replace(join, wish=None) for join in last.joins))
    now = scene_joins(Ready(scene=scene_with([ANNA, BEN]), placed=placed, settings=SpliceSettings()), Listened(), Job())
    assert standing_figures(now, placed, older).figures == {}
