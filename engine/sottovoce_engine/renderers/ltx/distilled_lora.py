"""A LoRA that becomes part of the model, for as long as it is loaded."""

from collections.abc import Iterable
from typing import Any

import torch

from sottovoce_engine.renderers.ltx.lora_file import LoraPair


@torch.no_grad()
def fuse(transformer: Any, pairs: Iterable[LoraPair], strength: float, device: torch.device) -> None:
    """Adds strength * scale * up @ down to each weight, computed on `device` in float32 and rounded once.

    The base is gone afterwards: it comes from disk again. A shelf in the bank would be as large as the model,
    since Lightricks' distilled LoRA changes nearly every layer.
    """
    for pair in pairs:
        weight = transformer.get_submodule(pair.module).weight
        up, down = (torch.from_numpy(factor).to(device) for factor in (pair.up, pair.down))
        weight.copy_(torch.addmm(weight.to(device).float(), up, down, alpha=strength * pair.scale))
