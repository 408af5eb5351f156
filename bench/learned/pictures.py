"""What the LoRA does to the picture, which its card calls provably unchanged: the same takes with it on and off.

locked        the footage's picture is given, and only sound is sampled: `lock` fast, and exact
together      picture and sound are sampled side by side, from the same noise
another seed  the same, LoRA off both times, from other noise: how far pictures lie apart that have nothing in common

Every take is asked to whisper, in the same words with the LoRA on and off. Latents are compared in units of their own deviation,
frames in levels of 8 bits. Means with their 95 % intervals, bootstrap over takes.

    python -m bench.learned.pictures --registers .learned/lora/quiet.toml
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from bench.learned.intervals import shown_share
from bench.learned.locked_movies import locked_movies
from bench.learned.marked_scenes import marked_lines, write_scene
from bench.learned.resampling import shown_mean
from bench.learned.saying import register_options, settings_for
from numpy.typing import NDArray
from torch import Tensor

from sottovoce.project import read_project
from sottovoce.reading import default_reading
from sottovoce_engine import session
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.plan import PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.ltx.batch_inputs import Run
from sottovoce_engine.renderers.ltx.batches import batches_for, shape_for
from sottovoce_engine.renderers.ltx.caption_stage import encoded_captions
from sottovoce_engine.renderers.ltx.checkpoint import checkpoint
from sottovoce_engine.renderers.ltx.decoding import decoded_video
from sottovoce_engine.renderers.ltx.given_stage import given_for
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.loras import loras_for
from sottovoce_engine.renderers.ltx.sampling_stage import SamplingStage
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.stages import stages_for
from sottovoce_engine.renderers.ltx.upscaling_stage import steps_of
from sottovoce_engine.renderers.ltx.working_memory import load_of
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import Failure, RenderJob
from sottovoce_engine.windows import MIN_HANDLE_FRAMES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """One take's latents, and its picture as it is shown."""

    latents: Latents
    frames: NDArray[np.uint8]  # [frames, rows, columns, 3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How far two takes lie apart."""

    equal: bool  # the picture, bit for bit, latents and frames
    latents_mean: float  # in deviations
    latents_max: float
    frames_mean: float  # in levels of 8 bits
    frames_max: float
    sound_mean: float  # its latents, in deviations


def main() -> None:
    """Prints one table."""
    parser = register_options(__doc__)
    parser.add_argument("--lines", type=int, default=24)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = settings_for(chosen.model, None, folder / "captions", chosen.guidance, chosen.steps)
        jobs = {
            mode: planned_jobs(folder / mode, mode, chosen.lines, chosen.registers, chosen.corpus)
            for mode in (PictureMode.LOCK, PictureMode.CUT)
        }
        moved = {}
        for title, mode, lock in (
            ("locked, fast", PictureMode.LOCK, "fast"),
            ("locked, exact", PictureMode.LOCK, "exact"),
            ("sampled together", PictureMode.CUT, "fast"),
        ):
            on, off = (seen(each, replace(settings, lock=lock), folder) for each in (jobs[mode], without(jobs[mode])))
            moved[title] = apart(on, off)
        movies = locked_movies(folder / "movies", chosen.registers, chosen.corpus, settings)
        other = seen(with_other_seeds(without(jobs[PictureMode.CUT])), settings, folder)
        moved["another seed"] = apart(other, off)
    print(f"{chosen.lines} held-out lines, asked to whisper; guidance {chosen.guidance:g}, {chosen.steps} steps\n")
    print_moved(moved)
    print(
        f"\nA scene over footage, spliced, LoRA on and off: {movies.same_frames} of {movies.frames} frames of the movies are the "
        f"same bytes; {movies.same_sounds} of {movies.regions} regions sound the same."
    )


