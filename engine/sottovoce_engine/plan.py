"""The plan: what has to be rendered so that every region has a take, before anything is rendered."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from sottovoce_engine.caption import caption_for
from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import Register, RegisterTable
from sottovoce_engine.scene import MAX_SEED, PictureMode, Region, Scene, Voice
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.take import RenderJob, Take, take_start
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import DEFAULT_HANDLE_FRAMES, MIN_HANDLE_FRAMES, parts_of_region, window_for

_NOT_RENDERED = ("location", "cue", "picture", "seed", "lead_frames", "tail_frames", "gain_db", "length_guessed")


class RegionState(StrEnum):
    """Whether a region needs rendering."""

    NEW = "new"  # no take yet
    PINNED = "pinned"  # its chosen take still says what the mark says, and reaches over the region
    STALE = "stale"  # line, voice, register or look changed since the chosen take
    OUTGROWN = "outgrown"  # the region reaches beyond its chosen take, or the scene's rate or picture changed


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """What the person asked for."""

    renderer: str = "scratch"
    takes: int = 1
    seed: int = 1
    handle_frames: int = DEFAULT_HANDLE_FRAMES
    only: tuple[str, ...] = ()  # region ids; empty: all
    again: bool = False  # render regions whose chosen take is still good, too, from the next free seed

    def __post_init__(self) -> None:
        if not 1 <= self.takes <= 100:
            raise InputError(f"{self.takes} takes were asked for. Ask for 1 to 100.")
        if not 0 <= self.seed <= MAX_SEED:
            raise InputError(f"The seed is {self.seed}. Give a whole number from 0 to {MAX_SEED}.")
        if not MIN_HANDLE_FRAMES <= self.handle_frames <= 240:
            raise InputError(
                f"Handles of {self.handle_frames} frames were asked for. Give {MIN_HANDLE_FRAMES} to 240: joins need "
                "material on both sides."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRegion:
    """One region, why it is or is not rendered, and the jobs that would."""

    region: Region
    state: RegionState
    picture: PictureMode
    caption: str
    content: str  # key of what is asked
    chosen: Take | None
    jobs: tuple[RenderJob, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every region of the scene in order. `scene` holds the regions as planned: long ones in parts."""

    scene: Scene
    settings: PlanSettings
    regions: tuple[PlannedRegion, ...]

    @property
    def jobs(self) -> tuple[RenderJob, ...]:
        """All jobs, first takes of all regions before second ones, so that a scene is complete early."""
        rounds = max((len(planned.jobs) for planned in self.regions), default=0)
        return tuple(
            planned.jobs[index] for index in range(rounds) for planned in self.regions if index < len(planned.jobs)
        )


def plan_for(
    scene: Scene,
    registers: RegisterTable,
    settings: PlanSettings,
    *,
    chosen: Mapping[str, Take],
    known: Mapping[str, Take],
    fingerprint: Callable[[Register], str],
) -> Plan:
    """The plan for a scene.

    Args:
        scene: The scene as marked.
        registers: All registers; a region's must be among them.
        settings: What the person asked for.
        chosen: The chosen take of each region that has one, by region id.
        known: Every take of the store by key; none of them is rendered again.
        fingerprint: The renderer's for a register, with its numeric class; it enters every key.

    Raises:
        InputError: An id in `only` names no region, a register is unknown, or a region cannot be split.
    """
    parts = {region.id: parts_of_region(region, scene.rate) for region in scene.regions}
    split = scene.with_regions(tuple(part for group in parts.values() for part in group))
    wanted = _wanted(scene, parts, settings.only)
    takes = takes_by_region(known.values())
    planned: list[PlannedRegion] = []
    for region in split.regions:
        asked = _asked(region, split, registers, settings, fingerprint)
        state, note = _state(asked, chosen.get(region.id))
        good = state is RegionState.PINNED and settings.takes == 1 and not settings.again
        planned.append(
            PlannedRegion(
                region=region,
                state=state,
                picture=asked.picture,
                caption=asked.caption,
                content=asked.content,
                chosen=chosen.get(region.id),
                jobs=_jobs(asked, takes.get(region.id, ())) if region.id in wanted and not good else (),
                notes=_notes(region, scene, note),
            )
        )
    return Plan(scene=split, settings=settings, regions=tuple(planned))


