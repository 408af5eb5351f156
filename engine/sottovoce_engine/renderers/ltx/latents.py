"""Latents and captions as the transformer takes them: rows of tokens, picture and sound side by side."""

from dataclasses import dataclass

import torch
from torch import Tensor

from sottovoce_engine.renderers.ltx.latent_shape import AUDIO_BINS, CHANNELS, LatentShape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latents:
    """Picture and sound of takes of one shape: states, predictions or velocities."""

    video: Tensor  # [takes, video tokens, 128]
    audio: Tensor  # [takes, audio tokens, 128]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Text:
    """Captions after the connectors, which leave no padding: every token counts."""

    video: Tensor  # [captions, tokens, video width]
    audio: Tensor  # [captions, tokens, audio width]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptVideo:
    """What of the picture is given: a still, the last frames of the take before, or all of it (locked)."""

    share: Tensor  # [video tokens] from 0 (sampled) to 1 (stays as given)
    clean: Tensor  # [takes or 1, video tokens, 128], normalised latents; 0 where nothing is given

    @property
    def whole(self) -> bool:
        """Whether no picture is sampled. The model is then told that it sees no noise at all."""
        return bool((self.share == 1).all())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptAudio:
    """What of the sound is given: what lies around a line, or all of it where only the picture is sampled."""

    share: Tensor  # [audio tokens] from 0 (sampled) to 1 (stays as given)
    clean: Tensor  # [takes or 1, audio tokens, 128], normalised latents; 0 where nothing is given

    @property
    def whole(self) -> bool:
        """Whether no sound is sampled. The model is then told that it hears no noise at all."""
        return bool((self.share == 1).all())


def noise_for(seed: int, shape: LatentShape) -> Latents:
    """The noise of one take, float32 on the CPU: the same on every machine, whatever is sampled beside it."""
    return _noise(torch.Generator("cpu").manual_seed(seed), shape)


def second_noise_for(seed: int, first: LatentShape, second: LatentShape) -> Latents:
    """The noise of one take's second stage: what its generator draws after the first stage's.

    Source: LTX2Pipeline of diffusers, called twice with one generator: given latents get noise drawn as tokens.
    """
    generator = torch.Generator("cpu").manual_seed(seed)
    _noise(generator, first)
    return Latents(
        video=torch.randn((1, second.video_tokens, CHANNELS), generator=generator),
        audio=torch.randn((1, second.audio, CHANNELS), generator=generator),
    )


def _noise(generator: torch.Generator, shape: LatentShape) -> Latents:
    video = torch.randn((1, CHANNELS, shape.frames, shape.rows, shape.columns), generator=generator)
    audio = torch.randn((1, CHANNELS // AUDIO_BINS, shape.audio, AUDIO_BINS), generator=generator)
    return Latents(video=packed_video(video), audio=packed_audio(audio))


def stacked(takes: list[Latents]) -> Latents:
    """Several takes of one shape as one batch."""
    return Latents(
        video=torch.cat([take.video for take in takes]),
        audio=torch.cat([take.audio for take in takes]),
    )


def packed_video(video: Tensor) -> Tensor:
    """`[takes, 128, frames, rows, columns]` as tokens."""
    return video.flatten(2).transpose(1, 2).contiguous()


def unpacked_video(tokens: Tensor, shape: LatentShape) -> Tensor:
    """Tokens as `[takes, 128, frames, rows, columns]`."""
    return tokens.transpose(1, 2).reshape(len(tokens), -1, shape.frames, shape.rows, shape.columns)


def packed_audio(audio: Tensor) -> Tensor:
    """`[takes, 8, audio latents, 16]` as tokens."""
    return audio.transpose(1, 2).flatten(2).contiguous()


def unpacked_audio(tokens: Tensor) -> Tensor:
    """Tokens as `[takes, 8, audio latents, 16]`."""
    return tokens.reshape(*tokens.shape[:2], -1, AUDIO_BINS).transpose(1, 2)
