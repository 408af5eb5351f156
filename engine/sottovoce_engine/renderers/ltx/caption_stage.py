"""The first stage: every distinct caption of a batch, encoded once and kept on disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.captions import CaptionCache, encoded
from sottovoce_engine.renderers.ltx.held_models import HeldModels, NoRoom
from sottovoce_engine.renderers.ltx.latents import Text
from sottovoce_engine.renderers.ltx.placement import Stage
from sottovoce_engine.renderers.ltx.sampling_settings import SamplingSettings
from sottovoce_engine.renderers.ltx.settings import LtxSettings

STAGE = "captions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """What became of a batch's captions."""

    texts: Mapping[str, Text]  # on the CPU
    failed: Mapping[str, str]  # why one could not be encoded

    def failure(self, caption: str, sampling: SamplingSettings) -> str | None:
        """Why a take with that caption cannot be sampled; None where it can."""
        negative = self.failed.get(sampling.negative_caption) if sampling.needs_negative else None
        return self.failed.get(caption) or negative


def encoded_captions(
    captions: Sequence[str], models: HeldModels, settings: LtxSettings, fingerprint: str, job: Job
) -> Captions:
    """Every distinct caption. The text encoder is loaded only where one is new.

    Args:
        captions: Of all jobs, the negative one among them where the sampling needs it.
        models: What encodes them.
        settings: Where they are kept, and how long they are.
        fingerprint: Of the text encoder.
        job: Told of each; cancelling takes effect before the next one.
    """
    cache = _cache(settings, fingerprint)
    texts: dict[str, Text] = {}
    failed: dict[str, str] = {}
    for caption in dict.fromkeys(captions):
        text = cache.get(caption)
        if text is not None:
            texts[caption] = text
    missing = [caption for caption in dict.fromkeys(captions) if caption not in texts]
    for index, caption in enumerate(missing):

        def encode(caption: str = caption) -> Text:
            return encoded(caption, models.text(job), settings.text_tokens)

        job.step(STAGE, index, len(missing))
        try:
            text = models.with_room(Stage.CAPTIONS, encode, job)
        except NoRoom as error:
            failed[caption] = str(error)
            continue
        texts[caption] = Text(video=text.video.cpu(), audio=text.audio.cpu())
        cache.put(caption, text)
    if missing:
        job.step(STAGE, len(missing), len(missing))
    return Captions(texts=texts, failed=failed)


def caption_folder(settings: LtxSettings) -> Path:
    """Where encoded captions are kept."""
    if settings.cache:
        return Path(settings.cache)
    from platformdirs import user_cache_path

    return user_cache_path("sottovoce", appauthor=False) / "captions"


def _cache(settings: LtxSettings, fingerprint: str) -> CaptionCache:
    return CaptionCache(
        caption_folder(settings), encoder=fingerprint, tokens=settings.text_tokens, dtype=settings.dtype
    )
