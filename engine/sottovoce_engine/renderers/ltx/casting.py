"""Weights kept in 8 bits and computed in 16: half the memory, and half of what travels where blocks are streamed.

diffusers' layerwise casting would put new storage in a layer's place at every forward, twice, which neither streamed
nor compiled blocks stand, and it casts without a scale. So a layer holds its own: e4m3 with a power of two for every
output, which bf16 multiplies exactly.
"""

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

_STORED = torch.float8_e4m3fn
_LARGEST = torch.finfo(_STORED).max
_GATES = "to_gate_logits"  # small, and a gate's error is its whole head's


class Fp8Linear(nn.Module):
    """A linear layer with its weight in float8_e4m3fn, computed in the dtype of what it is given."""

    scale: Tensor

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        weight = layer.weight.detach()
        largest, exponent = torch.frexp(weight.float().abs().amax(dim=1, keepdim=True))
        bound, bound_exponent = torch.frexp(torch.tensor(_LARGEST))
        # The smallest power of two that brings a row within e4m3's range.
        exponent = exponent - bound_exponent.to(exponent.device) + (largest > bound.to(largest.device))
        scale = torch.ldexp(torch.ones_like(largest), exponent)
        self.weight = nn.Parameter((weight.float() / scale).to(_STORED), requires_grad=False)
        self.register_buffer("scale", scale.to(weight.dtype))
        self.bias = layer.bias

    def forward(self, tokens: Tensor) -> Tensor:
        return linear(tokens, self.weight.to(tokens.dtype) * self.scale, self.bias)


@torch.no_grad()
def store_in_fp8(transformer: Any, keep: Collection[str]) -> None:
    """Keeps the weights of the blocks' linear layers as float8_e4m3fn. What lies outside the blocks stays as it is.

    Args:
        transformer: A diffusers transformer in bf16, wherever its weights are.
        keep: Names of layers that stay in bf16, such as those a LoRA changes: rounding would swallow the change.
    """
    for name, layer in list(transformer.named_modules()):
        in_block = name.startswith("transformer_blocks.") and not name.endswith(_GATES)
        if in_block and isinstance(layer, nn.Linear) and name not in keep:
            transformer.set_submodule(name, Fp8Linear(layer))
