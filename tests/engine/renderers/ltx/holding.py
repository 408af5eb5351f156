"""The tiny checkpoint's models as a render holds them, on the CPU."""

from pathlib import Path

import torch

from sottovoce_engine.renderers.ltx.checkpoint import checkpoint
from sottovoce_engine.renderers.ltx.held_models import HeldModels
from sottovoce_engine.renderers.ltx.loading import CheckpointSource, ModelSource
from sottovoce_engine.renderers.ltx.model_sizes import sizes_in
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.working_memory import Load

LOAD = Load(video_tokens=24, audio_tokens=18, text_tokens=128, frames=17, pixels=64 * 96, passes=1)


def held_models(folder: Path, settings: LtxSettings, source: ModelSource | None = None) -> HeldModels:
    found = checkpoint(str(folder))
    source = source or CheckpointSource(checkpoint=found, settings=settings)
    models = HeldModels(source, sizes_in(folder), found.layout, settings, torch.device("cpu"))
    models.make_room_for(LOAD)
    return models
