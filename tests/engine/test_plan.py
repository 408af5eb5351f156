from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.errors import InputError
from sottovoce_engine.plan import (
    Plan,
    PlannedRegion,
    PlanSettings,
    RegionState,
    answers,
    content_key,
    plan_for,
    takes_by_region,
)
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, MediaRange, PictureMode, PicturePiece, Raster, Region, Scene, Voice
from sottovoce_engine.take import RenderJob, Take
from sottovoce_engine.timing import Span

REGISTERS = register_table()
ANNA, BEN = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN)
WHISPER = Region(id="0000000a", span=Span(48, 96), register="whisper", voice="Anna", line="close your eyes")
LOUD = Region(id="0000000b", span=Span(90, 138), register="loud", voice="Ben", line="who is there?")
LONG = Region(
    id="0000000c", span=Span(200, 1000), register="soft", voice="Ben", line=" ".join(["I never said that."] * 20)
)
SCENE = Scene(
    name="night",
    rate=Fraction(24),
    length_frames=1200,
    raster=Raster(width=640, height=360),
    voices=(ANNA, BEN),
    regions=(WHISPER, LOUD),
)
PICTURE = PicturePiece(span=Span(0, 1200), source=MediaRange(path="/a.mov", start=Fraction(0)), clip="a")


def plan(
    scene: Scene = SCENE,
    *,
    chosen: Iterable[Take] = (),
    known: Iterable[Take] = (),
    fingerprint: str = "f",
    takes: int = 1,
    seed: int = 1,
    only: tuple[str, ...] = (),
    again: bool = False,
    renderer: str = "scratch",
) -> Plan:
    chosen = tuple(chosen)
    return plan_for(
        scene,
        REGISTERS,
        PlanSettings(takes=takes, seed=seed, only=only, again=again, renderer=renderer),
        chosen={take.job.region.id: take for take in chosen},
        known={take.key: take for take in (*known, *chosen)},
        fingerprint=lambda _register: fingerprint,
    )


def take_of(job: RenderJob, suffix: str = "mov") -> Take:
    return Take(
        job=job,
        media=f"{'a' * 64}.{suffix}",
        length_frames=job.window.length,
        length_samples=job.length_samples,
        words=(),
        words_estimated=False,
        made="2026-01-31T12:00:00+00:00",
        loudness_lufs=None,
        true_peak_dbtp=-3.0,
    )


TAKES = tuple(take_of(job) for job in plan().jobs)


def of(planned: Plan, region_id: str = WHISPER.id) -> PlannedRegion:
    return next(found for found in planned.regions if found.region.id == region_id)


def with_whisper(**changes: object) -> Scene:
    return replace(SCENE, regions=(replace(WHISPER, **changes), LOUD))  # type: ignore[arg-type]


def test_a_new_scene_has_one_job_for_every_region() -> None:
    found = plan()
    assert [planned.state for planned in found.regions] == [RegionState.NEW] * 2
    assert [(job.region.id, job.seed, job.picture) for job in found.jobs] == [
        (WHISPER.id, 1, PictureMode.CUT),
        (LOUD.id, 1, PictureMode.CUT),
    ]
    job = found.jobs[0]
    assert job.caption == '(woman, whispering): "close your eyes", intimate ASMR'
    assert job.window.span.contains(Span(24, 120))
    assert (job.rate, job.raster, job.voice, job.register.name) == (SCENE.rate, SCENE.raster, ANNA, "whisper")


def test_a_chosen_take_is_pinned_and_nothing_is_rendered() -> None:
    found = plan(chosen=TAKES)
    assert [planned.state for planned in found.regions] == [RegionState.PINNED] * 2
    assert [planned.chosen for planned in found.regions] == list(TAKES)
    assert found.jobs == ()


@pytest.mark.parametrize(
    "span",
    [
        Span(60, 96),  # trimmed
        Span(40, 110),  # drawn out into the handles
        Span(24, 120),  # as far as they reach
        Span(500, 548),  # moved as a whole
    ],
)
def test_trims_and_moves_keep_the_take(span: Span) -> None:
    found = of(plan(with_whisper(span=span), chosen=TAKES))
    assert found.state is RegionState.PINNED
    assert found.jobs == ()


@pytest.mark.parametrize("span", [Span(20, 96), Span(48, 150), Span(300, 340)])
def test_a_region_beyond_its_take_is_outgrown(span: Span) -> None:
    found = of(plan(with_whisper(span=span), chosen=TAKES))
    assert found.state is RegionState.OUTGROWN
    assert "reaches beyond its take" in found.notes[0]
    assert [job.region.span for job in found.jobs] == [span]


