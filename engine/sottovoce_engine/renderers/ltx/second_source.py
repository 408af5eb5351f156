"""The second stage's transformer, where it has weights of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sottovoce_engine.renderers.ltx.checkpoint import Checkpoint
from sottovoce_engine.renderers.ltx.loading import CheckpointSource, ModelSource, Part
from sottovoce_engine.renderers.ltx.lora_file import LoraPair, read_lora
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.sources import lora_path
from sottovoce_engine.renderers.ltx.two_stages import second_checkpoint


def second_source(settings: LtxSettings, first: Checkpoint, device: torch.device) -> ModelSource | None:
    """Where the second stage's transformer comes from; None where it is the first's, or there is no second stage.

    Raises:
        SetupError: It is not on this machine, or none is named that can do without guidance.
        InputError: It is the checkpoint of another model, or both ways are named.
    """
    if not settings.upscaled:
        return None
    found = second_checkpoint(settings, first)
    source = CheckpointSource(checkpoint=found, settings=settings)
    if not settings.second_lora:
        return None if found is first else source
    return FusedSource(
        source=source,
        lora=lora_path(settings.second_lora),
        strength=settings.second_lora_strength,
        layout=found.layout,
        device=device,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedSource:
    """A source whose transformer has a LoRA in it for good."""

    source: ModelSource
    lora: Path
    strength: float
    layout: ModelLayout
    device: torch.device  # where it is computed, wherever the transformer lies

    def loaded(self, part: Part, device: torch.device) -> Any:
        model = self.source.loaded(part, device)
        if part is Part.TRANSFORMER:
            fuse(model, read_lora(self.lora, self.layout).pairs, self.strength, self.device)
        return model


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
