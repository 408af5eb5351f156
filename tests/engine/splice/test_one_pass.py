"""Takes cut from one window, spliced: what lies between them is what was sampled there."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.engine.splice.making import (
    Sound,
    World,
    footage_piece,
    noise,
    numbers_in,
    region_at,
    scene_with,
    sine,
    sound_in,
    sound_piece,
)

from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Region, Scene, Voice
from sottovoce_engine.splice.values import Spliced
from sottovoce_engine.take import GatedLine, Gating, PlacedTake, Window
from sottovoce_engine.timing import Span

RATE = Fraction(24)
LENGTH = 97  # frames of the window, from the scene's start on
SHARED = 3
ANNA = Voice(name="ANNA", gender=Gender.WOMAN)


def window_sound(samples: int) -> Sound:
    """A tone that goes on through both regions and the gap, over a little noise."""
    return sine(1000.0, -20.0, samples) + noise(-60.0, samples, 4)


def pair(world: World, *, gap: int = 8, **second: Any) -> tuple[Scene, PlacedTake, PlacedTake]:
    """A over frames 12 to 40, B after `gap`: two cuts of one window, whose frames are numbered from the scene's start."""
    regions = region_at(12, 40), region_at(40 + gap, 80)
    register = register_table().get("normal")
    gating = Gating(
        window=Window(start=0, model_frames=LENGTH),
        lines=tuple(
            GatedLine(span=region.span, voice=ANNA, register=register, line=region.line, caption="")
            for region in regions
        ),
        caption="",
        locked_on=None,
        edge_ms=80,
        leak=0.0,
    )
    half_way = 40 + gap // 2
    kept = Span(0, half_way + SHARED), Span(half_way - SHARED, LENGTH)
    whole = window_sound(LENGTH * 2000)
    takes = [cut(world, region, span, gating, whole) for region, span in zip(regions, kept, strict=True)]
    takes[1] = replace(takes[1], take=replace(takes[1].take, job=replace(takes[1].take.job, **second)))
    return scene_with(list(regions)), takes[0], takes[1]


def cut(world: World, region: Region, kept: Span, gating: Gating, whole: Sound) -> PlacedTake:
    """A take of the window's frames `kept`, its words at its region's edges."""
    plain = world.take(region, handle=8)
    sound = whole[:, kept.start * 2000 : kept.end * 2000]
    path = world.movie_file(f"cut {kept.start}.mov", kept.start, kept.length, RATE, sound)
    window = Window(start=kept.start, model_frames=-(-(kept.length - 1) // 8) * 8 + 1)
    job = replace(plain.take.job, window=window, kept_frames=kept.length, gating=gating)
    word = replace(plain.take.words[0], span=region.span.shifted(-kept.start))
    words = (replace(word, span=Span(word.span.start * 2000, word.span.end * 2000)),)
    take = replace(
        plain.take,
        job=job,
        length_frames=kept.length,
        length_samples=kept.length * 2000,
        words=words,
        words_estimated=True,
    )
    return replace(plain, take=take, path=path)


def between(world: World, scene: Scene, placed: list[PlacedTake], **settings: Any) -> tuple[Spliced, Sound, Sound]:
    """What is heard of the voice from A's middle to B's, beside what was sampled there, at its gain."""
    spliced = world.splice(scene, placed, **settings)
    ((_, stem), *_) = spliced.stems
    span = slice(20 * 2000, 60 * 2000)
    gain = 10 ** (spliced.regions[0].gain_db / 20)
    return spliced, sound_in(stem)[:, span], gain * window_sound(LENGTH * 2000)[:, span]


@pytest.mark.parametrize("gap", [0, 1, 8, 20])
def test_the_sound_between_two_regions_of_one_window_is_what_was_sampled_there(world: World, gap: int) -> None:
    scene, before, after = pair(world, gap=gap)
    spliced, heard, sampled = between(world, scene, [before, after])
    np.testing.assert_allclose(heard, sampled, atol=2e-4)
    assert [(join.before, join.after) for join in spliced.joins][1] == (before.region.id, after.region.id)
    assert [region.slip_frames for region in spliced.regions] == [0, 0]


def test_the_picture_goes_on_over_the_gap(world: World) -> None:
    scene, before, after = pair(world)
    spliced = world.splice(scene, [before, after])
    assert numbers_in(spliced.movie, 96, RATE)[12:80] == list(range(12, 80))


def test_over_the_timelines_own_picture_it_does_not(world: World) -> None:
    scene, before, after = pair(world)
    path = world.movie_file("street.mov", 900, 24, RATE, None)
    spliced = world.splice(replace(scene, pictures=(footage_piece(path, Span(42, 46)),)), [before, after])
    shown = numbers_in(spliced.movie, 96, RATE)
    assert shown[42:46] == [900, 901, 902, 903]
    assert shown[12:40] == list(range(12, 40))


def test_the_timelines_own_dialogue_in_the_gap_stays(world: World) -> None:
    scene, before, after = pair(world, gap=20)
    path = world.sound_file("line.wav", sine(300.0, -20.0, 20_000))
    spoken = replace(scene, sounds=(sound_piece(path, Span(45, 55)),))
    assert [join.after for join in world.splice(spoken, [before, after]).joins].count(after.region.id) == 1
    assert (before.region.id, after.region.id) not in [
        (join.before, join.after) for join in world.splice(spoken, [before, after]).joins
    ]


@pytest.mark.parametrize(("second", "noted"), [({"seed": 2}, True), ({"gating": None}, False)])
def test_takes_of_two_passes_are_joined_as_any(world: World, second: dict[str, Any], noted: bool) -> None:
    scene, before, after = pair(world, **second)
    spliced = world.splice(scene, [before, after])
    assert (before.region.id, after.region.id) not in [(join.before, join.after) for join in spliced.joins]
    said = "it was sampled in one window with 'close your eyes', and the takes chosen are of two passes"
    assert any(note.startswith(said) for note in spliced.regions[1].notes) == noted


def test_moved_apart_or_trimmed_they_no_longer_run_on(world: World) -> None:
    scene, before, after = pair(world)
    for moved in (Span(50, 82), Span(50, 80)):
        region = replace(after.region, span=moved)
        joins = world.splice(scene.with_regions((before.region, region)), [before, replace(after, region=region)]).joins
        assert (before.region.id, region.id) not in [(join.before, join.after) for join in joins]


def test_moved_together_they_still_run_on(world: World) -> None:
    scene, before, after = pair(world)
    moved = [replace(take, region=replace(take.region, span=take.region.span.shifted(5))) for take in (before, after)]
    joins = world.splice(scene.with_regions(tuple(take.region for take in moved)), moved).joins
    assert (before.region.id, after.region.id) in [(join.before, join.after) for join in joins]
