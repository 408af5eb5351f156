"""The last stage: latents to takes, each handed on as soon as it is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from sottovoce_engine.errors import RenderError, SottovoceError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.finish import finished_take
from sottovoce_engine.renderers.ltx.batches import picture_of, shape_for
from sottovoce_engine.renderers.ltx.conforming import conformed_frames, is_black
from sottovoce_engine.renderers.ltx.decoding import decoded_audio, decoded_video
from sottovoce_engine.renderers.ltx.fingerprints import fingerprints
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.placement import Stage
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.word_places import word_places
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take
from sottovoce_engine.timing import Span

STAGE = "decoding"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingStage:
    """What takes are decoded and written with."""

    models: HeldModels
    settings: LtxSettings
    media: MediaFolder

    def takes(
        self, jobs: Sequence[RenderJob], latents: Mapping[str, Latents], job: Job, *, done: int, total: int
    ) -> Iterator[Outcome]:
        """Yields the finished take of each job, or why there is none.

        Args:
            jobs: Those that were sampled.
            latents: Theirs, by key.
            job: Told of each; cancelling takes effect before the next one.
            done: Takes of the waves before.
            total: Takes of all waves.
        """
        for index, asked in enumerate(jobs, start=done):
            job.step(STAGE, index, total, about=asked.key)

            def work(asked: RenderJob = asked) -> Take:
                return self._take(asked, latents[asked.key], job)

            try:
                yield self.models.with_room(Stage.DECODING, work, job)
            except SottovoceError as error:
                yield Failure(job=asked, reason=str(error))
        job.step(STAGE, done + len(jobs), total)

    def _take(self, asked: RenderJob, latents: Latents, job: Job) -> Take:
        _check_numbers(asked, latents)
        models = self.models.decoding(job)
        sound = decoded_audio(latents, models)
        locked = asked.picture is PictureMode.LOCK
        pictures = None if locked else decoded_video(latents, shape_for(asked, self.settings), models)
        if pictures is not None and is_black(pictures):
            raise RenderError(f"The picture of '{asked.region.line[:60]}' came out black. Render it with another seed.")
        if not sound.any():
            raise RenderError(f"The sound of '{asked.region.line[:60]}' came out silent. Render it with another seed.")
        return finished_take(
            asked,
            self.media,
            sound=sound,
            frames=None if pictures is None else conformed_frames(pictures, asked.raster, asked.window.divisor),
            words=word_places(asked.region.line, sound, Span(0, min(sound.shape[1], asked.length_samples))),
            words_estimated=True,
            fingerprints=fingerprints(self.settings, asked.register),
            notes=self._notes(asked),
        )

    def _notes(self, asked: RenderJob) -> tuple[str, ...]:
        notes = [self.models.stepped_down] if self.models.stepped_down else []
        if asked.picture is PictureMode.LOCK and picture_of(asked, self.settings) is None:
            notes.append("The sound was made with a picture of its own, which was left out: lips may not match.")
        elif asked.picture is not PictureMode.LOCK and self.models.placement.tiled:
            notes.append("The picture was decoded in tiles, to need less memory.")
        if asked.picture is PictureMode.CONTINUE and not asked.continues:
            notes.append("There was no take to continue from: the picture starts anew.")
        if asked.picture is PictureMode.START and asked.from_footage is None:
            notes.append("There was no picture to start from: the picture starts anew.")
        return tuple(notes)


def _check_numbers(asked: RenderJob, latents: Latents) -> None:
    if not (torch.isfinite(latents.video).all() and torch.isfinite(latents.audio).all()):
        raise RenderError(
            f"Sampling '{asked.region.line[:60]}' ended in values that are no numbers. Render it with another seed; if "
            "that fails too, the checkpoint or the LoRA is damaged."
        )
