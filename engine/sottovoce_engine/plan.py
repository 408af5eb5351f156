"""The plan: what has to be rendered so that every region has a take, before anything is rendered."""

import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from sottovoce_engine.caption import caption_for
from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import Register, RegisterTable
from sottovoce_engine.scene import PictureMode, Region, Scene, Voice
from sottovoce_engine.speaking import parts_of_line, speaking_seconds
from sottovoce_engine.take import RenderJob, Take, Window, take_start
from sottovoce_engine.timing import Span

MODEL_MAX_RATE = 30
MODEL_MAX_SECONDS = 20
MIN_HANDLE_FRAMES = 8
DEFAULT_HANDLE_FRAMES = 24
# 97 frames at 24 are 194,000 samples; the vocoder returned 192,480 (measured). Two audio latents of 40 ms cover it.
AUDIO_TAIL_SECONDS = Fraction(2, 25)


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
        if not 0 <= self.seed < 2**31:
            raise InputError(f"The seed is {self.seed}. Give a whole number from 0 to {2**31 - 1}.")
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
    fingerprint: str,
) -> Plan:
    """The plan for a scene.

    Args:
        scene: The scene as marked.
        registers: All registers; a region's must be among them.
        settings: What the person asked for.
        chosen: The chosen take of each region that has one, by region id.
        known: Every take of the store by key; none of them is rendered again.
        fingerprint: The renderer's, with its numeric class; it enters every key.

    Raises:
        InputError: An id in `only` names no region, a register is unknown, or a region cannot be split.
    """
    for region_id in settings.only:
        scene.region(region_id)
    parts = {region.id: _parts(region, scene, settings.handle_frames) for region in scene.regions}
    split = scene.with_regions(tuple(part for group in parts.values() for part in group))
    wanted = {part.id for region_id in (settings.only or parts) for part in parts[region_id]}
    takes = takes_by_region(known.values())
    planned = tuple(
        _planned(
            region,
            split,
            registers,
            settings,
            chosen.get(region.id),
            takes.get(region.id, ()),
            fingerprint,
            region.id in wanted,
        )
        for region in split.regions
    )
    return Plan(scene=split, settings=settings, regions=planned)


def window_for(span: Span, rate: Fraction, handle_frames: int = DEFAULT_HANDLE_FRAMES) -> Window:
    """The window that covers `span` with handles on both sides and the sound's short tail.

        |<- handle ->|<- span ->|<- handle ->|<- tail ->|<- up to 8k+1 ->|

    Handles shrink down to 8 frames where 20 s would not hold them.

    Raises:
        InputError: The span does not fit into 20 s even so.
    """
    divisor = divisor_for(rate)
    longest = _longest_model_frames(rate / divisor)
    tail = math.ceil(AUDIO_TAIL_SECONDS * rate)
    for handle in range(handle_frames, MIN_HANDLE_FRAMES - 1, -1):
        model_frames = _up_to_grid(math.ceil(Fraction(span.length + 2 * handle + tail, divisor)))
        if model_frames <= longest:
            return Window(start=span.start - handle, model_frames=model_frames, divisor=divisor)
    raise InputError(
        f"A region of {span.length} frames at {float(rate):g} a second does not fit into one window of at most "
        f"{MODEL_MAX_SECONDS} s with handles. Split it into shorter regions."
    )


def answers(take: Take, planned: PlannedRegion, scene: Scene) -> bool:
    """Whether the take says what the region asks for now, and covers it where it now lies."""
    return _says(take, planned.region, planned.content) and _reaches(take, planned.region, scene, planned.picture)


def divisor_for(rate: Fraction) -> int:
    """Scene frames per model frame: 1 up to 30 frames a second, 2 up to 60, and so on."""
    return math.ceil(rate / MODEL_MAX_RATE)


def content_key(caption: str, voice: Voice, register: Register) -> str:
    """The hash of what is asked, without where and how."""
    return _hashed([caption, voice.name, str(voice.gender), voice.sound, register.name, register.lora])


def _parts(region: Region, scene: Scene, handle_frames: int) -> tuple[Region, ...]:
    """The region itself, or its parts where it is too long for one window, cut between words.

    region    |A long line that goes on, and on, and does not end.|
    parts     |A long line that goes on, |and on, and does not end.|
    """
    try:
        window_for(region.span, scene.rate, handle_frames)
        return (region,)
    except InputError:
        pass
    longest = _longest_span(scene.rate)
    count = math.ceil(region.span.length / longest)
    while count <= len(region.line.split()):
        lines = parts_of_line(region.line, count)
        cuts = _cuts(region.span, lines)
        if all(b - a <= longest for a, b in itertools.pairwise(cuts)):
            return tuple(
                replace(region, id=f"{region.id}-{index + 1}", span=Span(cuts[index], cuts[index + 1]), line=line)
                for index, line in enumerate(lines)
            )
        count += 1
    raise InputError(
        f"The region '{region.line[:40]}' ({region.voice}) is {float(region.span.length / scene.rate):.1f} s long and one "
        f"window holds at most {MODEL_MAX_SECONDS} s; its {len(region.line.split())} words are too few to split it "
        "between them. Shorten the mark, or split it."
    )


