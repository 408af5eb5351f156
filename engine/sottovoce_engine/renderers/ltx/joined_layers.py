"""Linear layers that read the same tokens, laid side by side: one matrix product in place of several small ones.

    storage   | to_q    to_k    to_v    to_gate_logits |     one product reads all of it
                 ▲       ▲       ▲       ▲
    layers      each a view of its own rows

The layers keep their names and weights, only in other storage: what is copied into one of them, as the bank does, is
in the next product.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

SELF = ("to_q", "to_k", "to_v", "to_gate_logits")  # where tokens ask one another
ASKING, ANSWERING = ("to_q", "to_gate_logits"), ("to_k", "to_v")  # where others answer


def join_sound_layers(transformer: Any) -> None:
    """Lays the layers of the sound's side together, for a transformer that stays where it is from now on.

    Moving it to another device afterwards would tear layers and storage apart. Layers that are not plain, such as those
    held in fp8, stay as they are.
    """
    for block in transformer.transformer_blocks:
        _join(block.audio_attn1, SELF)
        for attention in (block.audio_attn2, block.video_to_audio_attn):
            _join(attention, ASKING)
            _join(attention, ANSWERING)


def projected(attention: Any, names: Sequence[str], tokens: Tensor) -> tuple[Tensor, ...]:
    """What the named layers of an attention make of the same tokens."""
    weight = getattr(attention, _weight(names), None)
    if weight is None:
        return tuple(getattr(attention, name)(tokens) for name in names)
    sizes = [getattr(attention, name).out_features for name in names]
    made: tuple[Tensor, ...] = torch.split(linear(tokens, weight, getattr(attention, _bias(names))), sizes, dim=-1)
    return made


@torch.no_grad()
def _join(attention: Any, names: Sequence[str]) -> None:
    layers = [getattr(attention, name) for name in names]
    if any(type(layer) is not nn.Linear or layer.bias is None for layer in layers):
        return
    sizes = [layer.out_features for layer in layers]
    weight, bias = torch.cat([layer.weight for layer in layers]), torch.cat([layer.bias for layer in layers])
    for layer, own_weight, own_bias in zip(layers, torch.split(weight, sizes), torch.split(bias, sizes), strict=True):
        layer.weight.data, layer.bias.data = own_weight, own_bias
    attention.register_buffer(_weight(names), weight, persistent=False)
    attention.register_buffer(_bias(names), bias, persistent=False)


def _weight(names: Sequence[str]) -> str:
    return "_".join((*names, "weight"))


def _bias(names: Sequence[str]) -> str:
    return "_".join((*names, "bias"))
