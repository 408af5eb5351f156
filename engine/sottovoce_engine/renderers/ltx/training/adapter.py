"""The LoRA in training: peft's layers inside the transformer, over numbers that lie in one row.

numbers   |block 0 audio_attn1.to_k A|B|... to_out.0 A|B|... to_q A|B| ... |block 47 ...|
             ▲                        ▲
layers       lora_A.weight            lora_B.weight       views, so that one vector is what an optimiser
                                                          changes, a checkpoint holds, and a gradient is of
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from peft import LoraConfig
from torch import Tensor, nn

from sottovoce_engine.renderers.ltx.model_layout import ModelLayout
from sottovoce_engine.renderers.ltx.training.lora_layers import trained_layers
from sottovoce_engine.training.recipe import LoraShape

_NAME = "register"  # of the adapter, to peft
_CARD_PREFIX = "diffusion_model."  # what official trainer, ComfyUI and the card's file put before a layer's name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adapter:
    """A LoRA that is part of a transformer and changes."""

    numbers: Tensor  # [all of its numbers], float32, on the transformer's device
    weights: tuple[
        nn.Parameter, ...
    ]  # views of them: for every layer lora_A `[rank, inputs]`, lora_B `[outputs, rank]`
    modules: tuple[str, ...]  # the layers, in that order
    scale: float  # alpha / rank

    def gradient(self, loss: Tensor) -> tuple[Tensor, ...]:
        """Of a loss, weight by weight, each as one row; 0 where the loss does not depend on it."""
        parts = torch.autograd.grad(loss, self.weights, materialize_grads=True)
        return tuple(part.reshape(-1) for part in parts)

    def state(self, dtype: torch.dtype) -> Mapping[str, Tensor]:
        """The weights by the keys of the card's file, on the CPU. The scale is in lora_B, so that no reader needs alpha."""
        found: dict[str, Tensor] = {}
        for number, module in enumerate(self.modules):
            down, up = self.weights[2 * number : 2 * number + 2]
            for factor, values in (("A", down), ("B", up * self.scale)):
                key = f"{_CARD_PREFIX}{module}.lora_{factor}.weight"
                found[key] = values.detach().to("cpu", dtype).contiguous()
        return found


def add_adapter(transformer: Any, layout: ModelLayout, shape: LoraShape, seed: int) -> Adapter:
    """Puts a new LoRA into a transformer, whose own weights are frozen. It changes nothing until it is trained.

    lora_A is drawn as peft draws it, from `seed` alone and the same on every machine; lora_B is 0.

    Raises:
        InputError: The model has no such layers.
    """
    modules = trained_layers(layout, shape)
    transformer.requires_grad_(False)
    names = "|".join(re.escape(name) for name in shape.modules)
    projections = "|".join(re.escape(name) for name in shape.projections)
    config = LoraConfig(
        r=shape.rank,
        lora_alpha=shape.alpha,
        lora_dropout=0.0,
        target_modules=rf"transformer_blocks\.\d+\.({names})\.({projections})",
    )
    transformer.add_adapter(config, adapter_name=_NAME)
    layers = [transformer.get_submodule(module) for module in modules]
    weights = tuple(factor[_NAME].weight for layer in layers for factor in (layer.lora_A, layer.lora_B))
    return Adapter(numbers=_in_one_row(weights, seed), weights=weights, modules=modules, scale=shape.alpha / shape.rank)


@torch.no_grad()
def _in_one_row(weights: tuple[nn.Parameter, ...], seed: int) -> Tensor:
    """Lays the weights into one float32 row, filled with what training begins from."""
    generator = torch.Generator().manual_seed(seed)
    sizes = [weight.numel() for weight in weights]
    row = torch.zeros(sum(sizes), device=weights[0].device)
    for number, (weight, place) in enumerate(zip(weights, torch.split(row, sizes), strict=True)):
        if number % 2 == 0:  # lora_A. Source: peft's default, Kaiming's uniform with a = sqrt(5)
            bound = 1 / math.sqrt(weight.shape[1])
            drawn = torch.empty(weight.shape).uniform_(-bound, bound, generator=generator)
            place.copy_(drawn.reshape(-1))
        weight.data = place.view(weight.shape)
    return row
