"""One picture rendered for several regions: which of them share it, where it lies, and where in it their sounds are made.

regions         |#A whisper#|   |#B loud#|   |#C soft#|          of one look and location, over no picture of the timeline
shot       |hhhh|######################################|hhhh|    one joint render of 20 s at most
latents    |'   '   '   '   '   '   '   '   '   '   '   '  |     eight model frames each
windows        '|---- A ----|   '                                begin where latents do, so that nothing is encoded anew
                                '|-- B --|   '

The shot is a take of its own: rendered before its regions' sounds, kept with its latents, and not touched by any of
their retakes. What its regions say is in its caption, so that lips move; when they say it is not.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from sottovoce_engine.caption import caption_for_lines
from sottovoce_engine.keys import content_key, job_key
from sottovoce_engine.locked_picture import WATCHING
from sottovoce_engine.registers import Register, RegisterTable, plain_register
from sottovoce_engine.scene import MediaRange, PictureMode, PicturePiece, Region, Scene
from sottovoce_engine.starts import ANEW, PictureStart
from sottovoce_engine.take import RenderJob, ShotFrames, Take, Window, take_start
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import AUDIO_TAIL_SECONDS, MIN_HANDLE_FRAMES, longest_span, window_for

FRAMES_PER_LATENT = 8  # model frames; only a window's first latent is one frame
# The base model does dialogue of several people; a LoRA would move the picture.
SHOT = plain_register("shot", letter="0")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedShot:
    """One picture that several regions share."""

    regions: tuple[Region, ...]  # in order
    job: RenderJob  # that rendered it, or would
    start: int  # scene frame of its first, as the regions lie now
    take: Take | None = None  # None: there is none yet
    wanted: bool = False  # whether it is to be rendered
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.job.key

    @property
    def span(self) -> Span:
        """Scene frames over which it is shown."""
        return _span_of(self.regions)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotWish:
    """What decides which picture is taken."""

    renderer: str
    handle_frames: int
    seed: int  # of one that has to be rendered
    only_seed: int | None  # no other picture will do; None: any that is there


def shots_for(
    scene: Scene,
    registers: RegisterTable,
    wish: ShotWish,
    *,
    chosen: Mapping[str, Take],
    known: Iterable[Take],
    fingerprint: Callable[[Register], str],
) -> tuple[PlannedShot, ...]:
    """The shots of a scene, in order, each with its take where one of those known will do.

    Args:
        scene: As planned: long regions in parts.
        registers: Theirs are among them.
        wish: Which pictures will do.
        chosen: The chosen take of each region that has one, by region id.
        known: Every take of the store.
        fingerprint: The renderer's for a register.

    Raises:
        InputError: A register is unknown.
    """
    there = [take for take in known if take.job.is_shot]
    found = []
    for run in runs_of(scene):
        job = _keyed(_job(run, scene, registers, wish), fingerprint)
        used = Counter(_shots_of(run, chosen))
        fitting = [take for take in there if _will_do(take, run, job, wish, used)]
        take = max(fitting, key=lambda one: (used[one.key], one.made, one.key), default=None)
        if take is None:
            found.append(PlannedShot(regions=run, job=job, start=job.window.start))
            continue
        said = take.job.caption == job.caption
        note = "its lines have changed since its picture was rendered: lips may not match"
        start = take_start(take, job.region)
        found.append(PlannedShot(regions=run, job=take.job, start=start, take=take, notes=() if said else (note,)))
    return tuple(found)


def runs_of(scene: Scene) -> tuple[tuple[Region, ...], ...]:
    """The regions that share a picture, run by run: next to each other, of one look and location, within one window."""
    runs: list[tuple[Region, ...]] = []
    open_run = False
    for region in scene.regions:
        if scene.picture_mode(region) is not PictureMode.SHOT:
            open_run = False
            continue
        if open_run and _belongs(region, runs[-1], scene):
            runs[-1] = (*runs[-1], region)
        else:
            runs.append((region,))
        open_run = True
    return tuple(runs)


def start_over(shot: PlannedShot, region: Region, wish: ShotWish) -> PictureStart:
    """What a region's sound is made for: the part of the shot around it."""
    if wish.renderer not in WATCHING:
        return replace(ANEW, notes=shot.notes)
    window = window_in(shot, region.span, wish.handle_frames)
    media, latents = ("", "") if shot.take is None else (shot.take.media, shot.take.latents)
    frames = ShotFrames(shot=shot.key, first=window.start - shot.start, media=media, latents=latents)
    return PictureStart(on_shot=frames, window=window, notes=shot.notes)


