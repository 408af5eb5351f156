"""One batch of jobs through LTX-2.3, stage by stage: models change places a few times a scene, not for every take.

captions          text encoder and connectors    each distinct caption once, for all waves
wave by wave:     takes that continue from others of the batch come in a later wave
  given pictures  the video VAE                  where takes start from pictures
  sampling        transformer                    by LoRA state, then by shape; in two stages where upscaled
  decoding        both decoders and the vocoder  take by take, each yielded at once

Where decoders stay beside the transformer, sounds over pictures that stay are decoded batch by batch, between sampling.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.batch_inputs import Run
from sottovoce_engine.renderers.ltx.batches import Batch, batches_for
from sottovoce_engine.renderers.ltx.caption_stage import Captions, encoded_captions
from sottovoce_engine.renderers.ltx.checkpoint import Checkpoint
from sottovoce_engine.renderers.ltx.decoding_stage import DecodingStage
from sottovoce_engine.renderers.ltx.gated_jobs import SampledJobs, captions_of, sampled_jobs
from sottovoce_engine.renderers.ltx.given_stage import Given, given_for
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.loading import CheckpointSource, device_for
from sottovoce_engine.renderers.ltx.loras import loras_for
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout
from sottovoce_engine.renderers.ltx.model_sizes import sizes_in
from sottovoce_engine.renderers.ltx.placement import Kept
from sottovoce_engine.renderers.ltx.sampling_settings import SamplingSettings
from sottovoce_engine.renderers.ltx.sampling_stage import SamplingStage
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, shift_settings
from sottovoce_engine.renderers.ltx.second_source import second_source
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.two_stages import upsampler_path
from sottovoce_engine.renderers.ltx.upsampler import load_upsampler
from sottovoce_engine.renderers.ltx.upscaling_stage import UpscalingStage, steps_of
from sottovoce_engine.renderers.ltx.waves import waves_of
from sottovoce_engine.renderers.ltx.working_memory import load_of
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take


def stages_for(media: MediaFolder, settings: LtxSettings, found: Checkpoint) -> "Stages":
    """The stages for a checkpoint. Loads nothing yet.

    Raises:
        SetupError: There is no GPU, the checkpoint's scheduler cannot be read, or what a second stage needs is missing.
        InputError: See `second_source`.
    """
    device = device_for(settings)
    source = CheckpointSource(checkpoint=found, settings=settings)
    second = second_source(settings, found, device)
    if settings.upscaled:
        upsampler_path(settings, found.folder)  # missing, it is told of before anything is loaded
    return Stages(
        media=media,
        settings=settings,
        models=HeldModels(source, sizes_in(found.folder), found.layout, settings, device, second=second),
        layout=found.layout,
        shift=shift_settings(found.folder),
        fingerprint=found.fingerprint,
        folder=found.folder,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """How far the waves have come."""

    steps: int
    takes: int
    of_takes: int

    def after(self, batches: Sequence[Batch], settings: LtxSettings) -> "_Done":
        takes = sum(len(batch.jobs) for batch in batches)
        return _Done(steps=self.steps + steps_of(batches, settings), takes=self.takes + takes, of_takes=self.of_takes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What every batch of a child process goes through."""

    media: MediaFolder
    settings: LtxSettings
    models: HeldModels  # held from batch to batch
    layout: ModelLayout  # of the transformer, which LoRAs are checked against
    shift: ShiftSettings
    fingerprint: str  # of the checkpoint, which encoded captions are kept for
    folder: Path  # of the checkpoint, where an upsampler may lie

    def outcomes(self, jobs: Sequence[RenderJob], job: Job) -> Iterator[Outcome]:
        """Yields a take or a failure for each job.

        Raises:
            JobCancelled, SetupError, InputError: See the renderer.
        """
        if not jobs:
            return
        together = [sampled_jobs(wave) for wave in waves_of(jobs)]
        waves = [batches_for(wave.jobs, self.settings) for wave in together]
        every = [batch for batches in waves for batch in batches]
        loras = loras_for(every, self.settings, self.layout)
        sampled = [asked for wave in together for asked in wave.jobs]
        self.models.make_room_for(load_of(sampled, self.settings))
        captions = self._captions(sampled, job)
        sampling = SamplingStage(
            models=self.models,
            settings=self.settings,
            shift=self.shift,
            loras=loras,
            texts=captions.texts,
            total=steps_of(every, self.settings),
        )
        made: dict[str, Take] = {}
        done = _Done(steps=0, takes=0, of_takes=len(sampled))
        for wave, batches in zip(together, waves, strict=True):
            for outcome in self._wave(batches, wave, sampling, captions, made, done, job):
                if isinstance(outcome, Take):
                    made[outcome.key] = outcome
                    yield outcome
                else:
                    yield from wave.failures(outcome)
            done = done.after(batches, self.settings)

    def _wave(
        self,
        batches: Sequence[Batch],
        together: SampledJobs,
        sampling: SamplingStage,
        captions: Captions,
        made: Mapping[str, Take],
        done: _Done,
        job: Job,
    ) -> Iterator[Outcome]:
        """The takes of one wave, and why some cannot be made."""
        failed: set[str] = set()
        jobs = [asked for batch in batches for asked in batch.jobs]
        for asked in jobs:
            reasons = (
                captions.failure(caption, sampling)
                for sampling in _samplings(self.settings)
                for caption in captions_of(asked)
            )
            if (reason := next(filter(None, reasons), None)) is not None:
                failed.add(asked.key)
                yield Failure(job=asked, reason=reason)
        given = given_for(_without(jobs, failed), self.media, self.models, self.settings, made, job)
        yield from given.failures
        failed |= {failure.job.key for failure in given.failures}
        decoding = DecodingStage(
            models=self.models,
            settings=self.settings,
            media=self.media,
            watched=sampling.watched,
            cut=together.takes,
            total=done.of_takes,
        )
        left = _left(batches, failed)
        yield from self._decoded(left, self._sampled(left, sampling, given, done.steps, job), decoding, done.takes, job)

    def _decoded(
        self,
        batches: Sequence[Batch],
        sampled: Iterator[Mapping[str, Latents] | Failure],
        decoding: DecodingStage,
        done: int,
        job: Job,
    ) -> Iterator[Outcome]:
        """The takes of what is sampled: sounds alone as soon as they may, pictures once all is sampled."""
        jobs = [asked for batch in batches for asked in batch.jobs]
        waiting: dict[str, Latents] = {}
        for outcome in sampled:
            if isinstance(outcome, Failure):
                yield outcome
                continue
            waiting |= outcome
            if self.models.placement.kept is not Kept.NONE:
                ready = [asked for asked in jobs if asked.key in waiting and asked.picture is PictureMode.LOCK]
                yield from decoding.takes(ready, waiting, job, done=done)
                done += len(ready)
                for asked in ready:
                    del waiting[asked.key]
        yield from decoding.takes([asked for asked in jobs if asked.key in waiting], waiting, job, done=done)

    def _sampled(
        self, batches: Sequence[Batch], sampling: SamplingStage, given: Given, done: int, job: Job
    ) -> Iterator[Mapping[str, Latents] | Failure]:
        if not self.settings.upscaled:
            run = Run(sampling=self.settings.sampling, kept=given.kept, kept_audio=given.kept_audio, done=done)
            return sampling.latents(batches, run, job)
        stage = UpscalingStage(
            sampling=sampling,
            upsampler=lambda: load_upsampler(self.folder, self.settings, self.models.device),
        )
        return stage.latents(batches, given, done, job)

    def _captions(self, jobs: Sequence[RenderJob], job: Job) -> Captions:
        captions = [caption for asked in jobs for caption in captions_of(asked)]
        captions += [one.negative_caption for one in _samplings(self.settings) if one.needs_negative]
        return encoded_captions(captions, self.models, self.settings, self.fingerprint, job)


def _samplings(settings: LtxSettings) -> tuple[SamplingSettings, ...]:
    """How takes are sampled, stage by stage."""
    return (settings.sampling, settings.second_stage) if settings.upscaled else (settings.sampling,)


def _without(jobs: Sequence[RenderJob], failed: Collection[str]) -> tuple[RenderJob, ...]:
    return tuple(asked for asked in jobs if asked.key not in failed)


def _left(batches: Sequence[Batch], failed: Collection[str]) -> tuple[Batch, ...]:
    """The batches without the takes that failed before they were sampled."""
    left = (replace(batch, jobs=_without(batch.jobs, failed)) for batch in batches)
    return tuple(batch for batch in left if batch.jobs)
