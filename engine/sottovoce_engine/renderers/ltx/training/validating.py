"""Hearing how far a training has come: validation captions sampled with the LoRA as it is, and a loss that compares.

The loss of a training step jumps with its clip and level. That of the clips held out is measured at the same levels
under the same noise every time, so that it tells one step from another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.durable import moved_into_place, staged_path
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.batch_inputs import texts_on
from sottovoce_engine.renderers.ltx.decoding import DecodingModels, decoded_audio
from sottovoce_engine.renderers.ltx.denoising import Conditions, Denoiser, PassByPass
from sottovoce_engine.renderers.ltx.guidance import passes_for
from sottovoce_engine.renderers.ltx.held_models import free_memory
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import Latents, noise_for
from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.schedule import noise_levels
from sottovoce_engine.renderers.ltx.training.encoded_clips import Encoded
from sottovoce_engine.renderers.ltx.training.learning import Learner, example_of
from sottovoce_engine.renderers.ltx.training.material import Material
from sottovoce_engine.training.values import Clip, Rendered, ValidationCaption

_LEVELS = (0.2, 0.4, 0.6, 0.8, 0.95)
_MOST_CLIPS = 8  # of those held out: a forward each for every level
_SEED = 20_000  # of noise that no training step is likely to draw


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listening:
    """What a training is listened to with."""

    clips: tuple[Clip, ...]  # held out
    captions: tuple[ValidationCaption, ...]
    encoded: Encoded
    material: Material
    shape: LatentShape
    folder: Path  # for what is rendered

    def loss(self, learner: Learner, job: Job) -> float | None:
        """The mean loss of the clips held out; None where none are."""
        return self.loss_of(self.clips, learner, job) if self.clips else None

    def loss_of(self, clips: Sequence[Clip], learner: Learner, job: Job) -> float:
        """The mean loss of the first clips at fixed levels, each clip under one noise of its own."""
        found = []
        for number, clip in enumerate(clips[:_MOST_CLIPS]):
            noise = noise_for(_SEED + number, self.shape)
            clean, text = self.encoded.latents[clip.content], self.encoded.texts[clip.caption]
            for level in _LEVELS:
                job.check()
                found.append(learner.loss(example_of(clean, noise, level, text, self.material.device)))
        return fmean(found)

    def rendered(self, transformer: Any, step: int, job: Job) -> Iterator[Rendered]:
        """Samples every validation caption's sound with the transformer as it is, and writes it."""
        if not self.captions:
            return
        sounds = [self._latents(transformer, number, job).audio.cpu() for number in range(len(self.captions))]
        free_memory()
        source, device = self.material.source, self.material.device
        models = DecodingModels(
            vae=None, audio_vae=source.loaded(Part.AUDIO_VAE, device), vocoder=source.loaded(Part.VOCODER, device)
        )
        for number, (asked, audio) in enumerate(zip(self.captions, sounds, strict=True)):
            job.check()
            sound = decoded_audio(Latents(video=audio, audio=audio), models)
            path = self.path(step, number)
            _write(path, sound)
            yield Rendered(step=step, asked=asked, movie=str(path))
        del models
        free_memory()

    def there(self, step: int) -> tuple[Rendered, ...]:
        """What was rendered at a step and is still there."""
        return tuple(
            Rendered(step=step, asked=asked, movie=str(path))
            for number, asked in enumerate(self.captions)
            if (path := self.path(step, number)).exists()
        )

    def path(self, step: int, number: int) -> Path:
        return self.folder / f"step-{step:06d}-{number + 1}.wav"

    def _latents(self, transformer: Any, number: int, job: Job) -> Latents:
        """What a caption is sampled to; pass by pass where the memory does not suffice for all together."""
        sampling, device = self.material.settings.sampling, self.material.device
        texts = self.encoded.texts
        conditions = Conditions(
            shape=self.shape,
            text=texts_on(device, [texts[self.captions[number].caption]]),
            negative=texts_on(device, [texts[sampling.negative_caption]]) if sampling.needs_negative else None,
            perturbed_blocks=sampling.perturbed_blocks,
        )
        try:
            return self._sampled(RowDenoiser(transformer, conditions, passes_for(sampling)), number, job)
        except torch.OutOfMemoryError:
            free_memory()
        return self._sampled(PassByPass(transformer, conditions, passes_for(sampling)), number, job)

    def _sampled(self, denoiser: Denoiser, number: int, job: Job) -> Latents:
        sampling, device = self.material.settings.sampling, self.material.device
        noise = noise_for(_SEED + number, self.shape)
        return sampled(
            denoiser,
            Latents(video=noise.video.to(device), audio=noise.audio.to(device)),
            noise_levels(sampling, self.shape.video_tokens, self.material.shift),
            sampling,
            job,
            done=number * sampling.step_count,
            total=len(self.captions) * sampling.step_count,
        )


def _write(path: Path, sound: Any) -> None:
    """Raises: InputError, SetupError: It cannot be written."""
    staged = staged_path(path.parent, "wav")
    try:
        with WavWriter(staged) as file:
            file.write(sound)
        moved_into_place(staged, path, "render")
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        staged.unlink(missing_ok=True)