def answers(take: Take, planned: PlannedRegion, scene: Scene) -> bool:
    """Whether the take says what the region asks for now, and covers it where it now lies."""
    return _says(take, planned.region, planned.content) and _reaches(take, planned.region, scene, planned.picture)


def takes_by_region(takes: Iterable[Take]) -> dict[str, tuple[Take, ...]]:
    """Takes grouped by the region they answer, in the order given."""
    grouped: dict[str, list[Take]] = {}
    for take in takes:
        grouped.setdefault(take.job.region.id, []).append(take)
    return {region_id: tuple(found) for region_id, found in grouped.items()}


def content_key(caption: str, voice: Voice, register: Register) -> str:
    """The hash of what is asked, without where and how."""
    asked = [caption, voice.name, str(voice.gender), voice.sound, register.name, register.lora]
    # By name: a registers file that is moved with its LoRA makes no take stale. Its weights are in the fingerprint.
    return _hashed([*asked, Path(register.lora_file).name] if register.lora_file else asked)


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


def _asked(
    region: Region,
    scene: Scene,
    registers: RegisterTable,
    settings: PlanSettings,
    fingerprint: Callable[[Register], str],
) -> _Asked:
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
        and _says(take, region, asked.content)
        and _reaches(take, region, asked.scene, asked.picture)
    }
    first = settings.seed if region.seed is None else region.seed
    if settings.again and rendered:
        first = max(first, max(rendered) + 1)
    made = (_job(asked, seed) for seed in range(first, first + settings.takes) if seed not in rendered)
    keys = {take.key for take in takes}
    return tuple(job for job in made if job.key not in keys)


def _job(asked: _Asked, seed: int) -> RenderJob:
    scene = asked.scene
    job = RenderJob(
        key="",
        content=asked.content,
        region=asked.region,
        voice=asked.voice,
        register=asked.register,
        caption=asked.caption,
        window=window_for(asked.region.span, scene.rate, asked.settings.handle_frames),
        rate=scene.rate,
        start_frame=scene.start_frame,
        drop_frame=scene.drop_frame,
        raster=scene.raster,
        picture=asked.picture,
        seed=seed,
        renderer=asked.settings.renderer,
    )
    return replace(job, key=_key(job, asked.fingerprint))


def _key(job: RenderJob, fingerprint: str) -> str:
    """The hash of the job without what only the splice uses, and without wishes that the job has answered.

    So a trim of the level, or writing out the mode or the seed in force, does not change a key.
    """
    plain = to_plain(job)
    plain["region"] = {name: value for name, value in plain["region"].items() if name not in _NOT_RENDERED}
    return _hashed([plain, fingerprint])


def _state(asked: _Asked, chosen: Take | None) -> tuple[RegionState, str]:
    if chosen is None:
        return RegionState.NEW, ""
    if chosen.job.content != asked.content:
        return RegionState.STALE, "line, voice, register or look changed since its take"
    if not _reaches(chosen, asked.region, asked.scene, asked.picture):
        return RegionState.OUTGROWN, "the region reaches beyond its take, or the scene's rate, size or picture changed"
    return RegionState.PINNED, ""


def _says(take: Take, region: Region, content: str) -> bool:
    return take.job.region.id == region.id and take.job.content == content


def _reaches(take: Take, region: Region, scene: Scene, picture: PictureMode) -> bool:
    """Whether the take covers the region where it now lies, at the scene's rate, with a picture of its size if needed."""
    if take.job.rate != scene.rate:
        return False
    if picture is not PictureMode.LOCK and not (take.has_picture and take.job.raster == scene.raster):
        return False
    start = take_start(take, region)
    return Span(start, start + take.length_frames).contains(region.span)


def _notes(region: Region, scene: Scene, state_note: str) -> tuple[str, ...]:
    notes = [state_note] if state_note else []
    if region.length_guessed:
        notes.append("length guessed")
    needed, there = speaking_seconds(region.line), float(region.span.length / scene.rate)
    if needed > 1.5 * there:
        notes.append(f"the line needs about {needed:.1f} s and has {there:.1f} s: it will sound hurried")
    return tuple(notes)


def _hashed(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
