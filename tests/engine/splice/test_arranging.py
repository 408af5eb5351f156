from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.engine.splice.making import World, footage_piece, noise, region_at, scene_with, sine, sound_piece

from sottovoce_engine.progress import Job
from sottovoce_engine.scene import Scene
from sottovoce_engine.splice.arranging import Arranged, arranged, source_layers
from sottovoce_engine.splice.listened import Listened
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.splice.values import SpliceSettings
from sottovoce_engine.take import PlacedTake
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at

RATE = Fraction(24)


def _arranged(scene: Scene, *placed: PlacedTake) -> tuple[Arranged, ...]:
    with OpenSounds() as sounds:
        return arranged(scene, placed, source_layers(scene, frozenset()), SpliceSettings(), sounds, Listened(), Job())


def _with_breath(world: World, start: int, end: int) -> PlacedTake:
    """A take whose first word lies 100 ms inside the region, with a breath from 400 to 50 ms before that word."""
    region = region_at(start, end)
    plain = world.take(region, words=[(0.1, 1.0)], has_picture=False)
    word = plain.take.speech.start
    sound = noise(-75, plain.take.length_samples, 1)
    sound[:, word - 19_200 : word - 2_400] += noise(-45, 16_800, 2)
    sound[:, word : plain.take.speech.end] += sine(1000, -20, plain.take.speech.length)
    return replace(plain, path=world.sound_file("breath.wav", sound))


def test_a_breath_is_kept_over_room_tone(world: World) -> None:
    placed = _with_breath(world, 24, 60)
    (take,) = _arranged(scene_with([placed.region]), placed)
    breath = sample_at(24, RATE) + 4_800 - 19_200
    assert take.cuts.fade_in.end == pytest.approx(breath, abs=480)


def test_a_breath_never_reaches_out_over_the_timelines_own_dialogue(world: World) -> None:
    placed = _with_breath(world, 24, 60)
    path = world.sound_file("production.wav", noise(-30, 4 * SAMPLE_RATE, 5))
    (take,) = _arranged(scene_with([placed.region], sounds=(sound_piece(path, Span(0, 96)),)), placed)
    assert take.cuts.sound.start == sample_at(24, RATE)


def test_a_region_on_a_clip_of_its_own_fades_where_its_neighbours_still_are(world: World) -> None:
    path = world.sound_file("production.wav", noise(-30, 4 * SAMPLE_RATE, 5))
    placed = world.take(region_at(24, 60), words=[(0.3, 1.0)], has_picture=False)
    sounds = (sound_piece(path, Span(0, 24)), sound_piece(path, Span(60, 96)))
    (take,) = _arranged(scene_with([placed.region], sounds=sounds), placed)
    assert take.cuts.fade_in.end == sample_at(24, RATE)
    assert take.cuts.fade_out.start == sample_at(60, RATE)
    whole = (sound_piece(path, Span(0, 24)), sound_piece(path, Span(24, 60)), sound_piece(path, Span(60, 96)))
    (take,) = _arranged(scene_with([placed.region], sounds=whole), placed)
    assert take.cuts.sound == Span(sample_at(24, RATE), sample_at(60, RATE))


def test_no_fade_comes_near_words_whose_times_are_estimated(world: World) -> None:
    region = region_at(24, 60)
    sure = world.take(region, words=[(0.0, 1.5)], has_picture=False)
    (known,) = _arranged(scene_with([region]), sure)
    (guessed,) = _arranged(scene_with([region]), replace(sure, take=replace(sure.take, words_estimated=True)))
    assert known.cuts.fade_in.end == known.place.speech.start
    assert guessed.cuts.fade_in.end == guessed.place.speech.start - 1_920
    assert guessed.cuts.fade_out.start == guessed.place.speech.end + 1_920


def test_the_location_is_the_regions_else_its_look_else_the_footage(world: World) -> None:
    region = region_at(24, 60)
    placed = world.take(region, has_picture=False)
    street = world.movie_file("street.mov", 0, 4, RATE, None)
    scene = scene_with([region], pictures=(footage_piece(street, Span(0, 96)),))
    names = [
        _arranged(scene, replace(placed, region=changed))[0].place.location
        for changed in (replace(region, location="yard", look="a wood"), replace(region, look="a wood"), region)
    ]
    assert names == ["yard", "a wood", "street.mov"]
    assert _arranged(scene_with([region]), placed)[0].place.location == "scene"


def test_takes_lie_on_the_scenes_own_sample_grid(world: World) -> None:
    rate = Fraction(30_000, 1001)
    region = region_at(31, 67)
    placed = world.take(region, rate=rate, handle=11, has_picture=False)
    (take,) = _arranged(scene_with([region], rate=rate), placed)
    assert take.origin == sample_at(20, rate)
    assert np.diff([take.place.laid.picture.start, take.place.laid.picture.end])[0] in (57_657, 57_658)
