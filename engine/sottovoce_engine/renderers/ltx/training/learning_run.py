"""The learning: step by step, listening every so often, saved so that it can go on after any crash.

step      1 ... 250 ... 500 ... 2000
          | learn            | learn          |
listen    0              500             2000      validation captions rendered; the loss of clips held out
keep          250        500             2000      a checkpoint, after what was heard at that step
                         500             2000      the LoRA
"""

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from sottovoce_engine.errors import InputError, RenderError, SetupError
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.renderers.ltx.held_models import free_memory
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.training.adapter import Adapter
from sottovoce_engine.renderers.ltx.training.draws import Draw, draws_for, noise_of, shift_of
from sottovoce_engine.renderers.ltx.training.encoded_clips import Encoded
from sottovoce_engine.renderers.ltx.training.learning import Example, Learner, example_of
from sottovoce_engine.renderers.ltx.training.lora_saving import lora_header, save_lora
from sottovoce_engine.renderers.ltx.training.material import Material
from sottovoce_engine.renderers.ltx.training.optimiser import Optimiser, learning_rate
from sottovoce_engine.renderers.ltx.training.progress_file import FILE, Reached, save_reached
from sottovoce_engine.renderers.ltx.training.step_log import logged_steps, step_log
from sottovoce_engine.renderers.ltx.training.validating import Listening
from sottovoce_engine.training.recipe import Recipe
from sottovoce_engine.training.values import Checkpointed, Dataset, Stepped, Trained, TrainingEvent

