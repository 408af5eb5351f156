"""What goes into sampling a batch, on the models' device: noise, and what is given of picture and sound, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from sottovoce_engine.renderers.ltx.batches import Batch
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import (
    KeptAudio,
    KeptVideo,
    Latents,
    Text,
    noise_for,
    second_noise_for,
    stacked,
)
from sottovoce_engine.renderers.ltx.sampling_settings import SamplingSettings
from sottovoce_engine.renderers.ltx.upscaling import halved, sound_kept
from sottovoce_engine.take import RenderJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Once through a wave's batches: all there is, or one stage of two."""

    sampling: SamplingSettings
    kept: Mapping[str, KeptVideo]  # what takes start from, by key, on the CPU
    kept_audio: Mapping[str, KeptAudio]  # the sound they are held to, likewise
    refined: Mapping[str, Latents] | None = None  # what a second stage samples again, by key, on the CPU
    keeps_sound: bool = False  # whether that stage leaves the first one's sound as it is
    done: int  # steps before this run


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchInputs:
    """One row for each take of a batch."""

    noise: Latents
    refined: Latents | None  # what is sampled again
    kept: KeptVideo | None  # at the same places for all rows
    kept_audio: KeptAudio | None  # likewise


def inputs_for(batch: Batch, run: Run, device: torch.device) -> BatchInputs:
    """What a batch goes into a run with; all of its takes are given the same places."""
    keys = [asked.key for asked in batch.jobs]
    refined = None if run.refined is None else _moved([run.refined[key] for key in keys], device)
    sound: KeptAudio | None
    if refined is not None and run.keeps_sound:
        sound = sound_kept(refined.audio)
    else:
        sounds = [run.kept_audio[key] for key in keys if key in run.kept_audio]
        sound = KeptAudio(share=sounds[0].share.to(device), clean=_rows(sounds, device)) if sounds else None
    pictures = [run.kept[key] for key in keys if key in run.kept]
    return BatchInputs(
        noise=_moved([_noise(asked, batch.shape, run) for asked in batch.jobs], device),
        refined=refined,
        kept=KeptVideo(share=pictures[0].share.to(device), clean=_rows(pictures, device)) if pictures else None,
        kept_audio=sound,
    )


def texts_on(device: torch.device, texts: Sequence[Text]) -> Text:
    """Captions as one, row by row."""
    return Text(
        video=torch.cat([text.video for text in texts]).to(device),
        audio=torch.cat([text.audio for text in texts]).to(device),
    )


def _moved(takes: list[Latents], device: torch.device) -> Latents:
    together = stacked(takes)
    return Latents(video=together.video.to(device), audio=together.audio.to(device))


def _rows(given: Sequence[KeptVideo] | Sequence[KeptAudio], device: torch.device) -> torch.Tensor:
    return torch.cat([one.clean for one in given]).to(device)


def _noise(asked: RenderJob, shape: LatentShape, run: Run) -> Latents:
    return noise_for(asked.seed, shape) if run.refined is None else second_noise_for(asked.seed, halved(shape), shape)
