"""All passes of all takes as one forward: the model's weights are read once a step.

    block        0 ... 27                      28 ... 47
    rows         good  negative  isolated      good  negative  perturbed  isolated

Until the first perturbed block a perturbed row is a good one, so it parts from it there.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.denoising import TIMESTEPS, Conditions
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import KeptAudio, KeptVideo, Latents
from sottovoce_engine.renderers.ltx.rows import Captions, Modulation, Places, Rows, block_rows


class RowDenoiser:
    """Rows are takes within passes: all takes' good rows first, then all negative ones, and so on."""

    def __init__(
        self,
        transformer: Any,
        conditions: Conditions,
        passes: tuple[Pass, ...],
        *,
        block: Callable[..., tuple[Tensor, Tensor]] = block_rows,
    ) -> None:
        """Computes what stays the same over all steps.

        Args:
            transformer: Of the 2.3 layout.
            conditions: Of the batch.
            passes: Those a step needs.
            block: `block_rows` as it is, or compiled.

        Raises:
            SetupError: The transformer is not of the 2.3 layout.
        """
        check_layout(transformer)
        self._transformer = transformer
        self._conditions = conditions
        self._passes = passes = tuple(sorted(passes, key=lambda kind: kind is Pass.ISOLATED))  # isolated rows last
        self._block = block
        self._takes = conditions.text.video.shape[0]
        self._captions = _captions(conditions)
        self._rows = _rows(passes, self._takes, conditions)
        self._early_passes = tuple(kind for kind in passes if kind is not Pass.PERTURBED)
        self._early_rows = _rows(self._early_passes, self._takes, conditions)
        last = len(transformer.transformer_blocks) - 1
        self._parting = min(*conditions.perturbed_blocks, last) if Pass.PERTURBED in passes else None
        self._origin = origins(passes, self._early_passes, self._takes, conditions.text.video.device)
        self._places = places_for(transformer, conditions)
        device = conditions.text.video.device
        self._shares, self._share_of_token = distinct_shares(conditions.kept, device)
        self._audio_shares, self._share_of_audio_token = distinct_shares(conditions.kept_audio, device)
        self._no_picture_sampled = conditions.kept is not None and conditions.kept.whole
        self._no_sound_sampled = conditions.kept_audio is not None and conditions.kept_audio.whole

    def velocities(self, latents: Latents, level: float | Tensor) -> Mapping[Pass, Latents]:
        """See `Denoiser`. A level on the device, one number, is not waited for."""
        dtype = self._captions.video.dtype
        repeat = (len(self._early_passes), 1, 1)
        video, audio = self._forward(
            latents.video.to(dtype).repeat(repeat), latents.audio.to(dtype).repeat(repeat), level
        )
        return {
            kind: Latents(video=one, audio=other)
            for kind, one, other in zip(
                self._passes,
                torch.split(video.float(), self._takes),
                torch.split(audio.float(), self._takes),
                strict=True,
            )
        }

    def _forward(self, video: Tensor, audio: Tensor, level: float | Tensor) -> tuple[Tensor, Tensor]:
        transformer = self._transformer
        video, audio = transformer.proj_in(video), transformer.audio_proj_in(audio)
        modulation, video_level, audio_level = self._modulation(level, video)
        rows = self._early_rows
        for number, block in enumerate(transformer.transformer_blocks):
            if number == self._parting:
                video, audio, rows = video[self._origin], audio[self._origin], self._rows
            video, audio = self._block(
                block,
                video,
                audio,
                self._captions,
                modulation,
                self._places,
                rows,
                perturb=number in self._conditions.perturbed_blocks,
            )
        video_end = ends(transformer.scale_shift_table, video_level, self._share_of_token)
        audio_end = ends(transformer.audio_scale_shift_table, audio_level, self._share_of_audio_token)
        video = transformer.norm_out(video) * (1 + video_end[1]) + video_end[0]
        audio = transformer.audio_norm_out(audio) * (1 + audio_end[1]) + audio_end[0]
        return transformer.proj_out(video), transformer.audio_proj_out(audio)

    def _modulation(self, level: float | Tensor, like: Tensor) -> tuple[Modulation, Tensor, Tensor]:
        """The step's modulation, and the embedded levels themselves for the output layers."""
        transformer = self._transformer
        step = torch.ones(1, device=like.device) * (level * TIMESTEPS)
        sigma = torch.zeros_like(step) if self._no_picture_sampled else step
        audio_sigma = torch.zeros_like(step) if self._no_sound_sampled else step
        gate_scale = (
            transformer.config.cross_attn_timestep_scale_multiplier / transformer.config.timestep_scale_multiplier
        )

        def embedded(layer: Any, at: Tensor) -> tuple[Tensor, Tensor]:
            parameters, embedding = layer(at, batch_size=at.shape[0], hidden_dtype=like.dtype)
            return parameters, embedding

        video, video_level = embedded(transformer.time_embed, step * (1 - self._shares))
        audio, audio_level = embedded(transformer.audio_time_embed, step * (1 - self._audio_shares))
        modulation = Modulation(
            video=video,
            video_level=self._share_of_token,
            audio=audio,
            audio_level=self._share_of_audio_token,
            video_caption=embedded(transformer.prompt_adaln, sigma)[0],
            audio_caption=embedded(transformer.audio_prompt_adaln, audio_sigma)[0],
            video_crossing=embedded(transformer.av_cross_attn_video_scale_shift, audio_sigma)[0],
            audio_crossing=embedded(transformer.av_cross_attn_audio_scale_shift, sigma)[0],
            video_gate=embedded(transformer.av_cross_attn_video_a2v_gate, audio_sigma * gate_scale)[0],
            audio_gate=embedded(transformer.av_cross_attn_audio_v2a_gate, sigma * gate_scale)[0],
        )
        return modulation, video_level, audio_level


