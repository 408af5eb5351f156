"""Plans of regions whose picture continues from the take before, or starts from the timeline's own."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sottovoce_engine.choosing import choice, takes_by_region
from sottovoce_engine.errors import InputError
from sottovoce_engine.plan import Plan, PlannedRegion, PlanSettings, RegionState, plan_for
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, MediaRange, PictureMode, PicturePiece, Raster, Region, Scene, Voice
from sottovoce_engine.session import choices_after
from sottovoce_engine.starts import FootageLook, Shown, shown_before, still_shown
from sottovoce_engine.take import FootageFrames, RenderJob, Take, TakeFrames
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import MIN_HANDLE_FRAMES, divisor_for

REGISTERS = register_table()
CLIP, STILL = FootageLook(still=False, content="clip"), FootageLook(still=True, content="still")
FIRST, SECOND, THIRD = Span(48, 96), Span(96, 144), Span(150, 190)


def scene_of(
    spans: Sequence[Span],
    mode: PictureMode = PictureMode.CONTINUE,
    rate: Fraction = Fraction(24),
    pictures: tuple[PicturePiece, ...] = (),
) -> Scene:
    """Regions "00000000", "00000001"… over the spans; all but the first in `mode`."""
    regions = tuple(
        Region(
            id=f"{number:08x}",
            span=span,
            register="soft",
            voice="Anna",
            line=f"line {number}",
            picture=mode if number else PictureMode.CUT,
        )
        for number, span in enumerate(spans)
    )
    return Scene(
        name="night",
        rate=rate,
        length_frames=5000,
        raster=Raster(width=640, height=360),
        voices=(Voice(name="Anna", gender=Gender.WOMAN),),
        regions=regions,
        pictures=pictures,
    )


def with_region(scene: Scene, number: int, **changes: object) -> Scene:
    regions = [
        replace(region, **changes) if index == number else region  # type: ignore[arg-type]
        for index, region in enumerate(scene.regions)
    ]
    return scene.with_regions(tuple(regions))


def plan(
    scene: Scene,
    *,
    chosen: Iterable[Take] = (),
    known: Iterable[Take] = (),
    footage: dict[str, FootageLook] | None = None,
    **settings: object,
) -> Plan:
    chosen = tuple(chosen)
    return plan_for(
        scene,
        REGISTERS,
        PlanSettings(**settings),  # type: ignore[arg-type]
        chosen={take.job.region.id: take for take in chosen},
        known={take.key: take for take in (*known, *chosen)},
        fingerprint=lambda _register: "f",
        footage=footage or {},
    )


def take_of(job: RenderJob) -> Take:
    suffix = "wav" if job.picture is PictureMode.LOCK else "mov"
    return Take(
        job=job,
        media=f"{job.key * 2}.{suffix}",
        length_frames=job.window.length,
        length_samples=job.length_samples,
        words=(),
        words_estimated=False,
        made="2026-01-31T12:00:00+00:00",
        loudness_lufs=None,
        true_peak_dbtp=-3.0,
    )


def takes_of(planned: Plan) -> tuple[Take, ...]:
    return tuple(take_of(job) for job in planned.jobs)


def job_of(planned: PlannedRegion) -> RenderJob:
    (job,) = planned.jobs
    return job


a_rate = st.sampled_from([Fraction(rate) for rate in ("24", "24000/1001", "25", "30", "50", "60000/1001", "60", "100")])


@st.composite
def spans_in_order(draw: st.DrawFn) -> list[Span]:
    spans, at = [], draw(st.integers(0, 60))
    for _ in range(draw(st.integers(2, 5))):
        length = draw(st.integers(1, 150))
        spans.append(Span(at, at + length))
        at += length + draw(st.integers(0, 40))
    return spans


@given(spans=spans_in_order(), rate=a_rate, overlap=st.sampled_from((9, 17)), handle=st.integers(8, 60))
def test_windows_start_with_the_overlap_which_is_the_take_befores_frames_at_the_same_place(
    spans: list[Span], rate: Fraction, overlap: int, handle: int
) -> None:
    found = plan(scene_of(spans, rate=rate), overlap_frames=overlap, handle_frames=handle)
    assert found.regions[0].jobs[0].continues == ""
    before = job_of(found.regions[0])
    for planned in found.regions[1:]:
        job = job_of(planned)
        assert job.from_take is not None
        lead = job.from_take.frames * divisor_for(rate)
        fits = before.window.model_frames >= overlap
        assert job.from_take.frames == (overlap if fits else 9)
        assert job.window.start == job.region.span.start - lead
        assert job.window.span.end >= job.region.span.end + MIN_HANDLE_FRAMES
        assert Fraction(job.window.model_frames) / job.model_rate <= 20
        assert job.continues == before.key
        given_frames = Span(job.from_take.first, job.from_take.first + lead)
        assert Span(0, before.window.length).contains(given_frames)
        seamless = before.window.start + job.from_take.first == job.window.start
        assert seamless != any(note.startswith("the take before it") for note in planned.notes)
        before = job


@given(spans=spans_in_order(), rate=a_rate, overlap=st.sampled_from((9, 17)))
def test_keys_are_the_same_whether_the_take_before_is_of_the_batch_or_was_there(
    spans: list[Span], rate: Fraction, overlap: int
) -> None:
    scene = scene_of(spans, rate=rate)
    together = plan(scene, overlap_frames=overlap)
    made: list[Take] = []
    for number, region in enumerate(scene.regions):
        later = plan(scene, chosen=made, only=(region.id,), overlap_frames=overlap)
        job = job_of(later.regions[number])
        assert job.key == job_of(together.regions[number]).key
        if number:
            assert job.from_take is not None
            assert job.from_take.media == made[-1].media
        made.append(take_of(job))


@given(
    spans=spans_in_order(),
    which=st.integers(0, 4),
    change=st.sampled_from([{"line": "other words"}, {"gain_db": 2.0}, {"cue": "A4"}, {"register": "whisper"}]),
)
def test_keys_after_a_region_change_if_and_only_if_its_takes_key_does(
    spans: list[Span], which: int, change: dict[str, object]
) -> None:
    assume(which < len(spans))
    scene = scene_of(spans)
    before, after = plan(scene), plan(with_region(scene, which, **change))
    for number, (one, other) in enumerate(zip(before.regions, after.regions, strict=True)):
        same = job_of(one).key == job_of(other).key
        assert same == (number < which or ("line" not in change and "register" not in change))


def test_all_takes_of_a_region_continue_from_one() -> None:
    found = plan(scene_of([FIRST, SECOND, THIRD]), takes=3)
    first, second, third = found.regions
    assert {job.continues for job in second.jobs} == {first.jobs[0].key}
    assert {job.continues for job in third.jobs} == {second.jobs[0].key}
    assert len({job.key for job in found.jobs}) == 9


def test_a_chosen_take_is_continued_though_more_are_rendered_beside_it() -> None:
    scene = scene_of([FIRST, SECOND])
    chosen = takes_of(plan(scene, only=("00000000",)))
    found = plan(scene, chosen=chosen, takes=2)
    assert [job.seed for job in found.regions[0].jobs] == [2]
    assert {job.continues for job in found.regions[1].jobs} == {chosen[0].key}
    again = plan(scene, chosen=chosen, again=True)
    assert job_of(again.regions[1]).continues == job_of(again.regions[0]).key


def test_what_lies_in_the_store_unchosen_is_continued() -> None:
    scene = scene_of([FIRST, SECOND])
    known = takes_of(plan(scene, only=("00000000",), takes=2))
    assert job_of(plan(scene, known=known).regions[1]).continues == known[0].key


def test_a_locked_region_between_is_passed_over() -> None:
    scene = with_region(scene_of([FIRST, SECOND, THIRD]), 1, picture=PictureMode.LOCK)
    found = plan(scene)
    assert job_of(found.regions[2]).continues == job_of(found.regions[0]).key
    assert found.regions[1].jobs[0].continues == ""


def test_the_take_before_is_the_one_that_is_shown_right_before_the_cut() -> None:
    """Where regions overlap, that need not be the last one to begin."""
    spans = [Span(40, 140), Span(60, 100), Span(140, 180)]
    long, short, last = plan(scene_of(spans)).regions
    assert job_of(short).continues == job_of(long).key
    assert job_of(last).continues == job_of(long).key
    spans = [Span(40, 90), Span(60, 160), Span(140, 180), Span(300, 320)]
    _, second, third, after = plan(scene_of(spans)).regions
    assert job_of(third).continues == job_of(second).key, "both last; the second is on top"
    assert job_of(after).continues == job_of(third).key


@given(
    spans=st.lists(st.builds(lambda start, length: Span(start, start + length), st.integers(0, 60), st.integers(1, 30)))
)
def test_what_is_shown_before_is_found_among_the_few_that_are_kept(spans: list[Span]) -> None:
    every: list[Shown] = []
    kept: list[Shown] = []
    for span in sorted(spans):
        kept = still_shown(span.start, kept)
        assert shown_before(span.start, kept) == shown_before(span.start, every)
        every.append(Shown(span=span, take=None))
        kept.append(every[-1])


def test_without_a_take_before_the_picture_starts_anew() -> None:
    scene = scene_of([FIRST, SECOND])
    anew = "there is no take before it to continue from: its picture starts anew"
    alone = plan(scene, only=("00000001",)).regions[1]
    assert alone.notes == (anew,)
    job = job_of(alone)
    assert (job.continues, job.from_take, job.picture) == ("", None, PictureMode.CONTINUE)
    assert job.window.start == SECOND.start - 24
    assert plan(with_region(scene, 0, picture=PictureMode.LOCK)).regions[1].notes == (anew,)
    assert plan(with_region(scene, 0, picture=PictureMode.CONTINUE)).regions[0].notes == (anew,)


def test_only_drags_no_dependants_in() -> None:
    scene = scene_of([FIRST, SECOND, THIRD])
    chosen = takes_of(plan(scene))
    found = plan(scene, chosen=chosen, only=("00000000",), again=True)
    assert [job.region.id for job in found.jobs] == ["00000000"]


def test_a_gap_beyond_the_take_before_is_noted_and_its_last_frames_are_given() -> None:
    found = plan(scene_of([FIRST, Span(300, 348)]))
    before, job = job_of(found.regions[0]), job_of(found.regions[1])
    assert job.from_take == TakeFrames(first=before.window.length - 17, frames=17)
    apart = 300 - before.window.span.end
    assert found.regions[1].notes == (
        f"the take before it ends {apart} frames before it starts: it continues from that take's last frames",
    )


def test_a_take_before_that_starts_too_late_gives_its_first_frames() -> None:
    scene = scene_of([FIRST, Span(50, 100)])
    found = plan(scene, handle_frames=8)
    assert job_of(found.regions[1]).from_take == TakeFrames(first=0, frames=17)
    assert found.regions[1].notes == (
        "the take before it starts 7 frames too late to run on over the cut: it continues from that take's first frames",
    )


def test_a_take_of_another_renderer_is_noted() -> None:
    scene = scene_of([FIRST, SECOND])
    chosen = takes_of(plan(scene, only=("00000000",)))
    found = plan(scene, chosen=chosen, renderer="ltx")
    assert found.regions[1].notes == ("it continues from a take that 'scratch' made",)


def test_choosing_another_take_makes_what_continues_stale_and_what_continues_that() -> None:
    scene = scene_of([FIRST, SECOND, THIRD])
    one, two, three = takes_of(plan(scene))
    other = replace(one, job=replace(one.job, key="0" * 32, seed=2))
    pinned = plan(scene, chosen=[one, two, three])
    assert {planned.state for planned in pinned.regions} == {RegionState.PINNED}
    assert pinned.jobs == ()
    found = plan(scene, chosen=[other, two, three], known=[one])
    assert [planned.state for planned in found.regions] == [RegionState.PINNED, RegionState.STALE, RegionState.STALE]
    assert found.regions[1].notes == ("it continues from a take that is not chosen any more",)
    assert found.regions[2].notes == ("the take it continues from is rendered in this plan",)
    assert job_of(found.regions[1]).continues == other.key
    assert job_of(found.regions[2]).continues == job_of(found.regions[1]).key
    kept = plan(scene, chosen=[other, two, three], known=[one], only=("00000000",))
    assert kept.jobs == ()
    assert [planned.state for planned in kept.regions[1:]] == [RegionState.STALE, RegionState.PINNED]


def test_a_take_that_only_starts_elsewhere_stays_chosen_until_a_better_one_is_there() -> None:
    scene = scene_of([FIRST, SECOND])
    one, two = takes_of(plan(scene))
    other = replace(one, job=replace(one.job, key="0" * 32, seed=2))
    (after_other,) = takes_of(plan(scene, chosen=[other, two]))
    assert after_other.job.continues == other.key
    both = {take.key: take for take in (one, two, other)}
    found = plan(scene, chosen=[other, two], known=both.values())
    assert choices_after(found, both)[two.job.region.id] == two.key
    more = both | {after_other.key: after_other}
    found = plan(scene, chosen=[other, two], known=more.values())
    assert found.jobs == (), "the take that continues from the one chosen now is there already"
    assert choices_after(found, more)[two.job.region.id] == after_other.key
    back = plan(scene, chosen=[one, after_other], known=more.values())
    assert choices_after(back, more)[two.job.region.id] == two.key


def test_of_takes_that_start_elsewhere_the_chosen_one_stays() -> None:
    scene = scene_of([FIRST, SECOND])
    one, two, other, later = takes_of(plan(scene, takes=2))
    takes = {take.key: take for take in (one, two, other, later)}
    again = plan(scene, chosen=[other, later], known=takes.values())
    assert (later.job.seed, again.regions[1].state) == (2, RegionState.STALE)
    assert choices_after(again, takes)[later.job.region.id] == later.key


def test_a_take_that_says_other_words_is_not_chosen() -> None:
    scene = scene_of([FIRST])
    takes = takes_of(plan(scene))
    changed = plan(with_region(scene, 0, line="other words"), chosen=takes)
    by_region = takes_by_region(takes)
    assert choice(changed.regions[0], by_region, changed.scene, fresh={}, again=False) is None


def test_moved_together_both_stay_pinned_without_a_word() -> None:
    scene = scene_of([FIRST, SECOND])
    takes = takes_of(plan(scene))
    moved = with_region(with_region(scene, 0, span=FIRST.shifted(500)), 1, span=SECOND.shifted(500))
    found = plan(moved, chosen=takes)
    assert [(planned.state, planned.notes) for planned in found.regions] == [(RegionState.PINNED, ())] * 2


@pytest.mark.parametrize(
    ("span", "how"), [(SECOND.shifted(6), "6 frames later"), (SECOND.shifted(-1), "1 frame earlier")]
)
def test_one_moved_alone_stays_pinned_with_a_note(span: Span, how: str) -> None:
    scene = scene_of([Span(48, 90), SECOND])
    takes = takes_of(plan(scene))
    found = plan(with_region(scene, 1, span=span), chosen=takes).regions[1]
    assert found.state is RegionState.PINNED
    assert found.notes == (f"it lies {how} than the take it continues from: the picture jumps at the cut",)


def test_a_trim_is_no_jump() -> None:
    scene = scene_of([FIRST, SECOND])
    takes = takes_of(plan(scene))
    found = plan(with_region(scene, 1, span=Span(100, 144)), chosen=takes).regions[1]
    assert (found.state, found.notes) == (RegionState.PINNED, ())


def test_taking_continue_back_needs_no_other_take_and_asking_for_it_does() -> None:
    scene = scene_of([FIRST, SECOND])
    takes = takes_of(plan(scene))
    cut = with_region(scene, 1, picture=PictureMode.CUT)
    assert plan(cut, chosen=takes).regions[1].state is RegionState.PINNED
    found = plan(scene, chosen=takes_of(plan(cut))).regions[1]
    assert (found.state, found.notes) == (RegionState.STALE, ("its take does not continue from the one before it",))


def test_a_long_region_continues_from_part_to_part() -> None:
    scene = with_region(scene_of([FIRST, Span(96, 900)]), 1, line=" ".join(["I never said that."] * 30))
    found = plan(scene)
    assert [planned.region.id for planned in found.regions] == ["00000000", "00000001-1", "00000001-2"]
    jobs = [job_of(planned) for planned in found.regions]
    assert [job.continues for job in jobs] == ["", jobs[0].key, jobs[1].key]
    assert max(job.window.model_frames for job in jobs) / 24 <= 20


def test_an_overlap_of_other_lengths_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"^An overlap of 8 frames was asked for\. A picture continues from 9 or 17\.$"
    ):
        PlanSettings(overlap_frames=8)


def test_five_thousand_regions_in_one_chain() -> None:
    scene = replace(scene_of([Span(n * 60, n * 60 + 48) for n in range(5000)]), length_frames=300_000)
    found = plan(scene)
    assert len({job.continues for job in found.jobs}) == 5000


# --- from the timeline's own picture ------------------------------------------------------------------------------


def piece(span: Span, path: str = "/clip.mov", start: Fraction = Fraction(2)) -> PicturePiece:
    return PicturePiece(span=span, source=MediaRange(path=path, start=start), clip=path)


def started(*pieces: PicturePiece, rate: Fraction = Fraction(24), span: Span = SECOND, **given_plan: object) -> Plan:
    scene = scene_of([FIRST, span], PictureMode.START, rate, pieces)
    looks = {"/clip.mov": CLIP, "/still.png": STILL}
    return plan(with_region(scene, 0, picture=PictureMode.LOCK), footage=looks, **given_plan)  # type: ignore[arg-type]


@pytest.mark.parametrize(("rate", "divisor"), [(Fraction(24), 1), (Fraction(60000, 1001), 2)])
def test_a_clip_that_runs_up_to_the_region_gives_its_last_frames_before_the_cut(rate: Fraction, divisor: int) -> None:
    found = started(piece(Span(40, 120)), rate=rate).regions[1]
    job = job_of(found)
    lead = 9 * divisor
    assert job.window.start == 96 - lead
    assert job.from_footage == FootageFrames(
        path="/clip.mov", start=2 + (96 - lead - 40) / rate, frames=9, content="clip"
    )
    assert (found.notes, job.continues, job.picture) == ((), "", PictureMode.START)


def test_a_clip_that_starts_with_the_region_gives_its_first_frames() -> None:
    found = started(piece(Span(96, 150))).regions[1]
    assert job_of(found).from_footage == FootageFrames(path="/clip.mov", start=Fraction(2), frames=9, content="clip")
    assert job_of(found).window.start == 87
    assert found.notes == ()


def test_a_clip_that_starts_a_little_before_the_region_jumps_and_says_so() -> None:
    found = started(piece(Span(92, 150))).regions[1]
    assert job_of(found).from_footage == FootageFrames(path="/clip.mov", start=Fraction(2), frames=9, content="clip")
    assert found.notes == ("'/clip.mov' starts only 4 frames before it: the picture jumps at the cut",)


def test_a_shot_shorter_than_nine_frames_gives_one() -> None:
    found = started(piece(Span(93, 100))).regions[1]
    job = job_of(found)
    assert job.from_footage == FootageFrames(path="/clip.mov", start=2 + Fraction(3, 24), frames=1, content="clip")
    assert job.window.start == 95
    assert found.notes == ("only 7 frames of '/clip.mov' are shown: it starts from one of them",)


def test_a_still_is_given_as_one_frame_right_before_the_cut() -> None:
    job = job_of(started(piece(Span(40, 120), "/still.png", Fraction(7))).regions[1])
    assert job.from_footage == FootageFrames(path="/still.png", start=Fraction(0), frames=1, content="still")
    assert job.window.start == 95


@pytest.mark.parametrize(
    ("pieces", "note"),
    [
        ((), "there is no picture under its first frame: its picture starts anew"),
        ((piece(Span(97, 150)),), "there is no picture under its first frame: its picture starts anew"),
        ((piece(Span(40, 150), ":black:", Fraction(0)),), "there is no picture under its first frame"),
        ((piece(Span(40, 150), "/gone.mov"),), "the picture under its first frame, '/gone.mov', cannot be read"),
    ],
)
def test_without_a_picture_under_it_a_region_starts_anew(pieces: tuple[PicturePiece, ...], note: str) -> None:
    found = started(*pieces).regions[1]
    assert len(found.notes) == 1
    assert found.notes[0].startswith(note)
    assert job_of(found).from_footage is None
    assert job_of(found).window.start == 72


def test_keys_hold_what_the_file_shows_and_from_where_and_not_its_path() -> None:
    scene = scene_of([SECOND, THIRD], PictureMode.START, pictures=(piece(Span(40, 200)),))

    def key(looks: dict[str, FootageLook], *pieces: PicturePiece) -> str:
        return job_of(plan(replace(scene, pictures=pieces), footage=looks).regions[1]).key

    one = key({"/clip.mov": CLIP}, piece(Span(40, 200)))
    assert key({"/moved/clip.mov": CLIP}, piece(Span(40, 200), "/moved/clip.mov")) == one
    assert key({"/clip.mov": replace(CLIP, content="edited")}, piece(Span(40, 200))) != one
    assert key({"/clip.mov": CLIP}, piece(Span(40, 200), start=Fraction(3))) != one
    assert key({"/clip.mov": STILL}, piece(Span(40, 200))) != one


def test_another_picture_under_it_makes_a_take_stale_and_the_same_moved_is_noted() -> None:
    take = take_of(job_of(started(piece(Span(40, 120))).regions[1]))
    same = started(piece(Span(40, 120)), chosen=[take]).regions[1]
    assert (same.state, same.notes) == (RegionState.PINNED, ())
    other = started(piece(Span(40, 120), "/still.png"), chosen=[take]).regions[1]
    assert (other.state, other.notes) == (
        RegionState.STALE,
        ("its take does not start from the picture that is under it now",),
    )
    trimmed = started(piece(Span(40, 120)), chosen=[take], span=Span(100, 144)).regions[1]
    assert (trimmed.state, trimmed.notes) == (RegionState.PINNED, ())
    slid = started(piece(Span(40, 120), start=Fraction(3)), chosen=[take]).regions[1]
    assert slid.state is RegionState.PINNED
    assert slid.notes == ("it lies 24 frames later than the footage it starts from: the picture jumps at the cut",)
    gone = started(chosen=[take]).regions[1]
    assert gone.state is RegionState.PINNED, "there is nothing better to start from"


def test_parts_of_a_region_that_starts_from_footage_continue_from_one_another() -> None:
    scene = scene_of([FIRST, Span(96, 900)], PictureMode.START, pictures=(piece(Span(0, 2000)),))
    scene = with_region(scene, 1, line=" ".join(["I never said that."] * 30))
    found = plan(scene, footage={"/clip.mov": CLIP})
    first, second = (job_of(planned) for planned in found.regions[1:])
    assert first.from_footage is not None
    assert (second.continues, second.from_footage) == (first.key, None)
