"""One block of the transformer over rows of several kinds at once: takes times guidance passes.

    row        0        1        2        3         4         5         6         7
    pass       good     good     negative negative  perturbed perturbed isolated  isolated
    take       0        1        0        1         0         1         0         1
               |-- picture and sound attend to each other ------------|--- not here -----|

What the rows share is computed once: modulation by the noise level, rotary positions, keys and values of
captions. Only split rotary positions are known, as LTX-2.3 has them.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

Rotary = tuple[Tensor, Tensor]  # cosine and sine, [1, heads, tokens, half a head]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """How the rows of a batch differ."""

    caption: Tensor  # [rows], which of the distinct captions each row reads
    perturbed: Tensor | None  # [rows, 1, 1] bool, True where self-attention is shortcut; None: nowhere
    isolated: int  # in so many of the last rows picture and sound do not attend to each other


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Rotary positions of a shape, the same at every step."""

    video: Rotary
    audio: Rotary
    video_crossing: Rotary
    audio_crossing: Rotary


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Modulation:
    """What the noise level does to every block. Each is `[levels, parameters * width]`."""

    video: Tensor  # one level, or one for each distinct level among the video tokens
    video_level: Tensor | None  # [video tokens], which of them each token has; None: all the first
    audio: Tensor  # likewise
    audio_level: Tensor | None
    video_caption: Tensor
    audio_caption: Tensor
    video_crossing: Tensor
    audio_crossing: Tensor
    video_gate: Tensor
    audio_gate: Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Captions:
    """The distinct captions of a batch."""

    video: Tensor  # [captions, tokens, video width]
    audio: Tensor


def block_rows(
    block: Any,
    video: Tensor,
    audio: Tensor,
    captions: Captions,
    modulation: Modulation,
    places: Places,
    rows: Rows,
    *,
    perturb: bool,
) -> tuple[Tensor, Tensor]:
    """Both streams after one block.

    Args:
        block: A block of diffusers' LTX2VideoTransformer3DModel.
        video: `[rows, video tokens, width]`.
        audio: `[rows, audio tokens, width]`.
        captions: All captions that rows read.
        modulation: Of this step.
        places: Of this shape.
        rows: What sets the rows apart.
        perturb: Whether this block is one of those that perturbed rows are perturbed in.
    """
    shortcut = rows.perturbed if perturb else None
    seen = parameters(block.scale_shift_table, modulation.video, modulation.video_level)
    heard = parameters(block.audio_scale_shift_table, modulation.audio, modulation.audio_level)
    video = self_attended(block.norm1, block.attn1, video, seen, places.video, shortcut)
    audio = self_attended(block.audio_norm1, block.audio_attn1, audio, heard, places.audio, shortcut)
    told = parameters(block.prompt_scale_shift_table, modulation.video_caption)
    video = captioned(block.norm2, block.attn2, video, seen, captions.video, told, rows.caption)
    told = parameters(block.audio_prompt_scale_shift_table, modulation.audio_caption)
    audio = captioned(block.audio_norm2, block.audio_attn2, audio, heard, captions.audio, told, rows.caption)
    video, audio = _crossed(block, video, audio, modulation, places, rows.isolated)
    video = video + block.ff(modulated(block.norm3(video), seen[4], seen[3])) * seen[5]
    audio = audio + block.audio_ff(modulated(block.audio_norm3(audio), heard[4], heard[3])) * heard[5]
    return video, audio


def self_attended(
    norm: Any, attention: Any, tokens: Tensor, given: tuple[Tensor, ...], places: Rotary, shortcut: Tensor | None
) -> Tensor:
    """A stream after its self-attention; where `shortcut` is True, each token takes its own value instead."""
    shift, scale, gate = given[:3]
    asking = modulated(norm(tokens), scale, shift)
    queries = rotated(heads(attention.norm_q(attention.to_q(asking)), attention), places)
    keys = rotated(heads(attention.norm_k(attention.to_k(asking)), attention), places)
    values = attention.to_v(asking)
    found = joined(scaled_dot_product_attention(queries, keys, heads(values, attention)))
    if shortcut is not None:
        found = torch.where(shortcut, values, found)
    return tokens + out(attention, asking, found) * gate