@pytest.mark.parametrize(
    "scene",
    [
        with_whisper(line="open your eyes"),
        with_whisper(register="soft"),
        with_whisper(voice="Ben", span=Span(30, 78)),
        with_whisper(look="a dark kitchen"),
        replace(SCENE, voices=(replace(ANNA, sound="low"), BEN)),
        replace(SCENE, voices=(replace(ANNA, gender=Gender.MAN), BEN)),
    ],
)
def test_a_take_of_other_words_is_stale(scene: Scene) -> None:
    found = of(plan(scene, chosen=TAKES))
    assert found.state is RegionState.STALE
    assert found.notes[0] == "line, voice, register or look changed since its take"
    assert len(found.jobs) == 1
    assert found.jobs[0].key != TAKES[0].key


@pytest.mark.parametrize(
    "changes",
    [
        {"gain_db": 3.0},
        {"cue": "SC12-034"},
        {"location": "kitchen"},
        {"lead_frames": 5, "tail_frames": 6},
        {"length_guessed": True},
        {"picture": PictureMode.CUT},
        {"seed": 1},
    ],
)
def test_what_only_the_splice_uses_changes_no_key(changes: dict[str, object]) -> None:
    assert of(plan(with_whisper(**changes))).jobs[0].key == TAKES[0].key


def test_everything_that_makes_a_take_changes_its_key() -> None:
    keys = [
        of(plan(scene, seed=seed, fingerprint=fingerprint)).jobs[0].key
        for scene, seed, fingerprint in (
            (SCENE, 1, "f"),
            (SCENE, 2, "f"),
            (SCENE, 1, "g"),
            (with_whisper(line="open your eyes"), 1, "f"),
            (with_whisper(span=Span(40, 88)), 1, "f"),
            (with_whisper(picture=PictureMode.CONTINUE), 1, "f"),
            (replace(SCENE, raster=Raster(width=320, height=180)), 1, "f"),
            (replace(SCENE, rate=Fraction(25)), 1, "f"),
        )
    ]
    assert len(set(keys)) == len(keys)


def test_the_content_key_stays_the_same_from_version_to_version() -> None:
    """It stands in every store on disk: a change would call all takes there stale."""
    assert content_key("caption", ANNA, REGISTERS.get("soft")) == "6c561bcfedffe4d4b60cf8ed1d9a1c5b"


def test_a_registers_file_that_is_moved_with_its_lora_makes_no_take_stale() -> None:
    soft = REGISTERS.get("soft")
    here, there, other = (replace(soft, lora_file=f"{folder}.safetensors") for folder in ("/a/x", "/b/x", "/a/y"))
    assert content_key("caption", ANNA, here) == content_key("caption", ANNA, there)
    assert len({content_key("caption", ANNA, register) for register in (soft, here, other)}) == 3


def test_another_size_matters_only_to_takes_with_picture() -> None:
    smaller = replace(SCENE, raster=Raster(width=320, height=180))
    assert of(plan(smaller, chosen=TAKES)).state is RegionState.OUTGROWN
    over_picture = replace(smaller, pictures=(PICTURE,))
    assert of(plan(over_picture, chosen=TAKES)).state is RegionState.PINNED


def test_sound_alone_will_do_only_over_a_picture() -> None:
    over_picture = replace(SCENE, pictures=(PICTURE,))
    (job, _) = plan(over_picture).jobs
    assert job.picture is PictureMode.LOCK
    sound = take_of(job, "wav")
    assert of(plan(over_picture, chosen=[sound])).state is RegionState.PINNED
    assert of(plan(SCENE, chosen=[sound])).state is RegionState.OUTGROWN


def test_another_rate_needs_new_takes() -> None:
    assert of(plan(replace(SCENE, rate=Fraction(25)), chosen=TAKES)).state is RegionState.OUTGROWN


def test_several_takes_differ_by_seed_and_first_ones_come_first() -> None:
    found = plan(takes=3, seed=7)
    assert [(job.region.id, job.seed) for job in found.jobs] == [
        (region_id, seed) for seed in (7, 8, 9) for region_id in (WHISPER.id, LOUD.id)
    ]
    assert len({job.key for job in found.jobs}) == 6


def test_more_takes_are_rendered_beside_those_there_are() -> None:
    found = plan(takes=3, chosen=TAKES)
    assert [job.seed for job in of(found).jobs] == [2, 3]


