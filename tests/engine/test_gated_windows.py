import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.errors import InputError
from sottovoce_engine.gated_windows import kept_of
from sottovoce_engine.plan import Plan, PlannedRegion, PlanSettings, RegionState, plan_for
from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_engine.renderers.ltx.gated_jobs import sampled_jobs
from sottovoce_engine.scene import Gender, MediaRange, PictureMode, PicturePiece, Raster, Region, Scene, Voice
from sottovoce_engine.starts import FootageLook
from sottovoce_engine.take import FORMAT, Gating, RenderJob, Take
from sottovoce_engine.timing import Span

REGISTERS = register_table()
ANNA, BEN = Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN, sound="low")
WHISPER = Region(
    id="0000000a", span=Span(48, 96), register="whisper", voice="Anna", line="close your eyes", look="a dim room"
)
NORMAL = Region(
    id="0000000b", span=Span(108, 156), register="normal", voice="Ben", line="who is there?", look="a dim room"
)
SOFT = Region(id="0000000c", span=Span(800, 848), register="soft", voice="Anna", line="nobody", look="a dim room")
SCENE = Scene(
    name="night",
    rate=Fraction(24),
    length_frames=1200,
    raster=Raster(width=640, height=360),
    voices=(ANNA, BEN),
    regions=(WHISPER, NORMAL),
)
FILM = MediaRange(path="/a.mov", start=Fraction(0))
WHOLE = PicturePiece(span=Span(0, 1200), source=FILM, clip="a")


def plan(
    scene: Scene = SCENE,
    *,
    gating: bool = True,
    registers: RegisterTable = REGISTERS,
    chosen: tuple[Take, ...] = (),
    footage: dict[str, FootageLook] | None = None,
    renderer: str = "ltx",
    **more: object,
) -> Plan:
    return plan_for(
        scene,
        registers,
        PlanSettings(renderer=renderer, register_gating=gating, **more),  # type: ignore[arg-type]
        chosen={take.job.region.id: take for take in chosen},
        known={take.key: take for take in chosen},
        fingerprint=lambda register: f"lora={register.lora:g}",
        footage=footage or {},
    )


def take_of(job: RenderJob) -> Take:
    return Take(
        job=job,
        media=f"{'a' * 64}.mov",
        length_frames=job.length_frames,
        length_samples=job.length_samples,
        words=(),
        words_estimated=False,
        made="2026-01-31T12:00:00+00:00",
        loudness_lufs=None,
        true_peak_dbtp=-3.0,
    )


def gating_of(planned: Plan, number: int = 0) -> Gating:
    found = planned.regions[number].gating
    assert found is not None
    return found


def scene_of(*regions: Region, **more: object) -> Scene:
    return replace(SCENE, regions=regions, **more)  # type: ignore[arg-type]


def why_not(planned: PlannedRegion) -> str:
    assert planned.gating is None
    (note,) = (note for note in planned.notes if note.startswith("register gating does not apply: "))
    return note.removeprefix("register gating does not apply: ")


def test_neighbours_of_two_registers_share_one_window_and_keep_a_take_each() -> None:
    found = plan()
    first, second = found.jobs
    assert first.gating == second.gating == gating_of(found)
    assert (first.seed, first.region.id, second.region.id) == (second.seed, WHISPER.id, NORMAL.id)
    assert first.key != second.key
    window = gating_of(found).window
    assert window.span.contains(Span(24, 180))
    assert window.model_frames % 8 == 1
    assert [(line.span, line.register.name, line.voice, line.line) for line in gating_of(found).lines] == [
        (WHISPER.span, "whisper", ANNA, "close your eyes"),
        (NORMAL.span, "normal", BEN, "who is there?"),
    ]
    assert gating_of(found).lines[0].caption == first.caption
    assert gating_of(found).caption == (
        'a dim room, a man with a low voice, (woman, whispering): "close your eyes", intimate ASMR, '
        '(man, speaking): "who is there?"'
    )