def captioned(
    norm: Any,
    attention: Any,
    tokens: Tensor,
    given: tuple[Tensor, ...],
    captions: Tensor,
    told: tuple[Tensor, ...],
    which: Tensor,
) -> Tensor:
    """A stream after its attention to the captions: row n reads the caption `which[n]`."""
    shift, scale, gate = given[6:9]
    asking = modulated(norm(tokens), scale, shift)
    answering = modulated(captions, told[1], told[0])
    queries = heads(attention.norm_q(attention.to_q(asking)), attention)
    keys = heads(attention.norm_k(attention.to_k(answering))[which], attention)
    values = heads(attention.to_v(answering)[which], attention)
    found = joined(scaled_dot_product_attention(queries, keys, values))
    return tokens + out(attention, asking, found) * gate


def _crossed(
    block: Any, video: Tensor, audio: Tensor, modulation: Modulation, places: Places, isolated: int
) -> tuple[Tensor, Tensor]:
    """In all but the last rows video listens to the sound and sound watches the video, both from the state before."""
    video_table, audio_table = (
        block.video_a2v_cross_attn_scale_shift_table,
        block.audio_a2v_cross_attn_scale_shift_table,
    )
    seen = parameters(video_table[:4], modulation.video_crossing)
    heard = parameters(audio_table[:4], modulation.audio_crossing)
    (video_gate,) = parameters(video_table[4:], modulation.video_gate)
    (audio_gate,) = parameters(audio_table[4:], modulation.audio_gate)
    rows = len(video) - isolated
    plain_video, plain_audio = block.audio_to_video_norm(video[:rows]), block.video_to_audio_norm(audio[:rows])
    from_audio = _cross_attended(
        block.audio_to_video_attn,
        modulated(plain_video, seen[0], seen[1]),
        modulated(plain_audio, heard[0], heard[1]),
        places.video_crossing,
        places.audio_crossing,
    )
    from_video = _cross_attended(
        block.video_to_audio_attn,
        modulated(plain_audio, heard[2], heard[3]),
        modulated(plain_video, seen[2], seen[3]),
        places.audio_crossing,
        places.video_crossing,
    )
    return with_first(video, video_gate * from_audio), with_first(audio, audio_gate * from_video)


def with_first(tokens: Tensor, more: Tensor) -> Tensor:
    """`more` added to as many of the first rows as it has."""
    rows = len(more)
    return tokens + more if rows == len(tokens) else torch.cat((tokens[:rows] + more, tokens[rows:]))


def _cross_attended(attention: Any, asking: Tensor, answering: Tensor, asked_at: Rotary, answered_at: Rotary) -> Tensor:
    queries = rotated(heads(attention.norm_q(attention.to_q(asking)), attention), asked_at)
    keys = rotated(heads(attention.norm_k(attention.to_k(answering)), attention), answered_at)
    values = heads(attention.to_v(answering), attention)
    return out(attention, asking, joined(scaled_dot_product_attention(queries, keys, values)))


def out(attention: Any, asking: Tensor, found: Tensor) -> Tensor:
    """What a layer of attention gives for the tokens that ask."""
    return mixed(attention, found, None if attention.to_gate_logits is None else attention.to_gate_logits(asking))


def mixed(attention: Any, found: Tensor, gates: Tensor | None) -> Tensor:
    """What was found, `[rows, tokens, width]`, each head gated where there are gates, then mixed."""
    if gates is not None:
        apart = found.reshape(*found.shape[:2], attention.heads, -1)
        found = (apart * (2.0 * torch.sigmoid(gates)).unsqueeze(-1)).flatten(2)
    given: Tensor = attention.to_out[0](found)
    return given


def parameters(table: Tensor, embedded: Tensor, level: Tensor | None = None) -> tuple[Tensor, ...]:
    """The block's own table plus the step's, as one `[1, 1 or tokens, width]` for each parameter."""
    both = table[None] + embedded.reshape(embedded.shape[0], table.shape[0], -1)
    given = both[:1] if level is None else both[level]
    return tuple(parameter.unsqueeze(0) for parameter in given.unbind(1))


def modulated(tokens: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Normalised tokens, scaled and shifted as the noise level asks."""
    return tokens * (1 + scale) + shift


def heads(tokens: Tensor, attention: Any) -> Tensor:
    """`[rows, tokens, width]` as `[rows, heads, tokens, width of a head]`."""
    return tokens.reshape(*tokens.shape[:2], attention.heads, -1).transpose(1, 2)


def joined(apart: Tensor) -> Tensor:
    """`[rows, heads, tokens, width of a head]` as `[rows, tokens, width]`."""
    return apart.transpose(1, 2).flatten(2)


def rotated(tokens: Tensor, places: Rotary) -> Tensor:
    """Each head's two halves, rotated against each other in float32."""
    cosine, sine = places
    first, second = tokens.float().chunk(2, dim=-1)
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1).to(tokens.dtype)
