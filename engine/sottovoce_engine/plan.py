"""The plan: what has to be rendered so that every region has a take, before anything is rendered."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sottovoce_engine.caption import caption_for
from sottovoce_engine.choosing import answers, expected, reaches, says, takes_by_region
from sottovoce_engine.contexts import FREE, HOLDING, NO_HOLDINGS, Holder, Holdings, PlannedContext, held_so, voice_note
from sottovoce_engine.gated_windows import Gated, gated_windows, gating_over, kept_of
from sottovoce_engine.keys import content_key, job_key
from sottovoce_engine.locked_picture import locked_start, picture_note
from sottovoce_engine.obstacles import hurry
from sottovoce_engine.planned import Plan, PlannedRegion, PlanSettings, RegionState
from sottovoce_engine.registers import Register, RegisterTable
from sottovoce_engine.scene import PictureMode, Region, Scene, Voice
from sottovoce_engine.shots import PlannedShot, ShotWish, shots_for, start_over
from sottovoce_engine.starts import (
    Before,
    FootageLook,
    PictureStart,
    Shown,
    before_from,
    seam_note,
    shown_before,
    start_for,
    starts_so,
    still_shown,
    why_not_so,
)
from sottovoce_engine.surroundings import Surroundings
from sottovoce_engine.take import Gating, RenderJob, Take, Window
from sottovoce_engine.windows import parts_in, window_for, window_over

__all__ = [
    "Plan",
    "PlanSettings",
    "PlannedRegion",
    "RegionState",
    "answers",
    "content_key",
    "job_key",
    "plan_for",
    "takes_by_region",
]

_NO_FOOTAGE: Mapping[str, FootageLook] = MappingProxyType({})


def plan_for(
    scene: Scene,
    registers: RegisterTable,
    settings: PlanSettings,
    *,
    chosen: Mapping[str, Take],
    known: Mapping[str, Take],
    fingerprint: Callable[[Register], str],
    footage: Mapping[str, FootageLook] = _NO_FOOTAGE,
    holdings: Holdings = NO_HOLDINGS,
) -> Plan:
    """The plan for a scene.

    A region that continues from the one before it does so from the take that will be chosen there once this plan is
    rendered: the one chosen now where it is good, else the first of its jobs.

    Args:
        scene: The scene as marked.
        registers: All registers; a region's must be among them.
        settings: What the person asked for.
        chosen: The chosen take of each region that has one, by region id.
        known: Every take of the store by key; none of them is rendered again.
        fingerprint: The renderer's for a register, with its numeric class; it enters every key.
        footage: What is known of the pictures that regions may start from, by path.
        holdings: What is known of the sound that takes may be held to.

    Raises:
        InputError: An id in `only` names no region, a register is unknown, or a region cannot be split.
    """
    scene = scene.with_picture(settings.picture)
    parts = {region.id: parts_in(region, scene, settings.overlap_frames) for region in scene.regions}
    split = scene.with_regions(tuple(part for group in parts.values() for part in group))
    together = gated_windows(split, registers, settings, footage)
    wanted = _wanted(scene, parts, settings.only)
    shots = _shots(split, registers, settings, chosen, known, fingerprint, wanted)
    over = {region.id: shot for shot in shots for region in shot.regions}
    takes, holder = takes_by_region(known.values()), _holder(split, settings, holdings)
    planned: list[PlannedRegion] = []
    shown: list[Shown] = []
    for region in split.regions:
        shown = still_shown(region.span.start, shown)
        last_shown = shown_before(region.span.start, shown)
        before = last_shown.take if last_shown is not None else None
        asked = _asked(region, split, registers, settings, fingerprint, before, footage, holder)
        asked = _held(_over_shot(_gated(asked, together, fingerprint), over.get(region.id)), holder)
        found = _planned(asked, chosen.get(region.id), takes.get(region.id, ()), wanted=region.id in wanted)
        planned.append(found)
        if not found.picture.stays:
            next_chosen = expected(found, takes, split, again=settings.again)
            shown.append(Shown(span=region.span, take=before_from(next_chosen, region, split.rate)))
    return Plan(scene=split, settings=settings, regions=tuple(planned), shots=shots)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a region asks for, in full, and of whom."""

    region: Region
    scene: Scene
    settings: PlanSettings
    fingerprint: str
    register: Register
    voice: Voice
    picture: PictureMode
    caption: str
    content: str
    start: PictureStart
    before: Before | None  # the take whose picture is shown right before it
    handle_frames: int
    gating: Gating | None = None  # the window it is sampled in with its neighbours
    gating_note: str = ""
    held: PlannedContext = FREE


