"""What is told of a region that cannot work as it is."""

from dataclasses import replace

import pytest
from tests.engine.editing.drafts import draft, region

from sottovoce_engine.obstacles import hurry, obstacles, waits
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.timing import Span

SCENE = replace(draft().scene, length_frames=2400)
LONG = " ".join(["and another thing that I have to say to you now"] * 12)


def told(of: Region, scene: Scene = SCENE) -> tuple[str, ...]:
    return obstacles(of, scene, register_table())


def test_nothing_is_told_of_a_region_that_works() -> None:
    assert told(region(1, 24, 72)) == ()


def test_an_empty_line_is_told_once() -> None:
    (only,) = told(region(1, 24, 30, line=" "))
    assert "has no line" in only
    assert "Type what is said" in only


@pytest.mark.parametrize(
    ("length_frames", "remedy"), [(2400, "Trim its end to 00:00:02:"), (40, "start the region earlier")]
)
def test_a_line_without_time_is_told_with_its_remedy(length_frames: int, remedy: str) -> None:
    hurried = region(1, 24, 34)
    (only,) = told(hurried, replace(SCENE, length_frames=length_frames))
    assert only.startswith(hurry(hurried, SCENE))
    assert "has 0.4 s" in only
    assert remedy in only


def test_following_the_remedy_removes_the_obstacle() -> None:
    hurried = region(1, 24, 34)
    assert told(hurried)
    end = next(end for end in range(34, 400) if not hurry(replace(hurried, span=Span(24, end)), SCENE))
    assert told(replace(hurried, span=Span(24, end))) == ()


def test_more_than_one_window_is_told_whether_or_not_it_can_be_split() -> None:
    (parts,) = told(region(1, 0, 24 * 31, line=LONG))
    assert "in 2 parts" in parts
    assert "Split it yourself" in parts
    (refused,) = told(region(1, 0, 24 * 31, line="hush"))
    assert "too few words" in refused
    assert "Shorten the mark" in refused
    assert refused.endswith("Until then it is left out of renders.")


def test_what_waits_is_what_cannot_be_rendered_as_it_is() -> None:
    assert not waits(region(1, 0, 24), SCENE)
    assert not waits(region(1, 0, 24 * 31, line=LONG), SCENE)
    assert waits(region(1, 0, 24, line=" "), SCENE)
    assert waits(region(1, 0, 24 * 31, line="hush"), SCENE)


def test_a_register_that_is_not_in_the_table_is_told() -> None:
    (only,) = told(replace(region(1, 24, 72), register="murmur"))
    assert "'murmur'" in only
