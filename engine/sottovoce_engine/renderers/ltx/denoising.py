"""Asking the transformer for one step's predictions, pass by pass, in its own forward."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import KeptAudio, KeptVideo, Latents, Text

TIMESTEPS = 1000  # the transformer is told the noise level times this


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conditions:
    """What stays the same over all steps of a batch of takes."""

    shape: LatentShape
    text: Text  # one caption for each take
    negative: Text | None = None  # one caption for all takes
    kept: KeptVideo | None = None
    kept_audio: KeptAudio | None = None
    perturbed_blocks: tuple[int, ...] = ()
    bound: Tensor | None = (
        None  # [audio tokens, caption tokens], added where the sound reads `text`; None: it reads all
    )


class Denoiser(Protocol):
    """Predicts where the latents come from, once for every pass."""

    def velocities(self, latents: Latents, level: float) -> Mapping[Pass, Latents]:
        """float32 `[takes, tokens, 128]` for every pass: noise minus clean latents."""
        ...


class PassByPass:
    """The stock transformer, called once for each pass: the smallest memory, and what `RowDenoiser` is held to."""

    def __init__(self, transformer: Any, conditions: Conditions, passes: tuple[Pass, ...]) -> None:
        self._transformer = transformer
        self._conditions = conditions
        self._passes = passes
        self._no_picture_sampled = conditions.kept is not None and conditions.kept.whole
        self._no_sound_sampled = conditions.kept_audio is not None and conditions.kept_audio.whole
        takes = conditions.text.video.shape[0]
        shape, device = conditions.shape, conditions.text.video.device
        self._video_places = transformer.rope.prepare_video_coords(
            takes, shape.frames, shape.rows, shape.columns, device, fps=float(shape.rate)
        )
        self._audio_places = transformer.audio_rope.prepare_audio_coords(takes, shape.audio, device)

    def velocities(self, latents: Latents, level: float) -> Mapping[Pass, Latents]:
        return {kind: self._velocity(latents, level, kind) for kind in self._passes}

    def _velocity(self, latents: Latents, level: float, kind: Pass) -> Latents:
        text = self._text(kind)
        takes = latents.video.shape[0]
        sigma = torch.full((takes,), level * TIMESTEPS, device=latents.video.device)
        video, audio = self._transformer(
            hidden_states=latents.video.to(text.video.dtype),
            audio_hidden_states=latents.audio.to(text.audio.dtype),
            encoder_hidden_states=text.video,
            audio_encoder_hidden_states=text.audio,
            audio_encoder_attention_mask=self._bound(kind, text.audio),
            timestep=_timestep(sigma, self._conditions.kept),
            audio_timestep=_timestep(sigma, self._conditions.kept_audio),
            sigma=torch.zeros_like(sigma) if self._no_picture_sampled else sigma,
            audio_sigma=torch.zeros_like(sigma) if self._no_sound_sampled else sigma,
            video_coords=self._video_places,
            audio_coords=self._audio_places,
            isolate_modalities=kind is Pass.ISOLATED,
            spatio_temporal_guidance_blocks=list(self._conditions.perturbed_blocks) if kind is Pass.PERTURBED else None,
            use_cross_timestep=True,
            return_dict=False,
        )
        return Latents(video=video.float(), audio=audio.float())

    def _bound(self, kind: Pass, read: Tensor) -> Tensor | None:
        """`[takes, audio tokens, caption tokens]`, added to the sound's attention to what it reads."""
        bound = self._conditions.bound
        if bound is None or kind is Pass.NEGATIVE:
            return None
        return bound.to(read).expand(read.shape[0], -1, -1)

    def _text(self, kind: Pass) -> Text:
        if kind is not Pass.NEGATIVE:
            return self._conditions.text
        negative = self._conditions.negative
        assert negative is not None
        takes = self._conditions.text.video.shape[0]
        return Text(video=negative.video.expand(takes, -1, -1), audio=negative.audio.expand(takes, -1, -1))


def _timestep(sigma: Tensor, kept: KeptVideo | KeptAudio | None) -> Tensor:
    """One for each take, or for each token where some of the picture or the sound is given."""
    return sigma if kept is None else sigma[:, None] * (1 - kept.share[None])