def test_each_take_reaches_a_little_beyond_half_way_to_its_neighbour() -> None:
    first, second = plan().jobs
    half_way = (WHISPER.span.end + NORMAL.span.start) // 2
    assert first.window.start == gating_of(plan()).window.start
    assert first.window.start + first.length_frames == half_way + 3
    assert second.window.start == half_way - 3
    assert second.window.start + second.length_frames == gating_of(plan()).window.span.end
    assert first.length_samples == (half_way + 3 - first.window.start) * 2000
    assert first.region_samples == Span(24 * 2000, 72 * 2000)
    assert first.own_samples == Span(0, (half_way - first.window.start) * 2000)  # the judge hears no neighbour
    assert second.own_samples == Span(3 * 2000, second.length_samples)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), min_size=2, max_size=6),
    st.sampled_from([Fraction(24), Fraction(24_000, 1001), Fraction(50)]),
)
def test_every_take_covers_its_region_within_the_window_and_meets_its_neighbours(
    laid: list[tuple[int, int]], rate: Fraction
) -> None:
    at, regions = 60, []
    for number, (gap, length) in enumerate(laid):
        at += gap
        name = ("whisper", "normal")[number % 2]
        regions.append(
            Region(
                id=f"{number:08}",
                span=Span(at, at + length),
                register=name,
                voice=("Anna", "Ben")[number % 2],
                line="yes",
            )
        )
        at += length
    found = plan(scene_of(*regions, rate=rate))
    gating = gating_of(found)
    kept = [kept_of(gating, region, rate) for region in regions]
    for region, one, job in zip(regions, kept, found.jobs, strict=True):
        assert one.contains(region.span)
        assert gating.window.span.contains(one)
        assert (job.window.start, job.length_frames) == (one.start, one.length)
    for earlier, later in itertools.pairwise(found.jobs):
        apart = (later.window.start - earlier.window.start) * 48_000 / rate
        assert abs(earlier.own_samples.end - later.own_samples.start - apart) <= 1
    for before, after in itertools.pairwise(kept):
        assert before.end - after.start >= rate * 6 // 25  # room for a fade of up to 240 ms
    assert (kept[0].start, kept[-1].end) == (gating.window.span.start, gating.window.span.end)


def test_without_being_asked_for_nothing_is_gated_and_no_key_changes() -> None:
    found = plan(gating=False)
    assert [job.gating for job in found.jobs] == [None, None]
    assert [planned.notes for planned in found.regions] == [(), ()]
    assert [job.key for job in found.jobs] == [job.key for job in plan_for_default().jobs]


def plan_for_default() -> Plan:
    return plan_for(
        SCENE,
        REGISTERS,
        PlanSettings(renderer="ltx"),
        chosen={},
        known={},
        fingerprint=lambda register: f"lora={register.lora:g}",
    )


@pytest.mark.parametrize("more", [{"gating_edge_ms": 120}, {"gating_leak": 0.25}])
def test_how_softly_is_part_of_the_key(more: dict[str, object]) -> None:
    assert {job.key for job in plan().jobs}.isdisjoint(job.key for job in plan(**more).jobs)  # type: ignore[arg-type]


def test_a_neighbours_line_is_part_of_the_key_and_no_reason_to_render_again() -> None:
    takes = tuple(take_of(job) for job in plan().jobs)
    said = scene_of(WHISPER, replace(NORMAL, line="what was that?"))
    found = plan(said, chosen=takes)
    assert [planned.state for planned in found.regions] == [RegionState.PINNED, RegionState.STALE]
    assert [job.region.id for job in found.jobs] == [NORMAL.id]
    assert plan(said).jobs[0].key != takes[0].key
    assert plan(said).jobs[0].content == takes[0].job.content


