"""One block of the sound's side over a picture that stays, for takes within guidance passes at once.

    answers     what all takes ask for      keys and values of the captions and of the picture, once a step
    rows        takes within passes         their own tokens, asking

    pass        good     good     negative negative  perturbed perturbed isolated  isolated
    take        0        1        0        1         0         1         0         1
                |-- each pass watches its stream of the picture ---------|-- none ----------|

Takes do not attend to each other where they read captions and watch the picture, so there the tokens of a pass ask
as one long row, and nothing that answers them is there twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from sottovoce_engine.renderers.ltx.joined_layers import ANSWERING, ASKING, SELF, projected
from sottovoce_engine.renderers.ltx.rows import (
    Places,
    Rotary,
    heads,
    joined,
    mixed,
    modulated,
    parameters,
    rotated,
    with_first,
)

# Keys and values of captions, then of the picture, each [streams, heads, tokens, width of a head].
Answers = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoundModulation:
    """What the noise level does to every block. Each is `[levels, parameters * width]`."""

    audio: Tensor  # one level, or one for each distinct level among the tokens
    audio_level: Tensor | None  # [tokens], which of them each token has; None: all the first
    caption: Tensor
    picture_crossing: Tensor
    sound_crossing: Tensor
    gate: Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoundRows:
    """How the rows of a batch differ."""

    caption: Tensor | None  # [passes], which caption each pass reads; None: there is one for all
    perturbed: Tensor | None  # [rows, 1, 1] bool, True where self-attention is shortcut; None: nowhere
    takes: int
    watching: int  # so many of the first passes watch the picture


def answers(block: Any, state: Tensor, captions: Tensor, modulation: SoundModulation, places: Places) -> Answers:
    """What a block's sound is answered with, whatever the takes.

    Args:
        block: A block of diffusers' LTX2VideoTransformer3DModel.
        state: Of the picture in this block, normalised: `[streams, video tokens, width]`.
        captions: `[captions, tokens, width]`.
        modulation: Of this step.
        places: Of this shape, by frame.
    """
    read, seen = answering(block, state, captions, modulation)
    keys, values = projected(block.audio_attn2, ANSWERING, read)
    seen_keys, seen_values = projected(block.video_to_audio_attn, ANSWERING, seen)
    return placed_answers(block, (keys, values, seen_keys, seen_values), places)


def answering(block: Any, state: Tensor, captions: Tensor, modulation: SoundModulation) -> tuple[Tensor, Tensor]:
    """What keys and values are made of: the captions and the picture, modulated."""
    told = parameters(block.audio_prompt_scale_shift_table, modulation.caption)
    seen = parameters(block.video_a2v_cross_attn_scale_shift_table[:4], modulation.picture_crossing)
    return modulated(captions, told[1], told[0]), modulated(state, seen[2], seen[3])


def placed_answers(block: Any, given: Sequence[Tensor], places: Places) -> Answers:
    """Keys and values as layers gave them, `[streams, tokens, width]`, to heads; keys normalised and in their places."""
    keys, values, seen_keys, seen_values = given
    reading, watching = block.audio_attn2, block.video_to_audio_attn
    return (
        heads(reading.norm_k(keys), reading),
        heads(values, reading),
        _rotated_by_frame(watching.norm_k(seen_keys), watching, places.video_crossing),
        heads(seen_values, watching),
    )


def places_by_frame(places: Places, frames: int) -> Places:
    """The same for a picture whose tokens sound watches by their time alone: tables of frames in place of tokens.

    Those of every token would take longer to read than the keys that they rotate. The sine has its sign for either half.

    Args:
        places: Of a shape.
        frames: Of the picture's latents.
    """
    cosine, sine = (
        table.reshape(*table.shape[:2], frames, -1, table.shape[-1])[:, :, :, :1].permute(0, 2, 3, 1, 4).unsqueeze(-2)
        for table in places.video_crossing
    )
    return replace(places, video_crossing=(cosine.contiguous(), torch.cat((-sine, sine), dim=-2)))


def sound_rows(
    block: Any,
    audio: Tensor,
    given: Answers,
    modulation: SoundModulation,
    places: Places,
    rows: SoundRows,
    *,
    perturb: bool,
) -> Tensor:
    """The sound after one block, `[rows, tokens, width]`.

    Args:
        block: A block of diffusers' LTX2VideoTransformer3DModel.
        audio: `[rows, tokens, width]`.
        given: Of this block.
        modulation: Of this step.
        places: Of this shape.
        rows: What sets the rows apart.
        perturb: Whether this block is one of those that perturbed rows are perturbed in.
    """
    heard = parameters(block.audio_scale_shift_table, modulation.audio, modulation.audio_level)
    audio = sound_attended(block, audio, heard, places, rows.perturbed if perturb else None)
    audio = sound_captioned(block, audio, heard, given[:2], rows)
    audio = sound_watched(block, audio, given[2:], modulation, places, rows)
    more: Tensor = block.audio_ff(modulated(block.audio_norm3(audio), heard[4], heard[3])) * heard[5]
    return audio + more


def sound_attended(
    block: Any, audio: Tensor, heard: tuple[Tensor, ...], places: Places, shortcut: Tensor | None
) -> Tensor:
    """The sound after its self-attention; where `shortcut` is True, each token takes its own value instead."""
    attention = block.audio_attn1
    asking = modulated(block.audio_norm1(audio), heard[1], heard[0])
    queries, keys, values, gates = projected(attention, SELF, asking)
    found = joined(
        scaled_dot_product_attention(
            rotated(heads(attention.norm_q(queries), attention), places.audio),
            rotated(heads(attention.norm_k(keys), attention), places.audio),
            heads(values, attention),
        )
    )
    if shortcut is not None:
        found = torch.where(shortcut, values, found)
    return audio + mixed(attention, found, gates) * heard[2]


def sound_captioned(
    block: Any,
    audio: Tensor,
    heard: tuple[Tensor, ...],
    given: tuple[Tensor, Tensor],
    rows: SoundRows,
    bound: Tensor | None = None,
) -> Tensor:
    """The sound after its attention to the captions; `bound`, `[captions, 1, tokens, caption tokens]`, is added to it."""
    attention = block.audio_attn2
    asking = modulated(block.audio_norm2(audio), heard[7], heard[6])
    queries, gates = projected(attention, ASKING, asking)
    keys, values = given if rows.caption is None else (given[0][rows.caption], given[1][rows.caption])
    if bound is not None:
        bound = (bound if rows.caption is None else bound[rows.caption]).repeat(1, 1, rows.takes, 1)
    found = _answered(heads(attention.norm_q(queries), attention), keys, values, bound)
    return audio + mixed(attention, found, gates) * heard[8]


def sound_watched(
    block: Any,
    audio: Tensor,
    given: tuple[Tensor, Tensor],
    modulation: SoundModulation,
    places: Places,
    rows: SoundRows,
) -> Tensor:
    """The sound after what it takes from the picture, in the passes that watch it."""
    attention, count = block.video_to_audio_attn, rows.watching * rows.takes
    heard = parameters(block.audio_a2v_cross_attn_scale_shift_table[:4], modulation.sound_crossing)
    (gate,) = parameters(block.audio_a2v_cross_attn_scale_shift_table[4:], modulation.gate)
    asking = modulated(block.video_to_audio_norm(audio[:count]), heard[2], heard[3])
    queries, gates = projected(attention, ASKING, asking)
    found = _answered(rotated(heads(attention.norm_q(queries), attention), places.audio_crossing), *given)
    return with_first(audio, gate * mixed(attention, found, gates))


def _rotated_by_frame(keys: Tensor, attention: Any, places: Rotary) -> Tensor:
    """As `rotated`, in the order in which the tokens lie: `[streams, tokens, width]` to heads."""
    cosine, sine = places
    halves = keys.reshape(len(keys), cosine.shape[1], -1, attention.heads, 2, cosine.shape[-1]).float()
    turned = halves * cosine + halves.flip(-2) * sine
    return heads(turned.reshape(keys.shape).to(keys.dtype), attention)


def _answered(queries: Tensor, keys: Tensor, values: Tensor, bound: Tensor | None = None) -> Tensor:
    """Attention of rows to as many streams as answer, each by an equal share of the rows, in order.

    Args:
        queries: `[rows, heads, tokens, width of a head]`.
        keys: `[streams, heads, tokens that answer, width of a head]`.
        values: Likewise.
        bound: Added before the softmax, `[streams, 1, tokens of all its rows, tokens that answer]`.
    """
    rows, count, tokens, width = queries.shape
    long = queries.transpose(1, 2).reshape(len(keys), -1, count, width).transpose(1, 2)
    found = scaled_dot_product_attention(long, keys, values, attn_mask=bound)
    return found.transpose(1, 2).reshape(rows, tokens, count * width)
