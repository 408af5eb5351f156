"""Before sampling: pictures that takes start from or are made for, and sound they are held to, as latents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.batches import picture_of, shape_for
from sottovoce_engine.renderers.ltx.given import given_pictures, kept_video, locked_pictures
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import KeptAudio, KeptVideo
from sottovoce_engine.renderers.ltx.placement import Stage
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.sound_holding import kept_sound
from sottovoce_engine.renderers.ltx.upscaling import halved
from sottovoce_engine.scene import Raster
from sottovoce_engine.take import Failure, RenderJob, Take

STAGE = "given pictures"
SOUND_STAGE = "given sound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the takes of one wave start from, are made for, or are held to."""

    kept: Mapping[str, KeptVideo]  # by key, on the CPU; nothing for a take that starts from noise alone
    halved: Mapping[str, KeptVideo]  # the same at half the raster, for the first of two stages
    kept_audio: Mapping[str, KeptAudio]  # by key, on the CPU; nothing for a take that is held to no sound
    failures: tuple[Failure, ...]  # of takes whose pictures or sound cannot be had


def given_for(
    jobs: Sequence[RenderJob],
    media: MediaFolder,
    models: HeldModels,
    settings: LtxSettings,
    made: Mapping[str, Take],
    job: Job,
) -> Given:
    """Pictures and sound of a wave, read and encoded. Nothing is loaded where no take needs any.

    Args:
        jobs: Of the wave.
        media: Where takes keep their media.
        models: The VAEs are among them.
        settings: The model's raster.
        made: Takes of the waves before, by key.
        job: Told of each; cancelling takes effect before the next one.
    """
    kept: dict[str, KeptVideo] = {}
    small: dict[str, KeptVideo] = {}
    failures = []
    watched: dict[tuple[object, ...], KeptVideo] = {}  # pictures that stay: takes of one region share theirs

    def encoded(pictures: NDArray[np.uint8], shape: LatentShape) -> KeptVideo:
        one = models.with_room(Stage.DECODING, lambda: kept_video(pictures, shape, models.encoding(job)), job)
        return KeptVideo(share=one.share.cpu(), clean=one.clean.cpu())

    for index, asked in enumerate(jobs):
        raster, shape = settings.raster_for(asked.raster), shape_for(asked, settings)
        sizes = [(kept, raster, shape)]
        if settings.upscaled:
            sizes.append((small, Raster(width=raster.width // 2, height=raster.height // 2), halved(shape)))
        try:
            for encoded_at, size, latents in sizes:
                same = (picture_of(asked, settings), size)
                if same in watched:
                    encoded_at[asked.key] = watched[same]
                    continue
                locked = same[0] is not None
                pictures = locked_pictures(asked, size) if locked else given_pictures(asked, media, size, made)
                if pictures is None:
                    break
                job.step(STAGE, index, len(jobs), about=asked.key)
                encoded_at[asked.key] = encoded(pictures, latents)
                if locked:
                    watched[same] = encoded_at[asked.key]
        except SottovoceError as error:
            failures.append(Failure(job=asked, reason=str(error)))
    failed = {failure.job.key for failure in failures}
    sounds, unheard = _sounds([asked for asked in jobs if asked.key not in failed], media, models, settings, job)
    return Given(kept=kept, halved=small, kept_audio=sounds, failures=(*failures, *unheard))


def _sounds(
    jobs: Sequence[RenderJob], media: MediaFolder, models: HeldModels, settings: LtxSettings, job: Job
) -> tuple[dict[str, KeptAudio], list[Failure]]:
    """The sound that jobs are held to, by key, and why some cannot be."""
    found: dict[str, KeptAudio] = {}
    failures = []
    shared: dict[tuple[object, ...], KeptAudio | None] = {}  # takes of one region share theirs
    held = [asked for asked in jobs if asked.context is not None]
    for index, asked in enumerate(held):
        job.step(SOUND_STAGE, index, len(held), about=asked.key)
        tokens = shape_for(asked, settings).audio
        same = (asked.context, asked.window, asked.region.span.start, asked.rate)

        def encoded(asked: RenderJob = asked, tokens: int = tokens) -> KeptAudio | None:
            return kept_sound(asked, tokens, media, models.decoding(job).audio_vae)

        try:
            if same not in shared:
                shared[same] = models.with_room(Stage.DECODING, encoded, job)
        except SottovoceError as error:
            failures.append(Failure(job=asked, reason=str(error)))
            continue
        if (kept := shared[same]) is not None:
            found[asked.key] = kept
    return found, failures
