"""What a render would be, from real plans."""

from dataclasses import replace

import pytest
from tests.engine.test_plan import LONG, PICTURE, SCENE, WHISPER, plan, take_of

from sottovoce_engine.estimating import (
    Estimate,
    RenderRate,
    estimate_again,
    estimate_changed,
    estimate_of,
    window_seconds,
    work_by_region,
)
from sottovoce_engine.scene import PictureMode

RATE = RenderRate(seconds=10.0, measured=True)


def test_what_is_missing_counts_and_what_is_there_does_not() -> None:
    first = plan()
    (whisper, loud) = first.jobs
    nothing_there = estimate_of(first, RATE)
    assert (nothing_there.takes, nothing_there.there) == (2, 0)
    assert nothing_there.registers == (("whisper", 1), ("loud", 1))
    assert nothing_there.seconds == pytest.approx(10.0 * (window_seconds(whisper) + window_seconds(loud)))
    one_there = estimate_of(plan(chosen=[take_of(whisper)]), RATE)
    assert (one_there.takes, one_there.there, one_there.registers) == (1, 1, (("loud", 1),))
    assert one_there.seconds == pytest.approx(10.0 * window_seconds(loud))
    all_there = estimate_changed(work_by_region(plan(chosen=[take_of(whisper), take_of(loud)])), RATE)
    assert (all_there.takes, all_there.there, all_there.seconds) == (0, 2, 0.0)


def test_another_take_costs_as_much_as_the_one_that_is_there() -> None:
    (whisper, loud) = plan().jobs
    one = estimate_again(work_by_region(plan(chosen=[take_of(whisper)])), [WHISPER.id, "ffffffff"], RATE)
    assert (one.takes, one.there, one.registers) == (1, 1, (("whisper", 1),))
    assert one.seconds == pytest.approx(10.0 * window_seconds(whisper))
    works = work_by_region(plan(chosen=[take_of(whisper)], takes=2))
    assert estimate_again(works, [WHISPER.id], RATE).takes == 2
    both = estimate_again(works, [region.id for region in SCENE.regions], RATE)
    assert both.seconds == pytest.approx(20.0 * (window_seconds(whisper) + window_seconds(loud)))


def test_the_parts_of_a_long_region_are_one_and_sound_alone_costs_less() -> None:
    scene = replace(SCENE, regions=(LONG,))
    long = plan(scene)
    assert len(long.jobs) > 1
    assert list(work_by_region(long)) == [LONG.id]
    assert estimate_of(long, RATE).takes == len(long.jobs)
    over_picture = plan(replace(scene, pictures=(PICTURE,)))
    assert {job.picture for job in over_picture.jobs} == {PictureMode.LOCK}
    assert estimate_of(over_picture, RATE).seconds < 0.5 * estimate_of(long, RATE).seconds


def test_more_than_ten_minutes_are_long() -> None:
    short = Estimate(takes=1, registers=(), seconds=600.0, measured=False, there=0)
    assert not short.is_long
    assert replace(short, seconds=601.0).is_long
