"""Anchors of voices, kept in a timeline's metadata."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import MediaRange, Raster, Scene, VoiceAnchor
from sottovoce_otio.ours import anchors_from_metadata, scene_metadata

SCENE = Scene(name="night", rate=Fraction(24), length_frames=96, raster=Raster(width=320, height=180))
ANCHORS = (
    VoiceAnchor(voice="Anna", source=MediaRange(path="/anna.wav", start=Fraction(1, 3)), seconds=Fraction(5, 2)),
    VoiceAnchor(voice="Ben", take="3f9a04c1"),
)


def test_they_are_read_as_they_were_written() -> None:
    assert anchors_from_metadata(scene_metadata(replace(SCENE, anchors=ANCHORS)), "The timeline") == ANCHORS


def test_a_timeline_without_any_is_written_as_before() -> None:
    written = scene_metadata(SCENE)
    assert "anchors" not in written
    assert anchors_from_metadata(written, "The timeline") == ()


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("Anna", "The timeline has anchors = 'Anna' in its metadata; they must be a list"),
        ([{"voice": "Anna", "tke": "3f"}], "unknown key 'tke'"),
        ([{"voice": "Anna"}], "an anchor is a take or a stretch of a file"),
    ],
)
def test_what_is_damaged_is_told(found: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        anchors_from_metadata({"anchors": found}, "The timeline")
    assert told in str(caught.value)