def _asked(
    region: Region,
    scene: Scene,
    registers: RegisterTable,
    settings: PlanSettings,
    fingerprint: Callable[[Register], str],
    before: Before | None,
    footage: Mapping[str, FootageLook],
    holder: Holder,
) -> _Asked:
    handle_frames = holder.handle(region, settings.handle_frames)
    register, voice = registers.get(region.register), scene.voice(region.voice)
    caption = caption_for(region, voice, register)
    return _Asked(
        region=region,
        scene=scene,
        settings=settings,
        fingerprint=fingerprint(register),
        register=register,
        voice=voice,
        picture=scene.picture_mode(region),
        caption=caption,
        content=content_key(caption, voice, register),
        start=_start(region, scene, settings, before, footage, handle_frames),
        before=before,
        handle_frames=handle_frames,
    )


def _gated(asked: _Asked, together: Gated, fingerprint: Callable[[Register], str]) -> _Asked:
    """The same in a window that it shares with its neighbours: then what makes theirs determines its take, too."""
    gating = together.windows.get(asked.region.id)
    if gating is None:
        return replace(asked, gating_note=together.notes.get(asked.region.id, ""))
    made_by = dict.fromkeys(fingerprint(line.register) for line in gating.lines)
    return replace(asked, gating=gating, fingerprint=" ".join(made_by))


def _holder(scene: Scene, settings: PlanSettings, holdings: Holdings) -> Holder:
    return Holder(
        scene=scene,
        around=Surroundings(scene) if settings.context_seconds and settings.renderer in HOLDING else None,
        holdings=holdings,
        seconds=settings.context_seconds,
        renderer=settings.renderer,
    )


def _held(asked: _Asked, holder: Holder) -> _Asked:
    """The same, held to what lies beside it and to its voice, in a window of its own."""
    held = holder.context(asked.region, _window(asked)[0])
    if asked.gating is None:
        return replace(asked, held=held)
    return (
        replace(asked, gating_note="sampled with its neighbours, it is held to no other sound")
        if held != FREE
        else asked
    )


def _shots(
    scene: Scene,
    registers: RegisterTable,
    settings: PlanSettings,
    chosen: Mapping[str, Take],
    known: Mapping[str, Take],
    fingerprint: Callable[[Register], str],
    wanted: Collection[str],
) -> tuple[PlannedShot, ...]:
    """The pictures that regions share. Those that are missing are rendered with any region over them."""
    found = shots_for(
        scene, registers, _shot_wish(settings), chosen=chosen, known=known.values(), fingerprint=fingerprint
    )
    return tuple(
        replace(shot, wanted=shot.take is None and any(region.id in wanted for region in shot.regions))
        for shot in found
    )


def _shot_wish(settings: PlanSettings) -> ShotWish:
    return ShotWish(
        renderer=settings.renderer,
        handle_frames=settings.handle_frames,
        seed=settings.seed,
        only_seed=settings.shot_seed,
    )


def _over_shot(asked: _Asked, over: PlannedShot | None) -> _Asked:
    """The same over the picture it shares, if it shares one."""
    if over is None:
        return asked
    start = start_over(over, asked.region, _shot_wish(asked.settings))
    if asked.gating is None or start.on_shot is None:
        return replace(asked, start=start)
    gating = gating_over(over, asked.gating, asked.settings.handle_frames)
    kept = kept_of(gating, asked.region, asked.scene.rate)
    on_shot = replace(start.on_shot, first=kept.start - over.start)
    return replace(
        asked, gating=gating, start=replace(start, on_shot=on_shot, window=window_over(kept, asked.scene.rate))
    )


def _start(
    region: Region,
    scene: Scene,
    settings: PlanSettings,
    before: Before | None,
    footage: Mapping[str, FootageLook],
    handle_frames: int,
) -> PictureStart:
    """What the region's picture starts from, or which one its sound is made for."""
    renderer = settings.renderer
    if scene.picture_mode(region) is PictureMode.LOCK:
        window = window_for(region.span, scene.rate, handle_frames)
        return locked_start(region, scene, window, renderer=renderer, footage=footage)
    overlap = settings.overlap_frames
    return start_for(region, scene, overlap=overlap, renderer=renderer, before=before, footage=footage)