def test_a_region_may_bring_its_own_seed() -> None:
    assert [job.seed for job in of(plan(with_whisper(seed=40), takes=2)).jobs] == [40, 41]


def test_a_take_in_the_store_is_not_rendered_again_even_if_none_is_chosen() -> None:
    found = plan(known=TAKES)
    assert [planned.state for planned in found.regions] == [RegionState.NEW] * 2
    assert found.jobs == ()
    assert answers(TAKES[0], of(found), found.scene)
    assert not answers(TAKES[1], of(found), found.scene)


def test_asking_again_takes_the_next_free_seeds() -> None:
    found = plan(chosen=TAKES, again=True, takes=2)
    assert [job.seed for job in of(found).jobs] == [2, 3]


def test_a_take_of_another_renderer_does_not_stand_in_the_way() -> None:
    assert [job.seed for job in of(plan(chosen=TAKES, takes=2, renderer="other")).jobs] == [1, 2]


def test_only_some_regions() -> None:
    found = plan(only=(LOUD.id,))
    assert [job.region.id for job in found.jobs] == [LOUD.id]
    assert len(found.regions) == 2
    with pytest.raises(InputError, match=r"^No region has the id 'x'. This timeline's regions: 0000000a, 0000000b\.$"):
        plan(only=("x",))


def test_a_long_region_is_planned_in_parts() -> None:
    scene = replace(SCENE, regions=(WHISPER, LONG))
    found = plan(scene)
    assert [planned.region.id for planned in found.regions] == [WHISPER.id, "0000000c-1", "0000000c-2"]
    assert found.scene.regions == tuple(planned.region for planned in found.regions)
    assert [job.region.id for job in plan(scene, only=(LONG.id,)).jobs] == ["0000000c-1", "0000000c-2"]
    assert [job.region.id for job in plan(scene, only=("0000000c-2",)).jobs] == ["0000000c-2"]
    pinned = plan(scene, chosen=[take_of(job) for job in found.jobs])
    assert {planned.state for planned in pinned.regions} == {RegionState.PINNED}


def test_a_long_region_of_one_word_is_refused() -> None:
    with pytest.raises(InputError, match=r"'Nooo' \(Ben\) is 33\.3 s long"):
        plan(replace(SCENE, regions=(replace(LONG, line="Nooo"),)))


def test_an_unknown_register_is_refused() -> None:
    with pytest.raises(InputError, match=r"'wisper' is no register\. Did you mean 'whisper'"):
        plan(with_whisper(register="wisper"))


def test_notes_say_what_was_guessed_and_what_will_sound_hurried() -> None:
    line = "I have been meaning to tell you this for a very long time, and now I cannot find the words"
    found = of(plan(with_whisper(length_guessed=True, line=line)))
    assert found.notes[0] == "length guessed"
    assert found.notes[1].endswith("s and has 2.0 s: it will sound hurried")
    assert of(plan()).notes == ()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"takes": 0}, r"0 takes were asked for\. Ask for 1 to 100"),
        ({"takes": 101}, r"101 takes"),
        ({"seed": -1}, r"The seed is -1\. Give a whole number from 0 to 2147483647"),
        ({"seed": 2**31}, r"The seed is 2147483648"),
        ({"handle_frames": 7}, r"Handles of 7 frames were asked for\. Give 8 to 240"),
        ({"handle_frames": 241}, r"Handles of 241 frames"),
    ],
)
def test_settings_out_of_range(settings: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        PlanSettings(**settings)  # type: ignore[arg-type]


@given(seeds=st.lists(st.integers(0, 9), max_size=12))
def test_takes_are_grouped_in_the_order_given(seeds: list[int]) -> None:
    takes = [take_of(replace(TAKES[seed % 2].job, seed=seed)) for seed in seeds]
    grouped = takes_by_region(takes)
    assert sum(len(group) for group in grouped.values()) == len(takes)
    for region_id, group in grouped.items():
        assert list(group) == [take for take in takes if take.job.region.id == region_id]


def test_five_thousand_regions_with_their_takes() -> None:
    regions = tuple(replace(WHISPER, id=f"{n:08x}", span=Span(n * 60, n * 60 + 48)) for n in range(5000))
    scene = replace(SCENE, length_frames=300_000, regions=regions, pictures=(replace(PICTURE, span=Span(0, 300_000)),))
    found = plan(scene)
    assert len(found.jobs) == 5000
    pinned = plan(scene, chosen=[take_of(job, "wav") for job in found.jobs])
    assert {planned.state for planned in pinned.regions} == {RegionState.PINNED}
    assert pinned.jobs == ()