def test_the_neighbours_lora_is_part_of_a_normal_lines_key() -> None:
    """What makes the whisper beside it shapes the sound it attends to."""
    changed = plan_for(
        SCENE,
        REGISTERS,
        PlanSettings(renderer="ltx", register_gating=True),
        chosen={},
        known={},
        fingerprint=lambda register: "another file" if register.lora else "lora=0",
    )
    assert changed.jobs[1].key != plan().jobs[1].key


def test_takes_made_alone_stay_chosen_when_gating_is_asked_for() -> None:
    takes = tuple(take_of(job) for job in plan(gating=False).jobs)
    assert plan(chosen=takes).jobs == ()
    again = plan(chosen=takes, again=True)
    assert [(job.seed, job.gating) for job in again.jobs] == [(2, gating_of(again))] * 2


def test_one_region_alone_of_a_group_is_rendered_in_the_whole_window() -> None:
    (job,) = plan(only=(NORMAL.id,)).jobs
    assert job == plan().jobs[1]


def test_jobs_survive_the_way_to_the_child() -> None:
    for job in plan().jobs:
        assert from_json(to_json(job, format_version=FORMAT), RenderJob, format_version=FORMAT, source="x") == job


@pytest.mark.parametrize(
    ("regions", "why"),
    [
        ((WHISPER,), "no other register lies beside it"),
        ((WHISPER, replace(NORMAL, register="whisper")), "no other register lies beside it"),
        ((WHISPER, replace(NORMAL, span=Span(90, 138))), "'close your eyes' and 'who is there?' are heard at once"),
        ((replace(WHISPER, tail_frames=20), NORMAL), "'close your eyes' and 'who is there?' are heard at once"),
        (
            (WHISPER, replace(NORMAL, span=Span(500, 548))),
            "from 'close your eyes' to the end of 'who is there?' it is 20.8 s, and one window of 20 s holds 19.0 s beside "
            "its handles",
        ),
        (
            (WHISPER, replace(NORMAL, picture=PictureMode.CONTINUE)),
            "the pictures of 'close your eyes' and 'who is there?' are not both cut, both locked or both of one shot",
        ),
        (
            (WHISPER, replace(NORMAL, look="a street")),
            "'close your eyes' and 'who is there?' have different locations, looks or seeds",
        ),
        (
            (WHISPER, replace(NORMAL, location="kitchen")),
            "'close your eyes' and 'who is there?' have different locations, looks or seeds",
        ),
        (
            (WHISPER, replace(NORMAL, seed=4)),
            "'close your eyes' and 'who is there?' have different locations, looks or seeds",
        ),
    ],
)
def test_what_cannot_be_gated_is_rendered_alone_and_said(regions: tuple[Region, ...], why: str) -> None:
    found = plan(scene_of(*regions))
    assert [why_not(planned) for planned in found.regions] == [why] * len(regions)
    assert [job.gating for job in found.jobs] == [None] * len(regions)
    assert [job.key for job in found.jobs] == [job.key for job in plan(scene_of(*regions), gating=False).jobs]


def test_a_third_region_that_lies_too_far_is_left_alone() -> None:
    found = plan(scene_of(WHISPER, NORMAL, SOFT))
    assert found.regions[0].gating == found.regions[1].gating == gating_of(plan())
    assert why_not(found.regions[2]).startswith("from 'close your eyes' to the end of 'nobody' it is 33.3 s")


def test_two_loras_are_not_gated_in_one_window(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[register.breathed]\nletter = "B"\ncolour = "#123456"\norder = 9\nmanner = {woman = "", man = ""}\n'
    )
    path.write_text(
        path.read_text() + 'suffix = ""\nlora = 1.0\nlora_file = "own.safetensors"\nloudness_lufs = -30.0\n'
    )
    found = plan(scene_of(WHISPER, replace(NORMAL, register="breathed")), registers=register_table(path))
    assert why_not(found.regions[0]) == "'close your eyes' and 'who is there?' need two LoRAs"


def test_scratch_says_that_it_does_not_apply() -> None:
    found = plan(renderer="scratch")
    assert [why_not(planned) for planned in found.regions] == [
        "the renderer 'scratch' makes every region by itself"
    ] * 2
    assert [job.gating for job in found.jobs] == [None, None]


