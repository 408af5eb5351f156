"""Windows to latents, batch by batch, each in the LoRA state its register asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.bank import BASE, LoraState
from sottovoce_engine.renderers.ltx.batch_inputs import BatchInputs, Run, inputs_for, texts_on
from sottovoce_engine.renderers.ltx.batches import Batch, picture_of
from sottovoce_engine.renderers.ltx.compiled import block_function
from sottovoce_engine.renderers.ltx.denoising import Conditions, Denoiser, PassByPass
from sottovoce_engine.renderers.ltx.gated_denoising import GatedDenoiser, gated_conditions
from sottovoce_engine.renderers.ltx.gated_locked import gated_locked_denoiser
from sottovoce_engine.renderers.ltx.guidance import Pass, passes_for
from sottovoce_engine.renderers.ltx.held_models import HeldModels, NoRoom, SamplingModels, free_memory
from sottovoce_engine.renderers.ltx.latents import Latents, Text
from sottovoce_engine.renderers.ltx.locked import WatchedStates
from sottovoce_engine.renderers.ltx.locked_states import changes_picture
from sottovoce_engine.renderers.ltx.lora_file import Lora
from sottovoce_engine.renderers.ltx.placement import Stage
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.side_by_side import SideBySide
from sottovoce_engine.take import Failure, Gating, RenderJob


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingStage:
    """What all waves of a batch of jobs are sampled with."""

    models: HeldModels
    settings: LtxSettings
    shift: ShiftSettings
    loras: Mapping[LoraState, Lora]
    texts: Mapping[str, Text]
    total: int  # steps of all waves, for the time left
    watched: WatchedStates = field(default_factory=WatchedStates)
    side_by_side: SideBySide = field(default_factory=SideBySide)

    def latents(self, batches: Sequence[Batch], run: Run, job: Job) -> Iterator[Mapping[str, Latents] | Failure]:
        """Yields each batch's latents on the CPU, by key, or a failure for each of its takes that has none."""
        for index, batch in enumerate(batches):
            made: dict[str, Latents] = {}
            done = run.done + index * run.sampling.step_count

            def work(batch: Batch = batch, made: dict[str, Latents] = made, done: int = done) -> None:
                self._complete(batch, made, run, done, job)

            try:
                self.models.with_room(Stage.SAMPLING, work, job)
            except NoRoom as error:
                yield from (Failure(job=asked, reason=str(error)) for asked in batch.jobs if asked.key not in made)
            if index + 1 == len(batches):
                self.watched.free()  # decoding finds room
            yield made

    def _complete(self, batch: Batch, made: dict[str, Latents], run: Run, done: int, job: Job) -> None:
        """Adds to `made` what the batch lacks; over a picture that stays with fewer takes at once where memory runs out."""
        while True:
            try:
                with self.watched.freed_on_failure():
                    for part in self._parts(batch, made, run):
                        made.update(self._sampled(part, run, done, job))
                return
            except torch.OutOfMemoryError:
                if not batch.locked or not self.side_by_side.halved(len(batch.jobs)):
                    raise
            free_memory()
            job.step(f"out of memory, again with {self.side_by_side.most} at once", 0, 1)

    def _parts(self, batch: Batch, made: Mapping[str, Latents], run: Run) -> Iterator[Batch]:
        """What of a batch is still to be made, in rows that memory allows and to which the same places are given."""
        alike: dict[object, list[RenderJob]] = {}
        for asked in batch.jobs:
            if asked.key not in made:
                given = run.kept.get(asked.key), run.kept_audio.get(asked.key)
                places = tuple(() if one is None else tuple(one.share.tolist()) for one in given)
                alike.setdefault(places, []).append(asked)
        size = self.side_by_side.most if batch.locked else self.models.placement.takes_at_once
        for jobs in alike.values():
            for start in range(0, len(jobs), size):
                yield replace(batch, jobs=tuple(jobs[start : start + size]))

    def _sampled(self, batch: Batch, run: Run, done: int, job: Job) -> Mapping[str, Latents]:
        models = self._in_state(batch.state if batch.gating is None else BASE, run, job)
        inputs = inputs_for(batch, run, self.models.device)
        made = sampled(
            self._denoiser(models, batch, run, inputs, job),
            inputs.noise,
            noise_levels(run.sampling, batch.shape.video_tokens, self.shift),
            run.sampling,
            job,
            kept=inputs.kept,
            kept_audio=inputs.kept_audio,
            refined=inputs.refined,
            done=done,
            total=self.total,
            about=batch.jobs[0].key,
        )
        return {
            asked.key: Latents(video=made.video[row : row + 1].cpu(), audio=made.audio[row : row + 1].cpu())
            for row, asked in enumerate(batch.jobs)
        }

    def _in_state(self, state: LoraState, run: Run, job: Job) -> SamplingModels:
        """The transformer, its layers holding what the LoRA makes of them."""
        models = self.models.sampling(job, second=run.refined is not None)
        if state.is_base:
            models.bank.use(BASE)
        else:
            models.bank.prepare(state, self.loras[state].pairs)
            models.bank.use(state)
        return models

    def _denoiser(self, models: SamplingModels, batch: Batch, run: Run, inputs: BatchInputs, job: Job) -> Denoiser:
        sampling, device = run.sampling, self.models.device
        conditions = Conditions(
            shape=batch.shape,
            text=texts_on(device, [self.texts[asked.caption] for asked in batch.jobs]),
            negative=texts_on(device, [self.texts[sampling.negative_caption]]) if sampling.needs_negative else None,
            kept=inputs.kept,
            kept_audio=inputs.kept_audio,
            perturbed_blocks=sampling.perturbed_blocks,
        )
        passes = passes_for(sampling)
        if batch.gating is not None:
            return self._gated(models.transformer, batch, batch.gating, conditions, passes, job)
        if batch.locked:
            key = (picture_of(batch.jobs[0], self.settings), self._seen_as(batch.state), run.refined is not None)
            plan = self.models.locked_plan
            return self.watched.denoiser(models.transformer, key, conditions, passes, job, plan)
        self.watched.free()
        if not self.models.placement.passes_together:
            return PassByPass(models.transformer, conditions, passes)
        return RowDenoiser(models.transformer, conditions, passes, block=block_function(self.settings))

    def _seen_as(self, state: LoraState) -> LoraState:
        """The state in which a picture's stream is the same: the base's where a LoRA changes the sound's side alone."""
        if state.is_base or not changes_picture(pair.module for pair in self.loras[state].pairs):
            return BASE
        return state

    def _gated(
        self,
        transformer: Any,
        batch: Batch,
        gating: Gating,
        conditions: Conditions,
        passes: tuple[Pass, ...],
        job: Job,
    ) -> Denoiser:
        self.watched.free()
        pairs = () if batch.state.is_base else self.loras[batch.state].pairs
        conditions, gate = gated_conditions(conditions, gating, pairs, self.texts, batch.jobs[0].rate)
        if batch.locked:
            return gated_locked_denoiser(transformer, conditions, passes, gate, job, self.models.locked_plan)
        return GatedDenoiser(transformer, conditions, passes, gate)
