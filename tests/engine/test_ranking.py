"""Which of several takes is chosen, whatever order they come in."""

import itertools
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.test_starts import plan, scene_of, take_of

from sottovoce_engine.choosing import choice, takes_by_region
from sottovoce_engine.planned import RegionState
from sottovoce_engine.ranking import Esteem, Opinions, Standing
from sottovoce_engine.session import choices_after, to_retake
from sottovoce_engine.take import Take
from sottovoce_engine.timing import Span

SCENE = scene_of([Span(48, 96)])
GOOD, BAD = Standing(distance=0.2, cer=0.0), Standing(line_fails=True, other_fails=True)
TAKES = tuple(take_of(job) for job in plan(SCENE, takes=4).jobs)
FIRST, SECOND, THIRD, FOURTH = TAKES
REGION = FIRST.job.region.id

a_standing = st.builds(
    Standing,
    line_fails=st.booleans(),
    register_fails=st.booleans(),
    other_fails=st.booleans(),
    amber=st.booleans(),
    distance=st.none() | st.floats(0, 9),
    cer=st.none() | st.floats(0, 2),
    damage=st.integers(0, 3),
    floor_db=st.none() | st.floats(-90, 0),
)


def chosen(
    opinions: Opinions, *, takes: tuple[Take, ...] = TAKES, before: Take | None = None, fresh: tuple[Take, ...] = TAKES
) -> Take | None:
    found = plan(SCENE, chosen=[before] if before else [], known=takes)
    return choice(
        found.regions[0],
        takes_by_region(takes),
        SCENE,
        fresh=takes_by_region(fresh),
        again=False,
        opinions=opinions,
    )


def standings(*values: Standing) -> Mapping[str, Standing]:
    return {take.key: value for take, value in zip(TAKES, values, strict=False)}


@given(
    values=st.lists(a_standing, min_size=4, max_size=4),
    esteem=st.lists(st.sampled_from(Esteem), min_size=4, max_size=4),
    before=st.none() | st.sampled_from(TAKES),
    order=st.permutations(range(4)),
    new=st.sets(st.integers(0, 3)),
)
def test_the_order_of_takes_decides_nothing_and_a_rejected_one_is_never_chosen(
    values: list[Standing], esteem: list[Esteem], before: Take | None, order: list[int], new: set[int]
) -> None:
    opinions = Opinions(
        standings=standings(*values), esteem={take.key: said for take, said in zip(TAKES, esteem, strict=True)}
    )
    fresh = tuple(TAKES[number] for number in sorted(new))
    one = chosen(opinions, before=before, fresh=fresh)
    other = chosen(opinions, takes=tuple(TAKES[number] for number in order), before=before, fresh=fresh[::-1])
    assert one == other
    if set(esteem) == {Esteem.REJECTED}:
        assert one is None
    else:
        assert one is not None
        assert opinions.esteemed(one.key) is min(esteem), "what a person thinks of takes comes first"
    picked = replace(opinions, picked=frozenset([FOURTH.key]), esteem={})
    assert chosen(picked, before=FOURTH, fresh=fresh) == FOURTH


@pytest.mark.parametrize(
    ("better", "worse"),
    list(
        itertools.pairwise(
            [
                Standing(distance=0.1, cer=0.0, floor_db=-60.0),
                Standing(distance=0.1, cer=0.0, floor_db=-30.0),
                Standing(distance=0.1, cer=0.0, damage=1, floor_db=-90.0),
                Standing(distance=0.1, cer=0.2),
                Standing(distance=1.5, cer=0.0),
                Standing(amber=True, distance=0.0, cer=0.0),
                Standing(other_fails=True),
                Standing(register_fails=True, other_fails=True),
                Standing(line_fails=True, other_fails=True),
                Standing(line_fails=True, register_fails=True, other_fails=True),
            ]
        )
    ),
)
def test_what_speaks_against_a_take_speaks_in_this_order(better: Standing, worse: Standing) -> None:
    assert chosen(Opinions(standings=standings(worse, better)), takes=TAKES[:2]) == SECOND
    assert chosen(Opinions(standings=standings(better, worse)), takes=TAKES[:2]) == FIRST


def test_what_nobody_hears_leaves_the_choice_where_it_was() -> None:
    nearly = Opinions(standings=standings(replace(GOOD, distance=0.31), replace(GOOD, distance=0.29)))
    assert chosen(nearly, takes=TAKES[:2], before=FIRST, fresh=(SECOND,)) == FIRST
    assert chosen(nearly, takes=TAKES[:2], before=SECOND, fresh=(FIRST,)) == SECOND


def test_a_choice_changes_to_a_better_take_only_when_takes_were_added() -> None:
    better = Opinions(standings=standings(BAD, GOOD, BAD, BAD))
    assert chosen(better, before=FIRST, fresh=()) == FIRST
    assert chosen(better, before=FIRST, fresh=(FOURTH,)) == SECOND


def test_a_word_of_a_person_changes_a_choice_at_once() -> None:
    assert chosen(Opinions(esteem={THIRD.key: Esteem.APPROVED}), before=FIRST, fresh=()) == THIRD
    rejected = Opinions(esteem={FIRST.key: Esteem.REJECTED}, standings=standings(GOOD, BAD, GOOD, BAD))
    assert chosen(rejected, before=FIRST, fresh=()) == THIRD


def test_if_every_take_fails_the_best_of_them_is_chosen_and_retaken() -> None:
    worst = Standing(line_fails=True, register_fails=True)
    opinions = Opinions(standings=standings(worst, BAD, worst, worst))
    found = plan(SCENE, known=TAKES)
    by_key = {take.key: take for take in TAKES}
    choices = choices_after(found, by_key, TAKES, opinions)
    assert choices == {REGION: SECOND.key}
    assert to_retake(found, by_key, choices, opinions, 5, "scratch") == (REGION,)
    assert to_retake(found, by_key, choices, opinions, 4, "scratch") == (), "four were tried"
    for settled in (
        replace(opinions, picked=frozenset([SECOND.key])),
        replace(opinions, esteem={SECOND.key: Esteem.STARRED}),
        replace(opinions, standings={}),
    ):
        assert to_retake(found, by_key, choices, settled, 9, "scratch") == ()


def test_asked_for_again_a_new_take_is_chosen_unless_only_the_old_one_passes() -> None:
    found = plan(SCENE, chosen=[FIRST], known=TAKES, again=True)
    assert found.regions[0].state is RegionState.PINNED
    by_key = {take.key: take for take in TAKES}
    better = Opinions(standings=standings(GOOD, replace(GOOD, distance=2.0), BAD, BAD))
    assert choices_after(found, by_key, [SECOND], better) == {REGION: SECOND.key}
    failing = Opinions(standings=standings(GOOD, BAD, BAD, BAD))
    assert choices_after(found, by_key, [SECOND], failing) == {REGION: FIRST.key}