def _cuts(span: Span, lines: tuple[str, ...]) -> list[int]:
    """Frames at which the parts meet, in proportion to the time their words need."""
    seconds = [speaking_seconds(line) for line in lines]
    total, cuts, spoken = sum(seconds), [span.start], 0.0
    for part in seconds[:-1]:
        spoken += part
        cuts.append(span.start + round(span.length * spoken / total))
    return [*cuts, span.end]


def _planned(
    region: Region,
    scene: Scene,
    registers: RegisterTable,
    settings: PlanSettings,
    chosen: Take | None,
    takes: tuple[Take, ...],
    fingerprint: str,
    wanted: bool,
) -> PlannedRegion:
    register, voice = registers.get(region.register), scene.voice(region.voice)
    picture, caption = scene.picture_mode(region), caption_for(region, voice, register)
    content = content_key(caption, voice, register)
    state, note = _state(region, scene, picture, content, chosen)
    jobs: tuple[RenderJob, ...] = ()
    if wanted and not (state is RegionState.PINNED and settings.takes == 1 and not settings.again):
        rendered = {
            take.job.seed for take in takes if _says(take, region, content) and _reaches(take, region, scene, picture)
        }
        first = settings.seed if region.seed is None else region.seed
        if settings.again and rendered:
            first = max(first, max(rendered) + 1)
        made = (
            _job(region, scene, voice, register, caption, content, picture, seed, settings, fingerprint)
            for seed in range(first, first + settings.takes)
            if settings.again or seed not in rendered
        )
        keys = {take.key for take in takes}
        jobs = tuple(job for job in made if job.key not in keys)
    notes = _notes(region, scene, note)
    return PlannedRegion(
        region=region,
        state=state,
        picture=picture,
        caption=caption,
        content=content,
        chosen=chosen,
        jobs=jobs,
        notes=notes,
    )


def _job(
    region: Region,
    scene: Scene,
    voice: Voice,
    register: Register,
    caption: str,
    content: str,
    picture: PictureMode,
    seed: int,
    settings: PlanSettings,
    fingerprint: str,
) -> RenderJob:
    job = RenderJob(
        key="",
        content=content,
        region=region,
        voice=voice,
        register=register,
        caption=caption,
        window=window_for(region.span, scene.rate, settings.handle_frames),
        rate=scene.rate,
        start_frame=scene.start_frame,
        drop_frame=scene.drop_frame,
        raster=scene.raster,
        picture=picture,
        seed=seed,
        renderer=settings.renderer,
    )
    return replace(job, key=_hashed([to_plain(replace(job, region=_rendered_part(region))), fingerprint]))


def _rendered_part(region: Region) -> Region:
    """The region without what only the splice uses, so that a trim of the level does not change a key."""
    return replace(region, location="", cue="", lead_frames=0, tail_frames=0, gain_db=0.0, length_guessed=False)


def _state(
    region: Region, scene: Scene, picture: PictureMode, content: str, chosen: Take | None
) -> tuple[RegionState, str]:
    if chosen is None:
        return RegionState.NEW, ""
    if chosen.job.content != content:
        return RegionState.STALE, "line, voice, register or look changed since its take"
    if not _reaches(chosen, region, scene, picture):
        return RegionState.OUTGROWN, "the region reaches beyond its take, or the scene's rate, size or picture changed"
    return RegionState.PINNED, ""


def _says(take: Take, region: Region, content: str) -> bool:
    return take.job.region.id == region.id and take.job.content == content


def _reaches(take: Take, region: Region, scene: Scene, picture: PictureMode) -> bool:
    """Whether the take covers the region where it now lies, at the scene's rate and raster."""
    if take.job.rate != scene.rate or (picture is not PictureMode.LOCK and not take.has_picture):
        return False
    if take.has_picture and take.job.raster != scene.raster:
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


def _longest_model_frames(model_rate: Fraction) -> int:
    return (math.floor(MODEL_MAX_SECONDS * model_rate) - 1) // 8 * 8 + 1


def _longest_span(rate: Fraction) -> int:
    """The longest span, in scene frames, that a window with the smallest handles holds."""
    divisor = divisor_for(rate)
    tail = math.ceil(AUDIO_TAIL_SECONDS * rate)
    return _longest_model_frames(rate / divisor) * divisor - 2 * MIN_HANDLE_FRAMES - tail


def _up_to_grid(frames: int) -> int:
    return max(9, -(-(frames - 1) // 8) * 8 + 1)


def _hashed(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def takes_by_region(takes: Iterable[Take]) -> dict[str, tuple[Take, ...]]:
    """Takes grouped by the region they answer, in the order given."""
    grouped: dict[str, list[Take]] = {}
    for take in takes:
        grouped.setdefault(take.job.region.id, []).append(take)
    return {region_id: tuple(found) for region_id, found in grouped.items()}