def check_layout(transformer: Any) -> None:
    """Makes sure that a transformer is one whose blocks are known here.

    Raises:
        SetupError: It is not of the 2.3 layout.
    """
    config = transformer.config
    known = config.rope_type == "split" and config.use_prompt_adaln_single and config.audio_gated_attn
    if not known or config.use_prompt_embeddings:
        raise SetupError(
            "This transformer is not of the LTX-2.3 layout, which guidance in one forward and sound over a locked "
            "picture need. Use an LTX-2.3 checkpoint, or set passes = 'apart' and lock = 'exact'."
        )


def ends(table: Tensor, level: Tensor, token_level: Tensor | None) -> tuple[Tensor, Tensor]:
    """Shift and scale of an output layer, `[1, 1 or tokens, width]`.

    Args:
        table: The layer's own, `[2, width]`.
        level: The distinct noise levels, embedded, `[levels, width]`.
        token_level: Which of them each token has; None: all the first.
    """
    both = table[None] + level[:, None]
    given = both[:1] if token_level is None else both[token_level]
    return given[None, :, 0], given[None, :, 1]


def _captions(conditions: Conditions) -> Captions:
    """The takes' captions, then the negative one."""
    texts = [conditions.text] if conditions.negative is None else [conditions.text, conditions.negative]
    return Captions(
        video=torch.cat([text.video for text in texts]),
        audio=torch.cat([text.audio for text in texts]),
    )


def _rows(passes: tuple[Pass, ...], takes: int, conditions: Conditions) -> Rows:
    device = conditions.text.video.device
    caption = [takes if kind is Pass.NEGATIVE else take for kind in passes for take in range(takes)]

    perturbed = None
    if Pass.PERTURBED in passes:
        marks = [kind is Pass.PERTURBED for kind in passes for _ in range(takes)]
        perturbed = torch.tensor(marks, device=device)[:, None, None]
    return Rows(
        caption=torch.tensor(caption, device=device),
        perturbed=perturbed,
        isolated=takes * passes.count(Pass.ISOLATED),
    )


def origins(passes: tuple[Pass, ...], early: tuple[Pass, ...], takes: int, device: torch.device) -> Tensor:
    """For every row the one it was before perturbed rows part from good ones.

    Args:
        passes: Of the rows.
        early: Of the rows before.
        takes: In each pass.
        device: Of the rows.
    """
    before = [early.index(Pass.POSITIVE if kind is Pass.PERTURBED else kind) for kind in passes]
    return torch.tensor([number * takes + take for number in before for take in range(takes)], device=device)


def places_for(transformer: Any, conditions: Conditions) -> Places:
    """Rotary positions of the batch's shape."""
    shape, device = conditions.shape, conditions.text.video.device
    video = transformer.rope.prepare_video_coords(
        1, shape.frames, shape.rows, shape.columns, device, fps=float(shape.rate)
    )
    audio = transformer.audio_rope.prepare_audio_coords(1, shape.audio, device)
    return Places(
        video=transformer.rope(video, device=device),
        audio=transformer.audio_rope(audio, device=device),
        video_crossing=transformer.cross_attn_rope(video[:, 0:1], device=device),
        audio_crossing=transformer.cross_attn_audio_rope(audio[:, 0:1], device=device),
    )


def distinct_shares(kept: KeptVideo | KeptAudio | None, device: torch.device) -> tuple[Tensor, Tensor | None]:
    """The shares that are given, each once, and which of them every token has."""
    if kept is None:
        return torch.zeros(1, device=device), None
    shares, which = torch.unique(kept.share, return_inverse=True)
    return shares, which
