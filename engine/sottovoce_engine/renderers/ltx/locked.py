"""Sound over a picture that stays as it is: the picture's stream once, then only the sound's, step by step.

The picture is given whole and does not listen to the sound, so what a block makes of it is the same at every step
and for every take. What the sound watches is kept: each block's picture, normalised. How the noise level modulates it
changes from step to step, and so do keys and values; these are computed once for all takes.

    once        picture ──▶ block 0 ──▶ block 1 ──▶ ... ──▶ block 47       by caption and guidance pass
                               │           │                   │
                               ▼ kept      ▼                   ▼
    each step   sound ─────▶ block 0 ──▶ block 1 ──▶ ... ──▶ block 47      takes times passes side by side

Nothing in the picture's stream is changed by a LoRA of the sound's own layers and of those by which it watches.

Source: a picture that does not listen is LTX2VideoTransformerBlock's `use_a2v_cross_attention=False` of diffusers.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.denoising import TIMESTEPS, Conditions
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.row_denoising import check_layout, distinct_shares, ends, places_for
from sottovoce_engine.renderers.ltx.rows import (
    Places,
    captioned,
    heads,
    joined,
    modulated,
    out,
    parameters,
    rotated,
    self_attended,
)

STAGE = "watching the picture"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureStates:
    """What the sound watches, for all steps and all takes of one caption."""

    blocks: tuple[Tensor, ...]  # of each block [streams, video tokens, width]; 3 streams at most
    passes: tuple[Pass, ...]  # those that watch the picture, in the order of their rows
    early: tuple[int, ...]  # for each of them its stream in blocks before the perturbed pass parts from the good one
    parting: int  # the first block whose streams are those of `passes`, one for each

    def stream_of(self, block: int) -> tuple[int, ...] | None:
        """Which stream of a block each pass watches; None: each its own."""
        return self.early if block < self.parting and len(self.early) > len(self.blocks[block]) else None


@torch.inference_mode()
def picture_states(transformer: Any, conditions: Conditions, passes: tuple[Pass, ...], job: Job) -> PictureStates:
    """Takes the picture through all blocks.

    Args:
        transformer: Of the 2.3 layout.
        conditions: `kept` is the whole picture, the same for all takes, which share one caption, too.
        passes: Those a step needs.
        job: Told of every block; cancelling takes effect before the next one.

    Raises:
        SetupError: The transformer is not of the 2.3 layout.
    """
    check_layout(transformer)
    assert conditions.kept is not None
    watching = tuple(kind for kind in passes if kind is not Pass.ISOLATED)
    alone = tuple(kind for kind in watching if kind is not Pass.PERTURBED)
    early = tuple(alone.index(Pass.POSITIVE if kind is Pass.PERTURBED else kind) for kind in watching)
    blocks = len(transformer.transformer_blocks)
    parting = min(*conditions.perturbed_blocks, blocks - 1) if Pass.PERTURBED in watching else blocks

    captions = _picture_captions(conditions)
    device, dtype = captions.device, captions.dtype
    video = transformer.proj_in(conditions.kept.clean[:1].to(device, dtype)).repeat(len(alone), 1, 1)
    still = torch.zeros(1, device=device)  # no noise
    level, _ = transformer.time_embed(still, batch_size=1, hidden_dtype=video.dtype)
    caption_level, _ = transformer.prompt_adaln(still, batch_size=1, hidden_dtype=video.dtype)
    places = places_for(transformer, conditions).video
    kinds: tuple[Pass, ...] = alone
    kept = []
    for number, block in enumerate(transformer.transformer_blocks):
        job.step(STAGE, number, blocks)
        if number == parting:
            video, kinds = video[torch.tensor(early, device=device)], watching
        shortcut = _marks(kinds, Pass.PERTURBED, device) if number in conditions.perturbed_blocks else None
        seen = parameters(block.scale_shift_table, level)
        told = parameters(block.prompt_scale_shift_table, caption_level)
        which = torch.tensor([int(kind is Pass.NEGATIVE) for kind in kinds], device=device)
        video = self_attended(block.norm1, block.attn1, video, seen, places, shortcut)
        video = captioned(block.norm2, block.attn2, video, seen, captions, told, which)
        kept.append(block.audio_to_video_norm(video))
        video = video + block.ff(modulated(block.norm3(video), seen[4], seen[3])) * seen[5]
    job.step(STAGE, blocks, blocks)
    return PictureStates(blocks=tuple(kept), passes=watching, early=early, parting=parting)


class WatchedStates:
    """The states of one picture at a time: batches of takes that follow each other share them."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._states: PictureStates | None = None

    def of(self, key: tuple[object, ...], make: Callable[[], PictureStates]) -> PictureStates:
        """Those held for that key, made where others are held or none."""
        if self._states is None or key != self._key:
            self.free()
            self._key, self._states = key, make()
        return self._states

    def free(self) -> None:
        """Lets go of them."""
        self._states = None

    @contextmanager
    def freed_on_failure(self) -> Iterator[None]:
        """Lets go of them where memory runs out inside, or anything else goes wrong there."""
        try:
            yield
        except BaseException:
            self.free()
            raise


