"""Clips and captions to what the transformer reads: encoded once, kept beside encoded captions, by content.

movie ──► frames ──► video VAE ──► picture's latents ─┐
   └────► sound ──► mel ──► audio VAE ──► sound's ────┴──► clip-<hash>.safetensors
caption ──► text encoder ──► connectors ──► <hash>.safetensors, as rendering keeps it
"""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from sottovoce_engine.errors import RenderError
from sottovoce_engine.media.durable import moved_into_place, staged_path
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.caption_stage import caption_folder, encoded_captions
from sottovoce_engine.renderers.ltx.conforming import model_picture
from sottovoce_engine.renderers.ltx.given import kept_video
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import Latents, Text
from sottovoce_engine.renderers.ltx.placement import Stage
from sottovoce_engine.renderers.ltx.sound_encoding import encoded_sound
from sottovoce_engine.renderers.ltx.training.material import Material
from sottovoce_engine.renderers.ltx.working_memory import Load
from sottovoce_engine.timing import Span, sample_at
from sottovoce_engine.training.recipe import ClipForm
from sottovoce_engine.training.values import Clip

STAGE = "encoding clips"
_FORMAT = 1  # of what is kept; raised whenever the same clip would be encoded otherwise
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """What is trained on, in the host's memory."""

    latents: Mapping[str, Latents]  # clean and normalised, by the clip's content
    texts: Mapping[str, Text]  # by caption


def encoded(
    clips: Sequence[Clip], captions: Sequence[str], form: ClipForm, shape: LatentShape, material: Material, job: Job
) -> Encoded:
    """Every clip and caption. No model is loaded where all are known, and none stays loaded.

    Raises:
        InputError: A clip cannot be read.
        RenderError: The memory does not allow it.
        SetupError: The model cannot be loaded.
        JobCancelled: Cancelling was asked for; what is encoded stays.
    """
    models = material.models_beside()
    models.make_room_for(_load(form, shape, material))
    try:
        texts = encoded_captions(captions, models, material.settings, material.fingerprint, job)
        if texts.failed:
            caption, why = next(iter(texts.failed.items()))
            raise RenderError(f"The caption '{caption[:80]}' cannot be encoded: {why}")
        return Encoded(latents=_latents(clips, shape, models, material, job), texts=texts.texts)
    finally:
        models.free()


def _load(form: ClipForm, shape: LatentShape, material: Material) -> Load:
    return Load(
        video_tokens=shape.video_tokens,
        audio_tokens=shape.audio,
        text_tokens=material.settings.text_tokens,
        frames=form.frames,
        pixels=form.raster.width * form.raster.height,
        passes=1,
        states=0,
    )


def _latents(
    clips: Sequence[Clip], shape: LatentShape, models: HeldModels, material: Material, job: Job
) -> dict[str, Latents]:
    folder = caption_folder(material.settings)
    known = {clip.content: _known(_path(folder, clip, material)) for clip in clips}
    found = {content: latents for content, latents in known.items() if latents is not None}
    missing = {clip.content: clip for clip in clips if clip.content not in found}
    for index, (content, clip) in enumerate(missing.items()):
        job.step(STAGE, index, len(missing))

        def encode(clip: Clip = clip) -> Latents:
            return _encoded_clip(clip, shape, models, job)

        found[content] = models.with_room(Stage.DECODING, encode, job)
        _keep(_path(folder, clip, material), found[content])
    if missing:
        job.step(STAGE, len(missing), len(missing))
    return found


def _encoded_clip(clip: Clip, shape: LatentShape, models: HeldModels, job: Job) -> Latents:
    video = kept_video(_frames(clip), shape, models.encoding(job)).clean.cpu()
    with SoundReader(Path(clip.movie)) as reader:
        sound = reader.read(Span(0, sample_at(clip.frames, clip.rate)))
    audio = encoded_sound(sound, shape.audio, models.decoding(job).audio_vae)
    if not (bool(torch.isfinite(video).all()) and bool(torch.isfinite(audio).all())):
        raise RenderError(
            f"The clip '{clip.name}' is encoded to what is no numbers (NaN or infinite). Look at its movie '{clip.movie}', "
            "or leave its recording out."
        )
    return Latents(video=video, audio=audio)


def _frames(clip: Clip) -> NDArray[np.uint8]:
    with PictureReader(Path(clip.movie), clip.raster) as reader:
        shown = (reader.frame(index / clip.rate) for index in range(clip.frames))
        return np.stack([model_picture(frame, clip.raster) for frame in shown])


def _path(folder: Path, clip: Clip, material: Material) -> Path:
    told = [
        _FORMAT,
        material.fingerprint,
        material.settings.dtype,
        clip.content,
        clip.frames,
        str(clip.rate),
        str(clip.raster),
    ]
    return folder / f"clip-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:40]}.safetensors"


def _known(path: Path) -> Latents | None:
    try:
        held = load_file(path)
        return Latents(video=held["video"], audio=held["audio"])
    except (OSError, SafetensorError, KeyError) as error:
        if path.exists():
            _LOG.warning("The encoded clip %s is damaged and is encoded again: %s", path, error)
        return None


def _keep(path: Path, latents: Latents) -> None:
    """A full or read-only disk costs the cache, not the training."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = staged_path(path.parent, "safetensors")
        try:
            save_file({"video": latents.video.contiguous(), "audio": latents.audio.contiguous()}, staged)
            moved_into_place(staged, path, "clip")
        finally:
            staged.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        _LOG.warning("An encoded clip cannot be kept in %s: %s", path.parent, error)
