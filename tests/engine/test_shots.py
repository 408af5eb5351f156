"""Regions that share one rendered picture: planned, kept, rendered anew, and shown."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.plan import Plan, RegionState
from sottovoce_engine.scene import MediaRange, PictureMode, PicturePiece, Scene
from sottovoce_engine.session import choices_after, with_shots
from sottovoce_engine.take import RenderJob, Take
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import MIN_HANDLE_FRAMES, divisor_for

from .test_starts import job_of, plan, scene_of, take_of, with_region

FIRST, SECOND, THIRD = Span(48, 96), Span(100, 150), Span(190, 240)
STREET = PicturePiece(span=Span(160, 180), source=MediaRange(path="/a.mov", start=Fraction(0)), clip="/a.mov")


def shot_scene(*spans: Span, rate: Fraction = Fraction(24), pictures: tuple[PicturePiece, ...] = ()) -> Scene:
    scene = scene_of(spans or (FIRST, SECOND, THIRD), PictureMode.SHOT, rate, pictures)
    return with_region(scene, 0, picture=PictureMode.SHOT)


def planned(scene: Scene, *, known: Iterable[Take] = (), **asked: object) -> Plan:
    return plan(scene, known=known, renderer="ltx", **asked)  # type: ignore[arg-type]


def made(job: RenderJob) -> Take:
    return replace(take_of(job), latents=f"{job.key}.safetensors" if job.is_shot else "")


def rendered(scene: Scene) -> tuple[Take, ...]:
    return tuple(made(job) for job in planned(scene).jobs)


def runs(scene: Scene) -> list[tuple[str, ...]]:
    return [tuple(region.id[-1] for region in shot.regions) for shot in planned(scene).shots]


def test_one_picture_is_rendered_first_and_the_sounds_are_made_for_parts_of_it() -> None:
    found = planned(shot_scene())
    shot, *sounds = found.jobs
    assert [job.region.id for job in found.jobs] == ["shot-00000000", "00000000", "00000001", "00000002"]
    assert shot.is_shot
    assert shot.picture is PictureMode.CUT
    assert shot.register.lora == 0
    assert shot.caption == '(woman, speaking softly): "line 0", intimate ASMR, (woman, speaking softly): "line 1", ' + (
        'intimate ASMR, (woman, speaking softly): "line 2", intimate ASMR'
    )
    for job in sounds:
        assert job.picture is PictureMode.LOCK
        assert job.on_shot is not None
        assert job.on_shot.shot == shot.key
        assert job.window.start == shot.window.start + job.on_shot.first
        assert job.on_shot.first % 8 == 0
    assert [region.picture for region in found.regions] == [PictureMode.SHOT] * 3


@given(
    rate=st.sampled_from([Fraction(rate) for rate in ("24", "24000/1001", "25", "30", "50", "60000/1001")]),
    starts=st.lists(st.integers(0, 150), min_size=1, max_size=4, unique=True),
    length=st.integers(1, 60),
    handles=st.integers(MIN_HANDLE_FRAMES, 60),
)
def test_every_window_lies_in_its_shot_on_the_latents_grid_and_holds_its_region(
    rate: Fraction, starts: list[int], length: int, handles: int
) -> None:
    spans = [Span(start, start + length) for start in sorted(starts)]
    found = planned(shot_scene(*spans, rate=rate), handle_frames=handles)
    (shot,) = found.shots
    step = 8 * divisor_for(rate)
    for region in found.regions:
        job = job_of(region)
        assert shot.job.window.span.contains(job.window.span)
        assert job.window.span.contains(region.region.span.grown(MIN_HANDLE_FRAMES, MIN_HANDLE_FRAMES))
        assert (job.window.start - shot.start) % step == 0
        assert job.window.length < region.region.span.length + 2 * handles + 3 * step


def test_regions_share_a_picture_as_long_as_nothing_parts_them() -> None:
    assert runs(shot_scene()) == [("0", "1", "2")]
    assert runs(shot_scene(pictures=(STREET,))) == [("0", "1"), ("2",)]
    assert runs(with_region(shot_scene(), 1, look="a street")) == [("0",), ("1",), ("2",)]
    assert runs(with_region(shot_scene(), 2, location="street")) == [("0", "1"), ("2",)]
    assert runs(with_region(shot_scene(), 1, picture=PictureMode.CUT)) == [("0",), ("2",)]
    assert runs(shot_scene(Span(0, 48), Span(400, 440), Span(450, 500))) == [("0", "1"), ("2",)], "20 s at most"


def test_over_a_picture_of_the_timeline_there_is_nothing_to_render() -> None:
    over = PicturePiece(span=Span(0, 400), source=MediaRange(path="/a.mov", start=Fraction(0)), clip="/a.mov")
    found = planned(shot_scene(pictures=(over,)))
    assert found.shots == ()
    assert {region.picture for region in found.regions} == {PictureMode.LOCK}


def test_a_retake_of_a_sound_leaves_the_picture_alone() -> None:
    scene = shot_scene()
    takes = rendered(scene)
    for asked in (
        {},
        {"again": True},
        {"takes": 3},
        {"seed": 9, "again": True},
        {"only": ("00000001",), "again": True},
    ):
        found = planned(scene, known=takes, chosen=takes[1:], **asked)
        assert not any(job.is_shot for job in found.jobs)
        assert {job.on_shot.shot for job in found.jobs if job.on_shot} <= {takes[0].key}
        assert {job.on_shot.latents for job in found.jobs if job.on_shot} <= {takes[0].latents}
    assert planned(scene, known=takes, chosen=takes[1:]).jobs == ()


def test_keys_are_the_same_before_and_after_the_picture_is_there() -> None:
    scene = shot_scene()
    first = planned(scene)
    again = planned(scene, known=[made(first.jobs[0])])
    assert [job.key for job in again.jobs] == [job.key for job in first.jobs[1:]]


def test_another_seed_asks_for_another_picture_which_stays_once_it_is_chosen() -> None:
    scene = shot_scene()
    takes = rendered(scene)
    other = planned(scene, known=takes, chosen=takes[1:], shot_seed=7)
    assert [(job.is_shot, job.seed) for job in other.jobs] == [(True, 7), (False, 1), (False, 1), (False, 1)]
    assert {region.state for region in other.regions} == {RegionState.STALE}
    assert other.regions[0].notes == ("its sound was not made for the shot that is under it now",)
    fresh = tuple(made(job) for job in other.jobs)
    choices = choices_after(other, {take.key: take for take in (*takes, *fresh)}, fresh)
    assert set(choices.values()) == {take.key for take in fresh[1:]}
    after = planned(scene, known=(*takes, *fresh), chosen=fresh[1:])
    assert after.jobs == ()
    assert after.shots[0].key == fresh[0].key
    with pytest.raises(InputError, match="The shots' seed is -1"):
        planned(scene, shot_seed=-1)


def test_a_picture_stays_while_lines_change_and_says_so() -> None:
    scene = shot_scene()
    takes = rendered(scene)
    changed = planned(with_region(scene, 1, line="another line"), known=takes, chosen=takes[1:])
    assert [job.region.id for job in changed.jobs] == ["00000001"]
    assert "its lines have changed since its picture was rendered: lips may not match" in changed.regions[1].notes
    looks = tuple(replace(region, look="a street") for region in scene.regions)
    assert planned(scene.with_regions(looks), known=takes, chosen=takes[1:]).jobs[0].is_shot


def test_moved_as_a_whole_the_picture_moves_along_and_a_region_moved_in_it_is_noted() -> None:
    scene = shot_scene()
    takes = rendered(scene)
    along = tuple(replace(region, span=region.span.shifted(30)) for region in scene.regions)
    moved = planned(scene.with_regions(along), known=takes, chosen=takes[1:])
    assert moved.jobs == ()
    assert moved.shots[0].start == takes[0].job.window.start + 30
    assert all(region.notes == () for region in moved.regions)
    alone = planned(with_region(scene, 1, span=SECOND.shifted(8)), known=takes, chosen=takes[1:])
    assert alone.jobs == ()
    assert alone.regions[1].notes == (
        "the picture under it lies 8 frames apart from where its sound was made for it: lips may not match",
    )


def test_a_region_outside_the_picture_needs_another_one() -> None:
    scene = shot_scene()
    takes = rendered(scene)
    longer = planned(with_region(scene, 2, span=Span(190, 300)), known=takes, chosen=takes[1:])
    assert longer.jobs[0].is_shot


def test_another_renderers_picture_is_no_ground_for_latents() -> None:
    scene = shot_scene()
    cards = tuple(made(job) for job in plan(scene).jobs)
    assert all(job.on_shot is None for job in plan(scene).jobs)
    assert planned(scene, known=cards, chosen=cards[1:]).jobs[0].is_shot
    shot = made(planned(scene).jobs[0])
    assert not any(job.is_shot for job in plan(scene, known=[shot]).jobs), "cards over a real picture"


def test_the_picture_lies_under_its_regions_once_it_is_there() -> None:
    scene = shot_scene(pictures=(replace(STREET, span=Span(300, 320)),))
    found = planned(scene)
    assert with_shots(found, {}, lambda take: Path("/store") / take.media).scene == found.scene
    take = made(found.jobs[0])
    for _ in range(2):
        found = with_shots(found, {take.key: take}, lambda take: Path("/store") / take.media)
    shot, street = found.scene.pictures
    assert shot.span == Span(48, 240)
    assert shot.source == MediaRange(path=f"/store/{take.media}", start=Fraction(24, 24))
    assert shot.shot_frames == take.length_frames
    assert not street.is_shot
    assert {found.scene.picture_mode(region) for region in found.scene.regions} == {PictureMode.LOCK}
