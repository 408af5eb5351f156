"""The last stage: latents to takes, each handed on as soon as it is written. Sounds alone are decoded a few at once."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from sottovoce_engine.errors import RenderError, SottovoceError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.finish import Sound, finished_take
from sottovoce_engine.renderers.ltx.batches import picture_of, shape_for
from sottovoce_engine.renderers.ltx.conforming import conformed_frames, is_black
from sottovoce_engine.renderers.ltx.decoding import SOUNDS_AT_ONCE, decoded_sounds, decoded_video
from sottovoce_engine.renderers.ltx.fingerprints import fingerprints
from sottovoce_engine.renderers.ltx.held_models import HeldModels, free_memory
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.locked import WatchedStates
from sottovoce_engine.renderers.ltx.placement import Stage
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.shot_latents import kept_latents
from sottovoce_engine.renderers.ltx.sound_reach import reach_of
from sottovoce_engine.renderers.ltx.word_places import word_places
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import Failure, Outcome, RenderJob, Take
from sottovoce_engine.timing import Span, sample_at

STAGE = "decoding"
Pictures = NDArray[np.uint8]  # [frames, rows, columns, 3]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingStage:
    """What takes are decoded and written with."""

    models: HeldModels
    settings: LtxSettings
    media: MediaFolder
    watched: WatchedStates  # they make way where memory runs out
    cut: Mapping[str, tuple[RenderJob, ...]]  # the takes that come of each window that is sampled, by its key
    total: int  # windows of all waves

    def takes(
        self, jobs: Sequence[RenderJob], latents: Mapping[str, Latents], job: Job, *, done: int
    ) -> Iterator[Outcome]:
        """Yields the finished take of each job, or why there is none.

        Args:
            jobs: Those that were sampled.
            latents: Theirs, by key.
            job: Told of each; cancelling takes effect before the next one.
            done: Takes before these.
        """
        for group in _groups(jobs):
            job.step(STAGE, done, self.total, about=group[0].key)
            yield from self._finished(group, latents, job)
            done += len(group)
        if jobs:
            job.step(STAGE, done, self.total)

    def _finished(self, group: Sequence[RenderJob], latents: Mapping[str, Latents], job: Job) -> Iterator[Outcome]:
        """The takes of a group whose sounds are decoded together."""
        whole = [asked for asked in group if _is_whole(latents[asked.key])]
        yield from (Failure(job=asked, reason=_no_numbers(asked)) for asked in group if asked not in whole)
        try:
            sounds = self._sounds([latents[asked.key] for asked in whole], job)
        except SottovoceError as error:
            yield from (Failure(job=asked, reason=str(error)) for asked in whole)
            return
        for asked, sound in zip(whole, sounds, strict=True):
            job.check()
            try:
                pictures = self._pictures(asked, latents[asked.key], job)
                _check_there(asked, sound, pictures)
            except SottovoceError as error:
                yield Failure(job=asked, reason=str(error))
                continue
            for each in self.cut[asked.key]:
                try:
                    take = replace(self._take(each, asked, sound, pictures), reach_samples=self._reach(each, job))
                    yield self._with_latents(take, latents[asked.key])
                except SottovoceError as error:
                    yield Failure(job=each, reason=str(error))

    def _sounds(self, latents: Sequence[Latents], job: Job) -> list[Sound]:
        """All of them together; in halves where memory runs out, and one alone with weights that make way.

        Raises:
            NoRoom: Not even that helps.
        """

        def work() -> list[Sound]:
            with self.watched.freed_on_failure():
                return decoded_sounds(latents, self.models.decoding(job))

        if len(latents) < 2:
            return self.models.with_room(Stage.DECODING, work, job) if latents else []
        try:
            return work()
        except torch.OutOfMemoryError:
            half = len(latents) // 2
        free_memory()
        return [*self._sounds(latents[:half], job), *self._sounds(latents[half:], job)]

    def _pictures(self, asked: RenderJob, latents: Latents, job: Job) -> Pictures | None:
        """None where the picture stays."""
        if asked.picture is PictureMode.LOCK:
            return None

        def work() -> Pictures:
            with self.watched.freed_on_failure():
                return decoded_video(latents, shape_for(asked, self.settings), self.models.decoding(job))

        return self.models.with_room(Stage.DECODING, work, job)

    def _take(self, asked: RenderJob, sampled: RenderJob, sound: Sound, pictures: Pictures | None) -> Take:
        """What a job asked for of the window that was sampled for it."""
        first, gated = asked.window.start - sampled.model_window.start, asked.gating is not None
        sound = sound[:, sample_at(first, asked.rate) :]
        frames = None if pictures is None else conformed_frames(pictures, asked.raster, sampled.window.divisor)
        own = asked.own_samples.common(Span(0, sound.shape[1])) or asked.region_samples
        return finished_take(
            asked,
            self.media,
            sound=sound,
            frames=None if frames is None else itertools.islice(frames, first, None),
            words=word_places(asked.region.line, sound, asked.region_samples if gated else own),
            words_estimated=True,
            fingerprints=fingerprints(self.settings, sampled.register),
            notes=self._notes(asked),
        )

    def _reach(self, asked: RenderJob, job: Job) -> int:
        """How far the seam between what is held beside the region and what is sampled is heard; 0 without one."""
        if asked.context is None or not (asked.context.before or asked.context.after):
            return 0
        return self.models.with_room(Stage.DECODING, lambda: reach_of(self.models.decoding(job)), job)

    def _with_latents(self, take: Take, latents: Latents) -> Take:
        """The take; a shot's with what it was decoded from, for the sounds that are made over it."""
        if not take.job.is_shot:
            return take
        return replace(take, latents=kept_latents(latents.video, shape_for(take.job, self.settings), self.media))

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
        if asked.gating is not None:
            others = " and ".join(
                f"'{line.line[:40]}'" for line in asked.gating.lines if line.span != asked.region.span
            )
            notes.append(f"Register gating (experimental): sampled in one window with {others}.")
        return tuple(notes)


def _check_there(asked: RenderJob, sound: Sound, pictures: Pictures | None) -> None:
    if pictures is not None and is_black(pictures):
        raise RenderError(f"The picture of '{asked.region.line[:60]}' came out black. Render it with another seed.")
    if not sound.any():
        raise RenderError(f"The sound of '{asked.region.line[:60]}' came out silent. Render it with another seed.")


def _groups(jobs: Sequence[RenderJob]) -> Iterator[tuple[RenderJob, ...]]:
    """Sounds alone a few at once; takes with pictures one by one."""
    for alone, alike in itertools.groupby(jobs, lambda asked: asked.picture is PictureMode.LOCK):
        waiting = list(alike)
        size = SOUNDS_AT_ONCE if alone else 1
        yield from (tuple(waiting[start : start + size]) for start in range(0, len(waiting), size))


def _is_whole(latents: Latents) -> bool:
    return bool(torch.isfinite(latents.video).all() and torch.isfinite(latents.audio).all())


def _no_numbers(asked: RenderJob) -> str:
    return (
        f"Sampling '{asked.region.line[:60]}' ended in values that are no numbers. Render it with another seed; if that "
        "fails too, the checkpoint or the LoRA is damaged."
    )
