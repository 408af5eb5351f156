"""Before sampling: pictures that takes start from or are made for, and sound they are held to, as latents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import SottovoceError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.batches import picture_of, shape_for
from sottovoce_engine.renderers.ltx.given import given_pictures, kept_video, locked_pictures, shot_pictures
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import KeptAudio, KeptVideo
from sottovoce_engine.renderers.ltx.placement import Stage
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.shot_latents import shot_video
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
    pictures = _Pictures(media=media, models=models, settings=settings, made=made, job=job, total=len(jobs))
    kept: dict[str, KeptVideo] = {}
    small: dict[str, KeptVideo] = {}
    failures = []
    for index, asked in enumerate(jobs):
        raster, shape = settings.raster_for(asked.raster), shape_for(asked, settings)
        sizes = [(kept, raster, shape)]
        if settings.upscaled:
            sizes.append((small, Raster(width=raster.width // 2, height=raster.height // 2), halved(shape)))
        job.check()
        try:
            for found, size, latents in sizes:
                given = pictures.given(asked, size, latents, index)
                if given is not None:
                    found[asked.key] = given
        except SottovoceError as error:
            failures.append(Failure(job=asked, reason=str(error)))
    failed = {failure.job.key for failure in failures}
    sounds, unheard = _sounds([asked for asked in jobs if asked.key not in failed], media, models, settings, job)
    return Given(kept=kept, halved=small, kept_audio=sounds, failures=(*failures, *unheard))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pictures:
    """Reads the pictures of a wave and encodes them; those that stay once for all takes of a region."""

    media: MediaFolder
    models: HeldModels
    settings: LtxSettings
    made: Mapping[str, Take]
    job: Job
    total: int  # jobs
    watched: dict[tuple[object, ...], KeptVideo] = field(default_factory=dict)

    def given(self, asked: RenderJob, raster: Raster, shape: LatentShape, index: int) -> KeptVideo | None:
        """What the take of that index starts from or is made for, at that raster; None where it starts from nothing.

        Raises:
            RenderError: It cannot be had.
        """
        watched = picture_of(asked, self.settings)
        same = (watched, raster)
        if watched is not None and same in self.watched:
            return self.watched[same]
        found = None if watched is None else self._shot(asked, raster, shape)
        if found is None:
            frames = self._frames(asked, raster, stays=watched is not None)
            if frames is None:
                return None
            self.job.step(STAGE, index, self.total, about=asked.key)
            found = self._encoded(frames, shape)
        if watched is not None:
            self.watched[same] = found
        return found

    def _frames(self, asked: RenderJob, raster: Raster, *, stays: bool) -> NDArray[np.uint8] | None:
        if not stays:
            return given_pictures(asked, self.media, raster, self.made)
        if asked.on_shot is not None:
            return shot_pictures(asked, self.media, raster, self.made)
        return locked_pictures(asked, raster)

    def _shot(self, asked: RenderJob, raster: Raster, shape: LatentShape) -> KeptVideo | None:
        """The latents of a rendered shot; None where they are those of another raster, or gone."""

        def first_frame() -> KeptVideo:
            frames = shot_pictures(asked, self.media, raster, self.made, 1)
            assert frames is not None
            return self._encoded(frames, shape)

        return shot_video(asked, shape, self.media, self.made, first_frame)

    def _encoded(self, frames: NDArray[np.uint8], shape: LatentShape) -> KeptVideo:
        one = self.models.with_room(
            Stage.DECODING, lambda: kept_video(frames, shape, self.models.encoding(self.job)), self.job
        )
        return KeptVideo(share=one.share.cpu(), clean=one.clean.cpu())


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
