"""Sampling where pictures are upscaled: all batches at half the raster, their pictures upsampled, all again at twice that."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.batch_inputs import Run
from sottovoce_engine.renderers.ltx.batches import Batch
from sottovoce_engine.renderers.ltx.given_stage import Given
from sottovoce_engine.renderers.ltx.held_models import NoRoom
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.placement import Stage
from sottovoce_engine.renderers.ltx.sampling_stage import SamplingStage
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.upscaling import LatentStatistics, halved, statistics_of, upsampled
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import Failure, RenderJob

STAGE = "upscaling"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpscalingStage:
    """Both stages of a wave, with the upsampler between them."""

    sampling: SamplingStage
    upsampler: Callable[[], Any]  # loads it, onto the models' device

    def latents(
        self, batches: Sequence[Batch], given: Given, done: int, job: Job
    ) -> Iterator[Mapping[str, Latents] | Failure]:
        """Yields latents of the finished shape on the CPU, by key, or a failure for a take that has none.

        A take whose picture is left out needs no second stage for a sound that is kept: its latents stay small.
        """
        settings, models, first = self.sampling.settings, self.sampling.models, dict[str, Latents]()
        try:  # before the transformer is loaded: on a small card it and the VAE make way for each other
            statistics = models.with_room(Stage.DECODING, lambda: statistics_of(models.encoding(job)), job)
        except NoRoom as error:
            yield from _failures(batches, error)
            return
        small = [replace(batch, shape=halved(batch.shape)) for batch in batches]
        run = Run(sampling=settings.sampling, kept=given.halved, kept_audio=given.kept_audio, done=done)
        for outcome in self.sampling.latents(small, run, job):
            if isinstance(outcome, Failure):
                yield outcome
            else:
                first |= outcome
        again = batches_again(batches, settings, first)
        sampled_again = {asked.key for batch in again for asked in batch.jobs}
        yield {key: latents for key, latents in first.items() if key not in sampled_again}
        try:
            refined = models.with_room(Stage.SAMPLING, lambda: self._upsampled(again, first, statistics, job), job)
        except NoRoom as error:
            yield from _failures(again, error)
            return
        done += len(batches) * settings.sampling.step_count
        run = Run(
            sampling=settings.second_stage,
            kept=given.kept,
            kept_audio=given.kept_audio,
            refined=refined,
            keeps_sound=settings.upscaled_sound == "first",
            done=done,
        )
        yield from self.sampling.latents(again, run, job)

    def _upsampled(
        self, batches: Sequence[Batch], first: Mapping[str, Latents], statistics: LatentStatistics, job: Job
    ) -> dict[str, Latents]:
        """What the second stage samples again, by key, on the CPU."""
        jobs = [(asked, halved(batch.shape)) for batch in batches for asked in batch.jobs]
        if not jobs:
            return {}
        device, upsampler = self.sampling.models.device, self.upsampler()
        refined: dict[str, Latents] = {}
        for index, (asked, shape) in enumerate(jobs):
            job.step(STAGE, index, len(jobs), about=asked.key)
            small = first[asked.key]
            made = upsampled(
                Latents(video=small.video.to(device), audio=small.audio.to(device)), shape, upsampler, statistics
            )
            refined[asked.key] = Latents(video=made.video.cpu(), audio=small.audio)
        job.step(STAGE, len(jobs), len(jobs))
        return refined


def _failures(batches: Sequence[Batch], error: NoRoom) -> Iterator[Failure]:
    return (Failure(job=asked, reason=str(error)) for batch in batches for asked in batch.jobs)


def steps_of(batches: Sequence[Batch], settings: LtxSettings) -> int:
    """All steps that sampling the batches takes, in one stage or in two."""
    steps = len(batches) * settings.sampling.step_count
    if not settings.upscaled:
        return steps
    jobs = {asked.key for batch in batches for asked in batch.jobs}
    return steps + len(batches_again(batches, settings, jobs)) * settings.second_stage.step_count


def batches_again(batches: Sequence[Batch], settings: LtxSettings, sampled: Collection[str]) -> tuple[Batch, ...]:
    """What of the batches goes through the second stage.

    Args:
        batches: Of the finished shape.
        settings: Whether the first stage's sound is kept.
        sampled: Keys of the takes that came through the first stage.
    """

    def again(asked: RenderJob) -> bool:
        left_out = asked.picture is PictureMode.LOCK and settings.upscaled_sound == "first"
        return asked.key in sampled and not left_out

    left = (replace(batch, jobs=tuple(filter(again, batch.jobs))) for batch in batches)
    return tuple(batch for batch in left if batch.jobs)