class LockedDenoiser:
    """The sound's side of the transformer over a picture's states. Rows are takes within passes, as `RowDenoiser`'s."""

    def __init__(
        self, transformer: Any, conditions: Conditions, passes: tuple[Pass, ...], states: PictureStates
    ) -> None:
        """Computes what stays the same over all steps.

        Args:
            transformer: Of the 2.3 layout.
            conditions: Of the takes, which share one caption and one picture.
            passes: Those a step needs.
            states: Of that picture, for that caption and these passes.
        """
        self._transformer = transformer
        self._perturbed_blocks = conditions.perturbed_blocks
        self._states = states
        isolated = tuple(kind for kind in passes if kind is Pass.ISOLATED)
        self._passes = (*states.passes, *isolated)  # isolated rows last
        self._takes = takes = conditions.text.audio.shape[0]
        self._watching = takes * len(states.passes)
        texts = [conditions.text.audio[:1], *([] if conditions.negative is None else [conditions.negative.audio])]
        self._captions = torch.cat(texts)
        device = self._captions.device
        kinds = [kind for kind in self._passes for _ in range(takes)]
        self._caption = torch.tensor([int(kind is Pass.NEGATIVE) for kind in kinds], device=device)
        self._perturbed = _marks(kinds, Pass.PERTURBED, device)
        self._places = places_for(transformer, conditions)
        self._shares, self._share_of_token = distinct_shares(conditions.kept_audio, device)
        self._no_sound_sampled = conditions.kept_audio is not None and conditions.kept_audio.whole

    def velocities(self, latents: Latents, level: float) -> Mapping[Pass, Latents]:
        """The sound's; those of the picture are 0, as it stays."""
        audio = latents.audio.to(self._captions.dtype).repeat(len(self._passes), 1, 1)
        found = torch.split(self._forward(audio, level).float(), self._takes)
        still = torch.zeros_like(latents.video)
        return {kind: Latents(video=still, audio=one) for kind, one in zip(self._passes, found, strict=True)}

    def _forward(self, audio: Tensor, level: float) -> Tensor:
        transformer = self._transformer
        audio = transformer.audio_proj_in(audio)
        modulation = self._modulation(level, audio)
        for number, block in enumerate(transformer.transformer_blocks):
            shortcut = self._perturbed if number in self._perturbed_blocks else None
            heard = parameters(block.audio_scale_shift_table, modulation.audio, self._share_of_token)
            told = parameters(block.audio_prompt_scale_shift_table, modulation.caption)
            audio = self_attended(block.audio_norm1, block.audio_attn1, audio, heard, self._places.audio, shortcut)
            audio = captioned(block.audio_norm2, block.audio_attn2, audio, heard, self._captions, told, self._caption)
            watched = self._watched(block, number, audio[: self._watching], modulation)
            audio = torch.cat((audio[: self._watching] + watched, audio[self._watching :]))
            audio = audio + block.audio_ff(modulated(block.audio_norm3(audio), heard[4], heard[3])) * heard[5]
        shift, scale = ends(transformer.audio_scale_shift_table, modulation.end, self._share_of_token)
        audio = transformer.audio_norm_out(audio) * (1 + scale) + shift
        found: Tensor = transformer.audio_proj_out(audio)
        return found

    def _modulation(self, level: float, like: Tensor) -> "_SoundModulation":
        """The sound's noise level is the step's, that of what is given of it 0, as the picture's.

        Each crosses with the other one's level: the picture with that of the sound as a whole.
        """
        transformer = self._transformer
        step = torch.full((1,), level * TIMESTEPS, device=like.device)
        still = torch.zeros_like(step)
        sigma = still if self._no_sound_sampled else step

        def embedded(layer: Any, at: Tensor) -> tuple[Tensor, Tensor]:
            given, embedding = layer(at, batch_size=at.shape[0], hidden_dtype=like.dtype)
            return given, embedding

        audio, end = embedded(transformer.audio_time_embed, step * (1 - self._shares))
        return _SoundModulation(
            audio=audio,
            caption=embedded(transformer.audio_prompt_adaln, sigma)[0],
            picture_crossing=embedded(transformer.av_cross_attn_video_scale_shift, sigma)[0],
            sound_crossing=embedded(transformer.av_cross_attn_audio_scale_shift, still)[0],
            gate=embedded(transformer.av_cross_attn_audio_v2a_gate, still)[0],
            end=end,
        )

    def _watched(self, block: Any, number: int, audio: Tensor, modulation: "_SoundModulation") -> Tensor:
        """What the sound takes from the picture."""
        seen = parameters(block.video_a2v_cross_attn_scale_shift_table[:4], modulation.picture_crossing)
        heard = parameters(block.audio_a2v_cross_attn_scale_shift_table[:4], modulation.sound_crossing)
        (gate,) = parameters(block.audio_a2v_cross_attn_scale_shift_table[4:], modulation.gate)
        asking = modulated(block.video_to_audio_norm(audio), heard[2], heard[3])
        answering = modulated(self._states.blocks[number], seen[2], seen[3])
        watched = _attended_by_all(
            block.video_to_audio_attn, asking, answering, self._places, self._states.stream_of(number), self._takes
        )
        return gate * watched


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _SoundModulation:
    """What the noise level does to every block. Each is `[levels, parameters * width]`."""

    audio: Tensor  # one level, or one for each distinct level among the tokens
    caption: Tensor
    picture_crossing: Tensor
    sound_crossing: Tensor
    gate: Tensor
    end: Tensor  # the sound's levels themselves, embedded, for the output layer


