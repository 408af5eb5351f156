"""Takes that continue from one another, spliced: decoded frames say whose picture is shown, and which frame of it."""

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.engine.splice.making import World, footage_piece, numbers_in, region_at, scene_with

from sottovoce_engine.scene import PictureMode, Scene
from sottovoce_engine.splice.values import Spliced
from sottovoce_engine.take import FootageFrames, PlacedTake, TakeFrames
from sottovoce_engine.timing import Span

RATE = Fraction(24)
OVERLAP = 9
EARLY = [(-0.3, 0.5)]  # words that begin before the region: a take by itself slips for them


def pair(
    world: World, *, gap: int = 0, words: list[tuple[float, float]] | None = None, late: int = 0
) -> tuple[Scene, PlacedTake, PlacedTake]:
    """A over frames 12 to 48, numbered from 0, and B that continues from it after `gap`, numbered from 500."""
    first, second = region_at(12, 48), region_at(48 + gap, 84, picture=PictureMode.CONTINUE)
    before = world.take(first, handle=12)
    after = world.take(second, handle=OVERLAP, first=500, words=words)
    job = replace(
        after.take.job,
        continues=before.take.key,
        from_take=TakeFrames(first=second.span.start - OVERLAP - late, frames=OVERLAP),
    )
    return scene_with([first, second]), before, replace(after, take=replace(after.take, job=job))


def shown(spliced: Spliced) -> list[int]:
    return numbers_in(spliced.movie, 96, RATE)


def test_the_cut_lies_between_the_frames_given_and_the_first_new_one(world: World) -> None:
    scene, before, after = pair(world)
    spliced = world.splice(scene, [before, after])
    assert shown(spliced)[12:84] == [*range(12, 48), *range(500 + OVERLAP, 500 + OVERLAP + 36)]
    assert [region.shown for region in spliced.regions] == [Span(12, 48), Span(48, 84)]


def test_over_a_gap_the_take_before_runs_on_to_the_cut(world: World) -> None:
    scene, before, after = pair(world, gap=6)
    spliced = world.splice(scene, [before, after])
    assert shown(spliced)[12:84] == [*range(12, 54), *range(500 + OVERLAP, 500 + OVERLAP + 30)]
    assert [region.shown for region in spliced.regions] == [Span(12, 54), Span(54, 84)]
    assert "its picture runs on for 6 frames, to the region that continues it" in spliced.regions[0].notes


def test_over_a_gap_the_timelines_own_picture_comes_first(world: World) -> None:
    scene, before, after = pair(world, gap=6)
    path = world.movie_file("street.mov", 900, 24, RATE, None)
    spliced = world.splice(replace(scene, pictures=(footage_piece(path, Span(50, 74)),)), [before, after])
    assert shown(spliced)[46:56] == [46, 47, 0, 0, 900, 901, 902, 903, 509, 510]


def test_neither_slips_though_both_would_alone(world: World) -> None:
    scene, before, after = pair(world, words=EARLY)
    spliced = world.splice(scene, [before, after])
    assert [region.slip_frames for region in spliced.regions] == [0, 0]
    assert shown(spliced)[48] == 500 + OVERLAP
    (overrun,) = (note for note in spliced.regions[1].notes if "overruns" in note)
    assert overrun.endswith("it was not slipped, because its picture runs on over a cut")
    alone = replace(after, take=replace(after.take, job=replace(after.take.job, continues="")))
    assert world.splice(scene, [before, alone]).regions[1].slip_frames > 0


def test_the_take_before_does_not_slip_either(world: World) -> None:
    first, second = region_at(12, 48), region_at(48, 84, picture=PictureMode.CONTINUE)
    before = world.take(first, handle=12, words=EARLY)
    after = world.take(second, handle=OVERLAP, first=500)
    job = replace(after.take.job, continues=before.take.key, from_take=TakeFrames(first=39, frames=OVERLAP))
    after = replace(after, take=replace(after.take, job=job))
    spliced = world.splice(scene_with([first, second]), [before, after])
    assert [region.slip_frames for region in spliced.regions] == [0, 0]
    assert world.splice(scene_with([first]), [before]).regions[0].slip_frames > 0


def test_a_take_of_another_chain_is_heard_with_a_note(world: World) -> None:
    scene, before, after = pair(world, words=EARLY)
    other = replace(before, take=replace(before.take, job=replace(before.take.job, key="another")))
    spliced = world.splice(scene, [other, after])
    assert spliced.regions[1].slip_frames > 0, "there is no motion to break"
    note = "it continues from a take that is not shown before it: the picture jumps at its start"
    assert note in spliced.regions[1].notes
    cut = replace(scene, regions=(scene.regions[0], replace(scene.regions[1], picture=PictureMode.CUT)))
    after = replace(after, region=cut.regions[1])
    assert note not in world.splice(cut, [other, after]).regions[1].notes


def test_frames_from_elsewhere_in_the_take_before_are_noted(world: World) -> None:
    scene, before, after = pair(world, late=3)
    spliced = world.splice(scene, [before, after])
    note = "it does not lie where the take it continues from ends: the picture jumps at its start"
    assert note in spliced.regions[1].notes


def test_moved_together_they_still_run_on(world: World) -> None:
    scene, before, after = pair(world)
    regions = tuple(replace(region, span=region.span.shifted(8)) for region in scene.regions)
    moved = [replace(take, region=region) for take, region in zip((before, after), regions, strict=True)]
    spliced = world.splice(replace(scene, regions=regions), moved)
    assert shown(spliced)[20:92] == [*range(12, 48), *range(500 + OVERLAP, 500 + OVERLAP + 36)]


@pytest.mark.parametrize("mode", [PictureMode.START, PictureMode.CUT])
def test_a_take_that_starts_from_footage_keeps_its_place(world: World, mode: PictureMode) -> None:
    path = world.movie_file("street.mov", 0, 24, RATE, None)
    region = region_at(24, 60, picture=mode)
    take = world.take(region, handle=OVERLAP, first=500, words=EARLY)
    given = FootageFrames(path=path, start=Fraction(15, 24), frames=OVERLAP, content="c")
    take = replace(take, take=replace(take.take, job=replace(take.take.job, from_footage=given)))
    scene = scene_with([region], pictures=(footage_piece(path, Span(0, 24)),))
    spliced = world.splice(scene, [take])
    if mode is PictureMode.START:
        assert spliced.regions[0].slip_frames == 0
        assert shown(spliced)[:60] == [*range(24), *range(509, 545)]
    else:
        assert spliced.regions[0].slip_frames > 0