def test_over_one_locked_picture_the_whole_window_watches_it() -> None:
    found = plan(replace(SCENE, pictures=(WHOLE,)), footage={FILM.path: FootageLook(still=False, content="film")})
    watched, window = gating_of(found).locked_on, gating_of(found).window
    assert watched is not None
    assert watched.start == Fraction(WHISPER.span.start, 24)
    assert (-watched.before, watched.after) == (window.start - WHISPER.span.start, window.span.end - WHISPER.span.start)
    assert [job.locked_on is not None for job in found.jobs] == [True, True]
    moved = plan(
        replace(SCENE, pictures=(replace(WHOLE, source=replace(FILM, path="/b.mov")),)),
        footage={"/b.mov": FootageLook(still=False, content="film")},
    )
    assert [job.key for job in moved.jobs] == [job.key for job in found.jobs]


def test_over_one_shot_the_window_lies_within_it() -> None:
    shot = [replace(region, picture=PictureMode.SHOT) for region in (WHISPER, NORMAL)]
    found = plan(scene_of(*shot))
    (over,) = found.shots
    window = gating_of(found).window
    assert over.job.window.span.contains(window.span)
    assert (window.start - over.start) % 8 == 0
    assert window.span.contains(Span(WHISPER.span.start, NORMAL.span.end))
    for job in found.jobs[1:]:
        assert job.on_shot is not None
        assert (job.on_shot.shot, job.on_shot.first) == (over.key, job.window.start - over.start)
        assert (job.gating, job.picture) == (gating_of(found), PictureMode.LOCK)
        (sampled,) = sampled_jobs([job]).jobs
        assert sampled.on_shot == replace(job.on_shot, first=window.start - over.start)


def test_over_two_shots_each_is_made_alone() -> None:
    """The second region shares the first one's shot, and the third one's would be too long with it."""
    spans = Span(48, 96), Span(440, 488), Span(500, 530)
    regions = [
        replace(region, span=span, picture=PictureMode.SHOT, seed=4 if region is WHISPER else None)
        for region, span in zip((WHISPER, NORMAL, SOFT), spans, strict=True)
    ]
    found = plan(scene_of(*regions))
    assert [len(shot.regions) for shot in found.shots] == [2, 1]
    assert why_not(found.regions[1]) == "'who is there?' and 'nobody' lie over two shots"


def test_a_region_sampled_with_others_is_held_to_no_other_sound() -> None:
    over = replace(SCENE, pictures=(WHOLE,))
    looks = {FILM.path: FootageLook(still=False, content="film")}
    held = plan(over, footage=looks, context_seconds=1.0)
    note = "sampled with its neighbours, it is held to no other sound"
    assert [note in planned.notes for planned in held.regions] == [True, True]
    assert [job.context for job in held.jobs] == [None, None]
    free = plan(over, footage=looks, context_seconds=0.0)
    assert [note in planned.notes for planned in free.regions] == [False, False]
    assert [job.key for job in free.jobs] == [job.key for job in held.jobs]


def test_over_two_locked_pictures_each_is_made_alone() -> None:
    cut = (replace(WHOLE, span=Span(0, 100)), replace(WHOLE, span=Span(100, 1200), source=replace(FILM, path="/b.mov")))
    looks = {path: FootageLook(still=False, content=path) for path in ("/a.mov", "/b.mov")}
    found = plan(replace(SCENE, pictures=cut), footage=looks)
    assert why_not(found.regions[1]) == "'close your eyes' and 'who is there?' lie over different pictures"


@pytest.mark.parametrize(
    ("more", "said"), [({"gating_edge_ms": 1001}, "edge of 1001 ms"), ({"gating_leak": 1.5}, "leak of 1.5")]
)
def test_settings_out_of_range_are_refused(more: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        PlanSettings(register_gating=True, **more)  # type: ignore[arg-type]