def _planned(asked: _Asked, chosen: Take | None, takes: tuple[Take, ...], *, wanted: bool) -> PlannedRegion:
    """A region with what it needs; `takes` are all those of it."""
    settings = asked.settings
    state, note = _state(asked, chosen)
    good = state is RegionState.PINNED and settings.takes == 1 and not settings.again
    jobs = _jobs(asked, takes) if wanted and not good else ()
    return PlannedRegion(
        region=asked.region,
        state=state,
        picture=asked.picture,
        caption=asked.caption,
        content=asked.content,
        chosen=chosen,
        jobs=jobs,
        start=asked.start,
        notes=_notes(asked, (note, *((*asked.start.notes, *asked.held.notes, asked.gating_note) if jobs else ()))),
        gating=asked.gating,
    )


def _wanted(scene: Scene, parts: Mapping[str, tuple[Region, ...]], only: tuple[str, ...]) -> set[str]:
    """The ids to render: those in `only`, where a long region stands for all its parts; all, when empty."""
    every = {part.id for group in parts.values() for part in group}
    wanted: set[str] = set()
    for region_id in only:
        if region_id in every:
            wanted.add(region_id)
        else:
            wanted.update(part.id for part in parts[scene.region(region_id).id])
    return wanted if only else every


def _jobs(asked: _Asked, takes: tuple[Take, ...]) -> tuple[RenderJob, ...]:
    """The jobs that `takes`, all those of the region, leave to be done."""
    settings, region = asked.settings, asked.region
    rendered = {
        take.job.seed
        for take in takes
        if take.job.renderer == settings.renderer
        and says(take, region, asked.content)
        and reaches(take, region, asked.scene, asked.picture)
        and starts_so(take, asked.start)
        and held_so(take, asked.held.context)
    }
    first = settings.seed if region.seed is None else region.seed
    if settings.again and rendered:
        first = max(first, max(rendered) + 1)
    made = (_job(asked, seed) for seed in range(first, first + settings.takes) if seed not in rendered)
    keys = {take.key for take in takes}
    return tuple(job for job in made if job.key not in keys)


def _job(asked: _Asked, seed: int) -> RenderJob:
    scene = asked.scene
    window, kept_frames = _window(asked)
    job = RenderJob(
        key="",
        content=asked.content,
        region=asked.region,
        voice=asked.voice,
        register=asked.register,
        caption=asked.caption,
        window=window,
        rate=scene.rate,
        start_frame=scene.start_frame,
        drop_frame=scene.drop_frame,
        raster=scene.raster,
        picture=asked.picture.of_take,
        seed=seed,
        renderer=asked.settings.renderer,
        continues=asked.start.continues,
        from_take=asked.start.from_take,
        from_footage=asked.start.from_footage,
        locked_on=asked.start.locked_on,
        on_shot=asked.start.on_shot,
        gating=asked.gating,
        kept_frames=kept_frames,
        context=asked.held.context,
    )
    return replace(job, key=job_key(job, asked.fingerprint))


def _window(asked: _Asked) -> tuple[Window, int | None]:
    """The window of the region's take, and how many of its frames it keeps where that is not all."""
    span, rate = asked.region.span, asked.scene.rate
    if asked.gating is not None:
        kept = kept_of(asked.gating, asked.region, rate)
        return window_over(kept, rate), kept.length
    if asked.start.window is not None:
        return asked.start.window, None
    return window_for(span, rate, asked.handle_frames, asked.start.lead_frames), None


def _state(asked: _Asked, chosen: Take | None) -> tuple[RegionState, str]:
    if chosen is None:
        return RegionState.NEW, ""
    if chosen.job.content != asked.content:
        return RegionState.STALE, "line, voice, register or look changed since its take"
    if not reaches(chosen, asked.region, asked.scene, asked.picture):
        return RegionState.OUTGROWN, "the region reaches beyond its take, or the scene's rate, size or picture changed"
    if not starts_so(chosen, asked.start):
        return RegionState.STALE, why_not_so(chosen, asked.start, asked.before)
    seam = seam_note(chosen, asked.region, asked.start, asked.before, asked.scene.rate)
    return RegionState.PINNED, (
        seam or picture_note(chosen, asked.region, asked.start) or voice_note(chosen, asked.held)
    )


def _notes(asked: _Asked, first: tuple[str, ...]) -> tuple[str, ...]:
    region, scene = asked.region, asked.scene
    notes = [note for note in first if note]
    if region.length_guessed:
        notes.append("length guessed")
    hurried = hurry(region, scene)
    return (*notes, hurried) if hurried else tuple(notes)
