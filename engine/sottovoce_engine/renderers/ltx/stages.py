"""One batch of jobs through LTX-2.3: every model is loaded once, used for all takes, and freed.

captions    text encoder and connectors    each distinct caption once
sampling    transformer                    by LoRA state, then by shape
decoding    both decoders and the vocoder  take by take, each yielded at once
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from sottovoce_engine.errors import RenderError, SottovoceError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.finish import finished_take
from sottovoce_engine.renderers.ltx.bank import BASE, WeightBank
from sottovoce_engine.renderers.ltx.batches import Batch, batches_for, shape_for
from sottovoce_engine.renderers.ltx.captions import CaptionCache, encoded
from sottovoce_engine.renderers.ltx.checkpoint import Checkpoint
from sottovoce_engine.renderers.ltx.conforming import conformed_frames, is_black
from sottovoce_engine.renderers.ltx.decoding import DecodingModels, decoded_audio, decoded_video
from sottovoce_engine.renderers.ltx.denoising import Conditions, Denoiser, PassByPass
from sottovoce_engine.renderers.ltx.fingerprints import fingerprints
from sottovoce_engine.renderers.ltx.guidance import passes_for
from sottovoce_engine.renderers.ltx.latents import Latents, Text, noise_for, stacked
from sottovoce_engine.renderers.ltx.loading import (
    device_for,
    free_memory,
    load_decoding_models,
    load_text_models,
    load_transformer,
)
from sottovoce_engine.renderers.ltx.lora_file import Lora, read_lora
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.schedule import noise_levels, shift_settings
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.word_places import word_places
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take
from sottovoce_engine.timing import Span

_LOG = logging.getLogger(__name__)


class Stages:
    """What one call of the renderer works with."""

    def __init__(
        self,
        media: MediaFolder,
        settings: LtxSettings,
        checkpoint: Checkpoint,
    ) -> None:
        """Loads nothing yet.

        Raises:
            SetupError: There is no GPU.
        """
        self._media = media
        self._settings = settings
        self._checkpoint = checkpoint
        self._device = device_for(settings)

    def outcomes(self, jobs: Sequence[RenderJob], job: Job) -> Iterator[Outcome]:
        """Yields a take or a failure for each job.

        Raises:
            JobCancelled, SetupError, InputError: See the renderer.
        """
        able = [asked for asked in jobs if not asked.continues]
        yield from (_cannot_continue(asked) for asked in jobs if asked.continues)
        if not able:
            return
        batches = batches_for(able, self._settings)
        lora = self._lora(batches)
        texts = self._texts(able, job)
        latents: dict[str, Latents] = {}
        for outcome in self._sampled(batches, lora, texts, job):
            if isinstance(outcome, Failure):
                yield outcome
            else:
                latents |= outcome
        free_memory()
        yield from self._decoded([asked for asked in able if asked.key in latents], latents, job)
        free_memory()

    def _lora(self, batches: Sequence[Batch]) -> Lora | None:
        """The LoRA, checked against the model before anything is loaded; None where no register asks for it."""
        if all(batch.state.is_base for batch in batches):
            return None
        lora = read_lora(Path(self._settings.lora), self._checkpoint.layout)
        for warning in lora.report.warnings:
            _LOG.warning("The LoRA %s: %s", self._settings.lora, warning)
        return lora

    def _texts(self, jobs: Sequence[RenderJob], job: Job) -> Mapping[str, Text]:
        """Every distinct caption, encoded, on the CPU. The text encoder is loaded only where one is new."""
        sampling = self._settings.sampling
        captions = [asked.caption for asked in jobs]
        if sampling.needs_negative:
            captions.append(sampling.negative_caption)
        cache = self._caption_cache()
        texts = {caption: cache.get(caption) for caption in dict.fromkeys(captions)}
        missing = [caption for caption, text in texts.items() if text is None]
        if missing:
            job.step("captions", 0, len(missing))
            models = load_text_models(self._checkpoint.folder, self._settings, self._device)
            for index, caption in enumerate(missing):
                job.step("captions", index, len(missing))
                text = encoded(caption, models, self._settings.text_tokens)
                texts[caption] = Text(video=text.video.cpu(), audio=text.audio.cpu())
                cache.put(caption, text)
            job.step("captions", len(missing), len(missing))
            del models
            free_memory()
        return {caption: text for caption, text in texts.items() if text is not None}

    def _sampled(
        self, batches: Sequence[Batch], lora: Lora | None, texts: Mapping[str, Text], job: Job
    ) -> Iterator[dict[str, Latents] | Failure]:
        """Yields each batch's latents on the CPU, by key, or a failure for each of its jobs."""
        steps = self._settings.sampling.step_count
        total = steps * len(batches)
        job.step("loading the model", 0, 1)
        transformer = load_transformer(self._checkpoint.folder, self._settings, self._device)
        bank = WeightBank(transformer)
        for index, batch in enumerate(batches):
            try:
                if lora is not None and not batch.state.is_base:
                    bank.prepare(batch.state, lora.pairs)
                bank.use(batch.state)
                noise = stacked([noise_for(asked.seed, batch.shape) for asked in batch.jobs])
                made = sampled(
                    self._denoiser(transformer, batch, texts),
                    Latents(video=noise.video.to(self._device), audio=noise.audio.to(self._device)),
                    noise_levels(
                        self._settings.sampling, batch.shape.video_tokens, shift_settings(self._checkpoint.folder)
                    ),
                    self._settings.sampling,
                    job,
                    done=index * steps,
                    total=total,
                    about=batch.jobs[0].key,
                )
            except torch.OutOfMemoryError as error:
                _LOG.warning("Out of memory while sampling %s", batch.shape, exc_info=error)
                yield from (_out_of_memory(asked) for asked in batch.jobs)
                continue
            yield {
                asked.key: Latents(video=made.video[row : row + 1].cpu(), audio=made.audio[row : row + 1].cpu())
                for row, asked in enumerate(batch.jobs)
            }
        bank.use(BASE)

    def _denoiser(self, transformer: Any, batch: Batch, texts: Mapping[str, Text]) -> Denoiser:
        sampling = self._settings.sampling
        captions = [texts[asked.caption] for asked in batch.jobs]
        conditions = Conditions(
            shape=batch.shape,
            text=self._on_device(captions),
            negative=self._on_device([texts[sampling.negative_caption]]) if sampling.needs_negative else None,
            perturbed_blocks=sampling.perturbed_blocks,
        )
        kind = RowDenoiser if self._settings.passes == "together" else PassByPass
        return kind(transformer, conditions, passes_for(sampling))

    def _on_device(self, texts: Sequence[Text]) -> Text:
        return Text(
            video=torch.cat([text.video for text in texts]).to(self._device),
            audio=torch.cat([text.audio for text in texts]).to(self._device),
        )

    def _decoded(self, jobs: Sequence[RenderJob], latents: Mapping[str, Latents], job: Job) -> Iterator[Outcome]:
        if not jobs:
            return
        models = load_decoding_models(self._checkpoint.folder, self._settings, self._device)
        for index, asked in enumerate(jobs):
            job.step("decoding", index, len(jobs), about=asked.key)
            yield self._take(asked, latents[asked.key], models)
        job.step("decoding", len(jobs), len(jobs))

    def _take(self, asked: RenderJob, latents: Latents, models: DecodingModels) -> Outcome:
        """The finished take, or why there is none."""
        try:
            return self._finished(asked, latents, models)
        except torch.OutOfMemoryError as error:
            _LOG.warning("Out of memory while decoding %s", asked.key, exc_info=error)
            return _out_of_memory(asked)
        except SottovoceError as error:
            return Failure(job=asked, reason=str(error))

    def _finished(self, asked: RenderJob, latents: Latents, models: DecodingModels) -> Take:
        _check_numbers(asked, latents)
        sound = decoded_audio(latents, models)
        locked = asked.picture is PictureMode.LOCK
        pictures = None if locked else decoded_video(latents, shape_for(asked, self._settings), models)
        if pictures is not None and is_black(pictures):
            raise RenderError(f"The picture of '{asked.region.line[:60]}' came out black. Render it with another seed.")
        if not sound.any():
            raise RenderError(f"The sound of '{asked.region.line[:60]}' came out silent. Render it with another seed.")
        return finished_take(
            asked,
            self._media,
            sound=sound,
            frames=None if pictures is None else conformed_frames(pictures, asked.raster, asked.window.divisor),
            words=word_places(asked.region.line, sound, Span(0, min(sound.shape[1], asked.length_samples))),
            words_estimated=True,
            fingerprints=fingerprints(self._settings, asked.register),
            notes=_notes(asked),
        )

    def _caption_cache(self) -> CaptionCache:
        settings = self._settings
        if settings.cache:
            folder = Path(settings.cache)
        else:
            from platformdirs import user_cache_path

            folder = user_cache_path("sottovoce", appauthor=False) / "captions"
        return CaptionCache(
            folder, encoder=self._checkpoint.fingerprint, tokens=settings.text_tokens, dtype=settings.dtype
        )


def _check_numbers(asked: RenderJob, latents: Latents) -> None:
    if not (torch.isfinite(latents.video).all() and torch.isfinite(latents.audio).all()):
        raise RenderError(
            f"Sampling '{asked.region.line[:60]}' ended in values that are no numbers. Render it with another seed; if "
            "that fails too, the checkpoint or the LoRA is damaged."
        )


def _notes(asked: RenderJob) -> tuple[str, ...]:
    if asked.picture is PictureMode.LOCK:
        return ("The sound was made with a picture of its own, which was left out: lips may not match.",)
    if asked.picture is PictureMode.CONTINUE:
        return ("There was no take to continue from: the picture starts anew.",)
    return ()


def _cannot_continue(asked: RenderJob) -> Failure:
    return Failure(
        job=asked,
        reason=f"'{asked.region.line[:60]}' would continue from the take {asked.continues}, which this renderer cannot "
        "reach. Set the region's picture to 'cut'.",
    )


def _out_of_memory(asked: RenderJob) -> Failure:
    return Failure(
        job=asked,
        reason=f"The GPU ran out of memory while it made '{asked.region.line[:60]}'. In the LTX settings lower `pixels` "
        "or `takes_at_once`, or set passes = 'apart'; or shorten the region.",
    )
