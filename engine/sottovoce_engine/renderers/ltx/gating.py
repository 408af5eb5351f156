"""What each 40 ms of a window's sound takes from which of its lines: the LoRA's share, and whose words are read.

lines        |## whisper ##|       |## normal ##|
first        1  1  1  1  1  1 .8 .3  0  0  0  0  0      how much each audio token belongs to it
second       0  0  0  0  0  0 .2 .7  1  1  1  1  1      half-way from one to the next
LoRA         1  1  1  1  1  1 .8 .3  0  0  0  0  0
words read   the first's caption  ┊  the second's
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sottovoce_engine.renderers.ltx.latent_shape import MEL_FRAMES_PER_LATENT, SAMPLES_PER_MEL_FRAME
from sottovoce_engine.renderers.ltx.lora_file import LoraPair
from sottovoce_engine.take import Gating
from sottovoce_engine.timing import SAMPLE_RATE

_MEL_SECONDS = SAMPLES_PER_MEL_FRAME / SAMPLE_RATE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """What a LoRA adds to what a layer gives, its strength included."""

    down: Tensor  # [rank, inputs]
    up: Tensor  # [outputs, rank]

    def of(self, tokens: Tensor) -> Tensor:
        """What is added for these tokens."""
        return tokens @ self.down.mT @ self.up.mT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gate:
    """A LoRA that acts on each audio token by that token's own share of it."""

    changes: Mapping[str, Change]  # by the layer's name
    share: Tensor  # [1, audio tokens, 1] from 0 (the base model) to 1 (the LoRA at its strength)


def gate_for(pairs: Sequence[LoraPair], strength: float, share: NDArray[np.float32], like: Tensor) -> Gate:
    """The LoRA beside the base's weights, unfused, on the device and in the dtype of `like`.

    Args:
        pairs: Of the LoRA's file.
        strength: At a share of 1.
        share: `[audio tokens]`.
        like: Any tensor of the transformer's.
    """
    changes = {
        pair.module: Change(
            down=torch.from_numpy(pair.down).to(like),
            up=torch.from_numpy(pair.up * np.float32(strength * pair.scale)).to(like),
        )
        for pair in pairs
    }
    return Gate(changes=changes, share=torch.from_numpy(share).to(like)[None, :, None])


def token_seconds(tokens: int) -> NDArray[np.float64]:
    """The middle of each audio token, in seconds from the window's start.

    Source: `prepare_audio_coords` of diffusers: the first token is one mel frame, each later one four.
    """
    ends = MEL_FRAMES_PER_LATENT * np.arange(tokens) + 1
    starts = np.maximum(ends - MEL_FRAMES_PER_LATENT, 0)
    middles: NDArray[np.float64] = (starts + ends) / 2 * _MEL_SECONDS
    return middles


def line_weights(gating: Gating, rate: Fraction, tokens: int) -> NDArray[np.float32]:
    """How much each audio token belongs to each line, `[lines, tokens]`; a token's weights add up to 1.

    A line's part reaches half-way to its neighbours, and to the window's ends where it has none.

    Args:
        gating: The lines.
        rate: Of the scene.
        tokens: Of the window's sound.
    """
    middles, edge = token_seconds(tokens), gating.edge_ms / 1000
    changes = [
        float((Fraction(before.span.end + after.span.start, 2) - gating.window.start) / rate)
        for before, after in itertools.pairwise(gating.lines)
    ]
    reached = [np.ones(tokens), *(_risen(middles - change, edge) for change in changes), np.zeros(tokens)]
    weights = [from_here - from_next for from_here, from_next in itertools.pairwise(reached)]
    return np.stack(weights).astype(np.float32)


def lora_share(gating: Gating, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The share of the strongest register's LoRA that acts on each audio token."""
    full = gating.strongest.lora
    strengths = np.array([line.register.lora / full if full else 0.0 for line in gating.lines], np.float32)
    share: NDArray[np.float32] = strengths @ weights
    return share


def bound_words(own: Sequence[Tensor], weights: NDArray[np.float32], leak: float) -> tuple[Tensor, Tensor]:
    """What the sound reads: each line's caption, one after the other, and what is added to its attention to them.

    Each was encoded by itself. In a common caption words could not be told apart by their places: the text encoder
    lets later words see earlier ones, and the connectors then let every token see every other.

    Args:
        own: Each line's caption after the connectors, `[1, tokens, width]`.
        weights: `[lines, audio tokens]`.
        leak: How much of its own words' weight another line's words have: 0 hides them, 1 binds nothing.

    Returns:
        `[1, all tokens, width]`, and `[audio tokens, all tokens]`, -inf where a token reads nothing of a caption.
    """
    read = torch.from_numpy(leak + (1.0 - leak) * weights.T)
    lengths = torch.tensor([text.shape[1] for text in own])
    return torch.cat(list(own), dim=1), torch.repeat_interleave(torch.log(read), lengths, dim=1)


def _risen(seconds: NDArray[np.float64], edge: float) -> NDArray[np.float64]:
    """From 0 to 1 around 0, in a straight line as long as `edge`."""
    if edge == 0.0:
        return (seconds >= 0.0).astype(np.float64)
    risen: NDArray[np.float64] = np.clip(seconds / edge + 0.5, 0.0, 1.0)
    return risen