def window_in(shot: PlannedShot, span: Span, handle_frames: int) -> Window:
    """The part of a shot that covers a span of scene frames with its handles, as far as the shot reaches."""
    whole, rate = shot.job.window, shot.job.rate
    step = FRAMES_PER_LATENT * whole.divisor
    first = max(0, (span.start - handle_frames - shot.start) // step)
    start = shot.start + first * step
    needed = span.end + handle_frames + _tail_frames(rate) - start
    steps = -(-(-(-needed // whole.divisor) - 1) // FRAMES_PER_LATENT)
    there = (whole.model_frames - 1) // FRAMES_PER_LATENT - first
    return Window(start=start, model_frames=FRAMES_PER_LATENT * max(1, min(steps, there)) + 1, divisor=whole.divisor)


def scene_with_shots(
    scene: Scene, shots: Sequence[PlannedShot], takes: Mapping[str, Take], path: Callable[[Take], Path]
) -> Scene:
    """The scene with those of the shots, and no others, lying under their regions that are among the takes.

    Args:
        scene: As planned.
        shots: Its shots.
        takes: By key.
        path: Where a take's media lie.
    """
    pieces = [
        PicturePiece(
            span=shot.span,
            source=MediaRange(path=str(path(takes[shot.key])), start=(shot.span.start - shot.start) / scene.rate),
            clip=f"shot of {len(shot.regions)} region{'s' if len(shot.regions) > 1 else ''}",
            shot_frames=takes[shot.key].length_frames,
        )
        for shot in shots
        if shot.key in takes
    ]
    own = (piece for piece in scene.pictures if not piece.is_shot)
    pictures = sorted((*own, *pieces), key=lambda piece: piece.span.start)
    return replace(scene, pictures=tuple(pictures))


def _belongs(region: Region, run: tuple[Region, ...], scene: Scene) -> bool:
    span = _span_of((*run, region))
    return (
        (region.look, region.location) == (run[0].look, run[0].location)
        and span.length <= longest_span(scene.rate)
        and not scene.has_picture(span)
    )


def _job(run: tuple[Region, ...], scene: Scene, registers: RegisterTable, wish: ShotWish) -> RenderJob:
    """The joint render of a run, without its key."""
    first, span = run[0], _span_of(run)
    spoken = [(region, scene.voice(region.voice), registers.get(region.register)) for region in run]
    return RenderJob(
        key="",
        content="",
        region=Region(
            id=_id_of(first),
            span=span,
            register=SHOT.name,
            voice=first.voice,
            line=" ".join(region.line for region in run),
            look=first.look,
            location=first.location,
        ),
        voice=scene.voice(first.voice),
        register=SHOT,
        caption=caption_for_lines(spoken),
        window=window_for(span, scene.rate, wish.handle_frames),
        rate=scene.rate,
        start_frame=scene.start_frame,
        drop_frame=scene.drop_frame,
        raster=scene.raster,
        picture=PictureMode.CUT,
        seed=wish.seed if wish.only_seed is None else wish.only_seed,
        renderer=wish.renderer,
        is_shot=True,
    )


def _will_do(take: Take, run: tuple[Region, ...], job: RenderJob, wish: ShotWish, used: Mapping[str, int]) -> bool:
    """Whether a shot was made for these regions, looks as they ask for, and reaches around them."""
    made = take.job
    if made.region.id not in {_id_of(region) for region in run} and not used.get(take.key):
        return False
    if wish.only_seed not in (None, made.seed):
        return False
    if wish.renderer in WATCHING and made.renderer != wish.renderer:
        return False  # sound is made for latents of the same model
    if (made.region.look, made.region.location) != (job.region.look, job.region.location):
        return False
    if (made.rate, made.raster) != (job.rate, job.raster):
        return False
    start = take_start(take, job.region)
    around = job.region.span.grown(MIN_HANDLE_FRAMES, MIN_HANDLE_FRAMES + _tail_frames(job.rate))
    return Span(start, start + take.length_frames).contains(around)


def _keyed(job: RenderJob, fingerprint: Callable[[Register], str]) -> RenderJob:
    job = replace(job, content=content_key(job.caption, job.voice, job.register))
    return replace(job, key=job_key(job, fingerprint(job.register)))


def _shots_of(run: tuple[Region, ...], chosen: Mapping[str, Take]) -> Iterator[str]:
    """The key of the shot that each region's chosen take was made for."""
    for region in run:
        take = chosen.get(region.id)
        if take is not None and take.job.on_shot is not None:
            yield take.job.on_shot.shot


def _id_of(first: Region) -> str:
    return f"shot-{first.id}"


def _span_of(run: Sequence[Region]) -> Span:
    return Span(run[0].span.start, max(region.span.end for region in run))


def _tail_frames(rate: Fraction) -> int:
    return math.ceil(AUDIO_TAIL_SECONDS * rate)
