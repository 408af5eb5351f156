from fractions import Fraction

import numpy as np
import pytest
from tests.engine.splice.making import World, noise, region_at

from sottovoce_engine.scene import MediaRange, ToneMark
from sottovoce_engine.splice.listening import Pause
from sottovoce_engine.splice.rooms import Room, location_of, rooms_with, tone_for
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.splice.values import ToneOrigin


def _pause(path: str, level: float) -> Pause:
    return Pause(source=MediaRange(path=path, start=Fraction(0)), seconds=1.0, level_dbfs=level)


def test_a_location_takes_the_quietest_pause_of_all_its_regions() -> None:
    locations = [
        ("yard", ("a.wav",), _pause("t1", -60.0)),
        ("hall", (), None),
        ("yard", ("b.wav",), _pause("t2", -70.0)),
    ]
    yard, hall = rooms_with(locations, [_pause("a.wav", -50.0), _pause("b.wav", -55.0), _pause("c.wav", -75.0)])
    assert yard.production is not None
    assert yard.production.source.path == "b.wav"
    assert yard.take is not None
    assert yard.take.source.path == "t2"
    assert hall == Room(location="hall", production=None, take=None)


@pytest.mark.parametrize(
    ("marked", "origin"), [("YARD", ToneOrigin.MARKED), ("", ToneOrigin.MARKED), ("hall", ToneOrigin.SYNTHETIC)]
)
def test_a_mark_serves_its_location_and_one_without_a_name_serves_all(
    world: World, marked: str, origin: ToneOrigin
) -> None:
    path = world.sound_file("tone.wav", noise(-47, 96_000, 1))
    mark = ToneMark(location=marked, source=MediaRange(path=path, start=Fraction(1, 2)), seconds=Fraction(1))
    with OpenSounds() as sounds:
        tone = tone_for(Room(location="Yard", production=None, take=None), [mark], -52.0, sounds)
    assert tone.origin is origin
    assert tone.level_dbfs == pytest.approx(-47.0 if origin is ToneOrigin.MARKED else -52.0, abs=0.3)


def test_a_mark_too_short_to_tell_a_spectrum_is_passed_over(world: World) -> None:
    path = world.sound_file("tone.wav", np.zeros((2, 48_000), np.float32))
    mark = ToneMark(location="", source=MediaRange(path=path, start=Fraction(0)), seconds=Fraction(1, 20))
    with OpenSounds() as sounds:
        tone = tone_for(Room(location="Yard", production=None, take=None), [mark], -52.0, sounds)
    assert tone.origin is ToneOrigin.SYNTHETIC


def test_blank_locations_and_looks_do_not_count() -> None:
    assert location_of(region_at(0, 10, location="  ", look=" a wood "), "/x/street.mov") == "a wood"
    assert location_of(region_at(0, 10), "/x/street.mov") == "street.mov"
    assert location_of(region_at(0, 10), "") == "scene"