STAGE = "training"
_LAST = 50  # steps that the loss told at the end is the mean of
_LOG = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class LearningRun:
    """One training over what is loaded and encoded."""

    dataset: Dataset
    recipe: Recipe
    folder: Path
    job: Job
    material: Material
    encoded: Encoded
    shape: LatentShape
    transformer: Any  # with the adapter in it
    adapter: Adapter
    optimiser: Optimiser
    listening: Listening
    notes: list[str] = field(default_factory=list)

    def events(self, reached: Reached | None, identity: dict[str, Any]) -> Iterator[TrainingEvent]:
        """What happened up to where the training stands, then what happens.

        Args:
            reached: Where it stands; None: at its beginning.
            identity: What makes it this run.
        """
        start = 0 if reached is None else self._restored(reached)
        before = logged_steps(self.folder, start)
        losses = [stepped.loss for stepped in before]
        learner = self._learner(checkpointing=self.recipe.steps.gradient_checkpointing)
        done = kept = start
        try:
            yield from self._happened(before) if start else self._listened(0)
            with step_log(self.folder, before) as log:
                for number in range(start + 1, self.recipe.steps.count + 1):
                    self.job.step(STAGE, number - 1, self.recipe.steps.count)
                    learner, stepped = self._stepped(learner, number)
                    done = number
                    try:
                        stepped = self._compared(learner, stepped)
                    finally:
                        log.write(stepped)
                    losses.append(stepped.loss)
                    yield stepped
                    yield from self._listened(number)
                    if number % self.recipe.steps.checkpoint_every == 0 or number == self.recipe.steps.count:
                        yield self._kept(number, identity)
                        kept = number
        except JobCancelled:
            if done > kept:
                self._kept(done, identity)
            raise
        self.job.step(STAGE, done, self.recipe.steps.count)
        yield self._trained(done, losses or [self.listening.loss_of(self.dataset.train, learner, self.job)])

    def _restored(self, reached: Reached) -> int:
        numbers = reached.tensors.get("numbers")
        if numbers is None or numbers.shape != self.adapter.numbers.shape:
            raise InputError(
                f"The checkpoint '{self.folder / FILE}' holds another LoRA than the recipe makes. Remove it to begin anew, "
                "or train into another folder."
            )
        self.adapter.numbers.copy_(numbers)
        self.optimiser.restore(reached.tensors)
        return reached.step

    def _happened(self, before: tuple[Stepped, ...]) -> Iterator[TrainingEvent]:
        """What was told before; what was to be rendered where the training was stopped is rendered now."""
        yield from self.listening.there(0)
        for stepped in before:
            yield stepped
            there = self.listening.there(stepped.step)
            whole = stepped is not before[-1] or len(there) == len(self.listening.captions)
            yield from there if whole else self._listened(stepped.step)

    def _stepped(self, learner: Learner, number: int) -> tuple[Learner, Stepped]:
        """Takes a step; with blocks computed again on the way back, from then on, where memory runs out."""
        started = time.monotonic()
        try:
            loss = self._learned(learner, number)
        except torch.OutOfMemoryError as error:
            if learner.checkpointing:
                raise SetupError(_no_room(self.recipe, number)) from error
            learner = self._learner(checkpointing=True)
            free_memory()
            self.notes.append(f"The memory ran out at step {number}; since then gradient checkpointing is on.")
            _LOG.warning("%s", self.notes[-1])
            return self._stepped(learner, number)
        return learner, Stepped(
            step=number,
            loss=loss,
            learning_rate=learning_rate(number, self.recipe.steps),
            seconds=round(time.monotonic() - started, 4),
        )

    def _compared(self, learner: Learner, stepped: Stepped) -> Stepped:
        """With the loss of the clips held out, where it is measured after that step."""
        if stepped.step > 1 and not self._listens(stepped.step):
            return stepped
        return replace(stepped, validation_loss=self.listening.loss(learner, self.job))

    def _learned(self, learner: Learner, number: int) -> float:
        """Changes the LoRA by one step; the loss before it.

        Raises:
            RenderError: The loss or the gradient is no number. The LoRA is as it was.
        """
        steps, clips = self.recipe.steps, self.dataset.train
        shift = shift_of(self.recipe.timesteps, self.shape.video_tokens, self.material.shift)
        draws = draws_for(number, steps.batch, len(clips), steps.seed, self.recipe.timesteps, shift)
        together: Tensor | None = None
        losses = []
        for draw in draws:
            self.job.check()
            gradient, loss = learner.gradient(self._example(draw))
            losses.append(float(loss))
            if together is None:
                together = gradient if len(draws) == 1 else gradient / len(draws)
            else:
                together.add_(gradient, alpha=1 / len(draws))
        assert together is not None
        mean = fmean(losses)
        if not math.isfinite(mean) or not math.isfinite(self.optimiser.step(number, together)):
            names = ", ".join(f"'{clips[draw.clip].name}'" for draw in draws)
            raise RenderError(_no_numbers(self.recipe, number, names))
        return mean

    def _example(self, draw: Draw) -> Example:
        clip = self.dataset.train[draw.clip]
        clean, text = self.encoded.latents[clip.content], self.encoded.texts[clip.caption]
        return example_of(clean, noise_of(draw, self.shape), draw.level, text, self.material.device)

    def _listens(self, number: int) -> bool:
        every = self.recipe.validation.every
        return bool(every) and (number % every == 0 or number == self.recipe.steps.count)

    def _listened(self, number: int) -> Iterator[TrainingEvent]:
        """Renders, and keeps the LoRA as it was heard: with few clips an earlier one may be the best."""
        if not self._listens(number):
            return
        if 0 < number < self.recipe.steps.count:
            self._saved(f"{self.recipe.name}-step-{number:06d}", number)
        try:
            yield from self.listening.rendered(self.transformer, number, self.job)
        except torch.OutOfMemoryError:
            free_memory()
            self.notes.append(f"Nothing was rendered at step {number}: the memory ran out. The training went on.")
            _LOG.warning("%s", self.notes[-1])

    def _kept(self, number: int, identity: dict[str, Any]) -> Checkpointed:
        tensors = {"numbers": self.adapter.numbers, **self.optimiser.state()}
        save_reached(self.folder, Reached(step=number, tensors=tensors), identity)
        return Checkpointed(step=number, folder=str(self.folder))

    def _trained(self, steps: int, losses: list[float]) -> Trained:
        path = self._saved(self.recipe.name, steps)
        return Trained(lora=str(path), steps=steps, loss=fmean(losses[-_LAST:]), notes=tuple(self.notes))

    def _saved(self, name: str, steps: int) -> Path:
        header = lora_header(self.recipe, self.dataset, self.material.fingerprint, self.material.layout, steps)
        path = self.folder / f"{name}.safetensors"
        return save_lora(path, self.adapter, header, self.recipe.steps.dtype, self.material.layout)

    def _learner(self, *, checkpointing: bool) -> Learner:
        return Learner(
            self.transformer,
            self.adapter,
            self.shape,
            self.recipe.steps.loss,
            checkpointing=checkpointing,
            captured=self.material.device.type == "cuda",
        )


def _no_room(recipe: Recipe, number: int) -> str:
    return (
        f"The memory ran out at step {number}, with clips of {recipe.clips.frames} frames of {recipe.clips.raster}. End what "
        "else uses the card, lower `raster` or `frames` of [clips] in the recipe, or set memory = 'fp8' in the LTX "
        "settings. The same command goes on from the last checkpoint where the recipe stays."
    )


def _no_numbers(recipe: Recipe, number: int, clips: str) -> str:
    rate = learning_rate(number, recipe.steps)
    return (
        f"At step {number} the loss or its gradient is no number (NaN or infinite), on the clip {clips} at a learning rate of "
        f"{rate:.2g}. The last checkpoint is untouched. Lower learning_rate, or look at that clip, and train into another "
        "folder."
    )