def planned_jobs(folder: Path, picture: PictureMode, lines: int, registers: Path, corpus: Path) -> list[RenderJob]:
    """What a plan asks for where that many lines are marked to be whispered, each from noise of its own."""
    table = register_table(registers)
    marked = marked_lines(["whisper"] * lines, corpus)
    project = read_project(write_scene("pictures", marked, table, folder), replace(default_reading(), registers=table))
    regions = zip(project.scene.regions, marked, strict=True)
    scene = project.scene.with_regions(tuple(replace(region, seed=one.seed) for region, one in regions))
    settings = PlanSettings(renderer="ltx", handle_frames=MIN_HANDLE_FRAMES, picture=picture)
    return list(session.planned(scene, table, settings, {}, {}, lambda register: register.name).jobs)


def without(jobs: Sequence[RenderJob]) -> list[RenderJob]:
    """The same with the LoRA off."""
    return [replace(job, register=replace(job.register, lora=0.0, lora_file="")) for job in jobs]


def with_other_seeds(jobs: Sequence[RenderJob]) -> list[RenderJob]:
    """The same from other noise."""
    return [replace(job, seed=job.seed + 1_000_000) for job in jobs]


def seen(jobs: Sequence[RenderJob], settings: LtxSettings, folder: Path) -> list[Seen]:
    """Each job through the renderer's stages, up to latents and to the picture that is decoded from them.

    Raises:
        RuntimeError: One could not be sampled.
    """
    stages = stages_for(MediaFolder(folder), settings, checkpoint(settings.model))
    batches = batches_for(jobs, settings)
    loras = loras_for(batches, settings, stages.layout)
    stages.models.make_room_for(load_of(jobs, settings))
    captions = [*(job.caption for job in jobs), settings.sampling.negative_caption]
    texts = encoded_captions(captions, stages.models, settings, stages.fingerprint, Job()).texts
    given = given_for(jobs, stages.media, stages.models, settings, {}, Job())
    sampling = SamplingStage(
        models=stages.models,
        settings=settings,
        shift=stages.shift,
        loras=loras,
        texts=texts,
        total=steps_of(batches, settings),
    )
    run = Run(sampling=settings.sampling, kept=given.kept, kept_audio=given.kept_audio, done=0)
    made: dict[str, Latents] = {}
    for latents in sampling.latents(batches, run, Job()):
        if isinstance(latents, Failure):
            raise RuntimeError(f"a take was not sampled: {latents.reason}")
        made.update(latents)
    models = stages.models.decoding(Job())
    return [
        Seen(latents=made[job.key], frames=decoded_video(made[job.key], shape_for(job, settings), models))
        for job in jobs
    ]


def apart(ones: Sequence[Seen], others: Sequence[Seen]) -> list[Moved]:
    """How far takes lie apart, one by one."""
    return [_moved(one, other) for one, other in zip(ones, others, strict=True)]


def _moved(one: Seen, other: Seen) -> Moved:
    picture = _deviations(one.latents.video, other.latents.video)
    levels = np.abs(one.frames.astype(np.int16) - other.frames)
    return Moved(
        equal=one.latents.video.equal(other.latents.video) and np.array_equal(one.frames, other.frames),
        latents_mean=float(picture.mean()),
        latents_max=float(picture.max()),
        frames_mean=float(levels.mean()),
        frames_max=float(levels.max()),
        sound_mean=float(_deviations(one.latents.audio, other.latents.audio).mean()),
    )


def _deviations(one: Tensor, other: Tensor) -> Tensor:
    return (one - other).abs() / other.std()


def print_moved(moved: dict[str, list[Moved]]) -> None:
    """A row for each way."""
    print(
        "| picture | the same, bit for bit | its latents moved, mean of a take | at most | frames moved, levels | ",
        end="",
    )
    print("at most | sound's latents moved |\n|---|---|---|---|---|---|---|")
    for title, takes in moved.items():
        cells = (
            title,
            shown_share(sum(take.equal for take in takes), len(takes)),
            shown_mean(np.array([take.latents_mean for take in takes]), 3),
            f"{max(take.latents_max for take in takes):.2f}",
            shown_mean(np.array([take.frames_mean for take in takes]), 2),
            f"{max(take.frames_max for take in takes):.0f}",
            shown_mean(np.array([take.sound_mean for take in takes]), 2),
        )
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