def _attended_by_all(
    attention: Any, asking: Tensor, answering: Tensor, places: Places, stream_of: tuple[int, ...] | None, takes: int
) -> Tensor:
    """Attention of all takes of each pass to its one stream, whose keys and values are there once.

    Takes do not attend to each other here, so their tokens are asked as one long row.

    Args:
        attention: The block's `video_to_audio_attn`.
        asking: `[passes * takes, audio tokens, width]`.
        answering: `[streams, video tokens, width]`.
        places: Of both.
        stream_of: Which stream each pass watches; None: each its own.
        takes: In each pass.
    """
    queries = rotated(heads(attention.norm_q(attention.to_q(asking)), attention), places.audio_crossing)
    keys = rotated(heads(attention.norm_k(attention.to_k(answering)), attention), places.video_crossing)
    values = heads(attention.to_v(answering), attention)
    if stream_of is not None:
        which = torch.tensor(stream_of, device=keys.device)
        keys, values = keys[which], values[which]
    _, count, tokens, width = queries.shape
    together = (
        queries.reshape(-1, takes, count, tokens, width).transpose(1, 2).reshape(-1, count, takes * tokens, width)
    )
    found = scaled_dot_product_attention(together, keys, values)
    apart = found.reshape(-1, count, takes, tokens, width).transpose(1, 2).reshape(-1, count, tokens, width)
    return out(attention, asking, joined(apart))


def _picture_captions(conditions: Conditions) -> Tensor:
    """The takes' one caption, then the negative one."""
    texts = [conditions.text.video[:1], *([] if conditions.negative is None else [conditions.negative.video])]
    return torch.cat(texts)


def _marks(kinds: tuple[Pass, ...] | list[Pass], wanted: Pass, device: torch.device) -> Tensor:
    """`[rows, 1, 1]`, True in rows of that pass."""
    return torch.tensor([kind is wanted for kind in kinds], device=device)[:, None, None]
