"""What takes will be held to: dialogue beside a region, up to what ends it, and the anchor of a voice."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.contexts import (
    Holder,
    Holdings,
    PlannedContext,
    Unusable,
    check_context_seconds,
    context_for,
    handle_for,
    held_so,
    is_held,
    voice_note,
)
from sottovoce_engine.errors import InputError
from sottovoce_engine.plan import PlanSettings, plan_for
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import MediaRange, PictureMode, Region, Scene, SoundPiece
from sottovoce_engine.sound_context import AnchorSound, HeldSound, SoundContext
from sottovoce_engine.surroundings import Surroundings
from sottovoce_engine.take import RenderJob, Take, Window
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import window_for

from .test_starts import job_of, plan, scene_of, take_of

REGION = Span(96, 144)
RATE = Fraction(24)
ANCHOR = AnchorSound(start=4800, length=5 * 48_000, content="voice", path="/anna.wav")
CONTENTS = {"/a.wav": "a", "/b.wav": "b"}


def sound(
    start: int, end: int, path: str = "/a.wav", *, at: Fraction = Fraction(10), track: str = "A1", **more: object
) -> SoundPiece:
    piece = SoundPiece(
        span=Span(start, end), source=MediaRange(path=path, start=at), track=track, clip=path, dialogue=True
    )
    return replace(piece, **more)  # type: ignore[arg-type]


def scene_with(
    *sounds: SoundPiece, spans: Sequence[Span] = (Span(0, 24), REGION), changes: dict[str, object] | None = None
) -> Scene:
    scene = replace(scene_of(list(spans), PictureMode.LOCK), sounds=sounds)
    first, *others = scene.regions
    return scene.with_regions((first, *(replace(region, **(changes or {})) for region in others)))  # type: ignore[arg-type]


def region_in(scene: Scene) -> Region:
    return next(region for region in scene.regions if region.span == REGION)


def window_in(scene: Scene, seconds: float) -> Window:
    region = region_in(scene)
    handle = handle_for(region, scene, handle_frames=24, seconds=seconds, renderer="ltx")
    return window_for(region.span, scene.rate, handle)


def found(scene: Scene, seconds: float = 1.0, holdings: Holdings | None = None) -> PlannedContext:
    holdings = holdings or Holdings(contents=CONTENTS)
    window = window_in(scene, seconds)
    around = Surroundings(scene) if seconds else None
    return context_for(region_in(scene), scene, window, around, holdings, seconds=seconds)


def sides(planned: PlannedContext) -> tuple[list[Span], list[Span]]:
    context = planned.context
    assert context is not None
    return [one.held for one in context.before], [one.held for one in context.after]


def test_dialogue_on_both_sides_is_held_from_the_place_that_is_heard_there() -> None:
    planned = found(scene_with(sound(24, 300)))
    there = Fraction(10) + Fraction(96 - 24, 24)
    before = HeldSound(path="/a.wav", start=there, held=Span(-24, 0), gain_db=0.0, content="a")
    assert planned.context == SoundContext(before=(before,), after=(replace(before, held=Span(48, 72)),))
    assert planned.notes == ()


@pytest.mark.parametrize(
    ("sounds", "before", "after"),
    [
        ((sound(80, 160),), [(-16, 0)], [(48, 64)]),  # the clip ends on both sides
        ((sound(24, 84), sound(84, 300, "/b.wav")), [(-12, 0)], [(48, 72)]),  # another file: another room
        ((sound(24, 84), sound(84, 300, at=Fraction(10) + Fraction(60, 24))), [(-24, 0)], [(48, 72)]),  # it runs on
        ((sound(24, 84), sound(84, 300, at=Fraction(99))), [(-12, 0)], [(48, 72)]),  # a jump in the same file
        ((sound(24, 95), sound(145, 300)), [], []),  # a gap of a frame
        ((sound(24, 300), sound(24, 300, "/b.wav", track="A2")), [(-24, 0)] * 2, [(48, 72)] * 2),  # two microphones
        ((sound(24, 300, dialogue=False),), [], []),  # music stays audible by itself
        ((sound(93, 147),), [], []),  # too little to know a room by
        ((sound(24, 300, fade_in=Span(24, 88)),), [(-8, 0)], [(48, 72)]),  # what is still fading in is not the room
        ((sound(24, 300, fade_out=Span(151, 300)),), [(-24, 0)], [(48, 55)]),
    ],
)
def test_it_ends_where_what_is_heard_ends(
    sounds: tuple[SoundPiece, ...], before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    planned = found(scene_with(*sounds))
    if not (before or after):
        assert planned == PlannedContext(notes=("there is no dialogue beside it that stays: the room is not held",))
    else:
        assert sides(planned) == ([Span(*span) for span in before], [Span(*span) for span in after])


@pytest.mark.parametrize(
    ("others", "before", "after"),
    [
        ([Span(60, 86), Span(160, 200)], [Span(-10, 0)], [Span(48, 64)]),
        ([Span(60, 96), Span(144, 200)], [], []),  # they meet
        ([Span(60, 100)], [], [Span(48, 72)]),  # two voices at once
        ([Span(100, 110)], [Span(-24, 0)], [Span(48, 72)]),  # another voice inside it
    ],
)
def test_what_other_regions_replace_is_not_held(others: list[Span], before: list[Span], after: list[Span]) -> None:
    scene = scene_with(sound(0, 300), spans=[Span(0, 24), REGION, *others])
    context = found(scene).context
    if not (before or after):
        assert context is None
    else:
        assert sides(found(scene)) == (before, after)


def test_leads_and_tails_are_the_regions_own_and_its_window_grows_with_them() -> None:
    scene = scene_with(sound(0, 300), changes={"lead_frames": 6, "tail_frames": 4})
    assert sides(found(scene, 2.0)) == ([Span(-54, -6)], [Span(52, 100)])
    window = window_in(scene, 2.0)
    assert window.start == 96 - 54
    assert window.span.end >= 144 + 54


def test_a_short_context_lies_inside_the_usual_handles() -> None:
    scene = scene_with(sound(0, 300))
    assert sides(found(scene, 0.5)) == ([Span(-12, 0)], [Span(48, 60)])
    assert window_in(scene, 0.5) == window_for(REGION, RATE)


def test_only_ltx_is_held_where_no_frames_open_the_window() -> None:
    scene = scene_with(sound(0, 300))
    region = region_in(scene)
    assert is_held(region, scene, "ltx")
    assert not is_held(region, scene, "scratch")
    for mode in PictureMode:
        given = mode in (PictureMode.CONTINUE, PictureMode.START)
        assert is_held(replace(region, picture=mode), scene, "ltx") is not given
    assert handle_for(region, scene, handle_frames=24, seconds=2.0, renderer="scratch") == 24


def test_sound_that_cannot_be_read_is_told_of() -> None:
    planned = found(scene_with(sound(0, 300, "/gone.wav")))
    assert planned == PlannedContext(notes=("the sound beside it, '/gone.wav', cannot be read: the room is not held",))


@pytest.mark.parametrize("seconds", [-0.1, 2.1, float("nan")])
def test_a_context_of_another_length_is_refused(seconds: float) -> None:
    with pytest.raises(InputError, match="Give 0"):
        check_context_seconds(seconds)
    check_context_seconds(2.0)


def anchored(anchor: AnchorSound | Unusable, scene: Scene | None = None) -> PlannedContext:
    return found(scene or scene_with(), 0.0, Holdings(anchors={"Anna": anchor}))


@pytest.mark.parametrize(("seconds", "lead"), [(5, 72), (3, 72), (2, 48), (1, 24), (Fraction(13, 10), 24)])
def test_an_anchor_is_given_in_whole_steps_before_the_window(seconds: Fraction, lead: int) -> None:
    anchor = replace(ANCHOR, length=int(seconds * 48_000))
    assert anchored(anchor) == PlannedContext(context=SoundContext(anchor=anchor, lead_frames=lead))
    job = job_with(anchored(anchor).context)
    assert job.model_window.model_frames % 8 == 1
    assert (job.model_window.start, job.model_window.span.end) == (job.window.start - lead, job.window.span.end)


def test_above_thirty_frames_a_second_an_anchor_is_counted_in_model_frames() -> None:
    scene = scene_of([Span(0, 24), REGION], PictureMode.LOCK, Fraction(50))
    window = window_for(REGION, scene.rate)
    holdings = Holdings(anchors={"Anna": ANCHOR})
    context = context_for(scene.regions[1], scene, window, None, holdings, seconds=0.0).context
    assert context == SoundContext(anchor=ANCHOR, lead_frames=72)
    job = replace(job_of(plan(scene, renderer="ltx").regions[1]), context=context)
    assert (job.window, job.model_window.start) == (window, window.start - 2 * 72)
    assert job.model_window.span.end == window.span.end


def test_a_window_without_room_for_an_anchor_says_so() -> None:
    long = Span(100, 100 + 17 * 24)
    scene = scene_of([Span(0, 24), long], PictureMode.LOCK)
    window = window_for(long, RATE, 24)
    holdings = Holdings(anchors={"Anna": ANCHOR})
    planned = context_for(scene.regions[1], scene, window, None, holdings, seconds=0.0)
    (note,) = planned.notes
    assert planned.context is None
    assert note.startswith("its voice is not held: its window of 19.")


def test_a_voice_is_held_over_a_shot_too() -> None:
    scene = replace(scene_of([Span(0, 24), Span(30, 60)], PictureMode.SHOT), anchors=())
    found = plan_for(
        scene,
        register_table(),
        PlanSettings(renderer="ltx", only=("00000001",)),
        chosen={},
        known={},
        fingerprint=lambda _register: "f",
        holdings=Holdings(anchors={"Anna": ANCHOR}),
    )
    job = job_of(found.regions[1])
    assert job.on_shot is not None
    assert job.context == SoundContext(anchor=ANCHOR, lead_frames=72)


def test_frames_that_open_a_window_leave_no_place_for_an_anchor() -> None:
    scene = scene_of([Span(0, 24), Span(30, 60)], PictureMode.CONTINUE)
    held, told = (
        Holder(
            scene=scene,
            around=None,
            holdings=Holdings(anchors={"Anna": ANCHOR}),
            seconds=0.0,
            renderer="ltx",
        ).context(region, window_for(region.span, RATE))
        for region in scene.regions
    )
    assert held.context == SoundContext(anchor=ANCHOR, lead_frames=72)
    assert told.context is None
    assert told.notes[0].startswith("its voice is not held: its picture starts from given frames")


def test_an_unusable_anchor_is_told_of() -> None:
    planned = anchored(Unusable(reason="its anchor /x.wav is silent"))
    assert planned == PlannedContext(notes=("its voice is not held: its anchor /x.wav is silent",))


def job_with(context: SoundContext | None) -> RenderJob:
    scene = scene_of([Span(0, 24), REGION], PictureMode.LOCK)
    return replace(job_of(plan(scene, renderer="ltx").regions[1]), context=context)


def take_with(context: SoundContext | None) -> Take:
    return take_of(job_with(context))


def test_takes_are_held_so_wherever_the_files_lie() -> None:
    context = found(scene_with(sound(24, 300)), holdings=Holdings(contents=CONTENTS, anchors={"Anna": ANCHOR})).context
    assert context is not None
    assert context.anchor is not None
    take = take_with(context)
    moved = replace(
        context,
        before=tuple(replace(one, path="/elsewhere.wav") for one in context.before),
        anchor=replace(context.anchor, path="/elsewhere.wav"),
    )
    assert held_so(take, moved)
    assert held_so(take_with(None), None)
    for other in (None, replace(context, after=()), replace(context, anchor=replace(context.anchor, start=0))):
        assert not held_so(take, other)


def test_a_take_whose_voice_is_held_otherwise_is_told_of() -> None:
    now = anchored(ANCHOR)
    assert now.context is not None
    assert voice_note(take_with(now.context), now) == ""
    assert voice_note(take_with(now.context), PlannedContext()) == ""
    assert "before its voice had an anchor" in voice_note(take_with(None), now)
    other = replace(now.context, anchor=replace(ANCHOR, content="other"))
    assert "another anchor" in voice_note(take_with(other), now)


def test_a_context_holds_something_and_an_anchor_has_its_place() -> None:
    for wrong in ({}, {"anchor": ANCHOR}, {"anchor": ANCHOR, "lead_frames": 12}, {"lead_frames": 8}):
        with pytest.raises(ValueError, match=r"anchor is given|holds something"):
            SoundContext(**wrong)


@given(
    spans=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=6),
    pieces=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 200)), max_size=3),
    seconds=st.sampled_from([0.25, 1.0, 2.0]),
)
def test_what_is_held_is_heard_there_and_nowhere_replaced(
    spans: list[tuple[int, int]], pieces: list[tuple[int, int]], seconds: float
) -> None:
    others = [Span(start, start + length) for start, length in spans]
    sounds = [sound(start, start + length, track=f"A{number}") for number, (start, length) in enumerate(pieces)]
    scene = scene_with(*sounds, spans=[Span(400, 424), REGION, *others])
    context = found(scene, seconds).context
    for one in () if context is None else (*context.before, *context.after):
        held = one.held.shifted(REGION.start)
        assert held.start == REGION.end or held.end == REGION.start
        assert window_in(scene, seconds).span.contains(held)
        assert held.length <= seconds * 24
        assert not any(held.overlaps(region.span) for region in scene.regions)
        (heard,) = [piece for piece in sounds if piece.span.contains(held)][:1]
        assert heard.dialogue
