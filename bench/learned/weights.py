"""Weights on disk: a checkpoint as `sottovoce` reads one, and shards of at most 15 MiB that training goes on from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from bench.learned.sizes import LEARNED
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.random_weights import RandomSource
from sottovoce_engine.renderers.ltx.settings import LtxSettings

FOLDER = Path(".learned/weights")
_SHARD_BYTES = 15 * 2**20


def begun(part: Part, seed: int = 1) -> Any:
    """A part of the small model as torch begins it, on the CPU in float32."""
    torch.manual_seed(seed)
    settings = LtxSettings(random_weights=True, device="cpu", dtype="float32")
    return RandomSource(sizes=LEARNED, settings=settings).built(part)


def save_shards(name: str, tensors: Mapping[str, Tensor], folder: Path = FOLDER) -> None:
    """As `name-0.safetensors`, `name-1.safetensors` …; what was there of that name goes."""
    shards, size = list[dict[str, Tensor]]([{}]), 0
    for key, tensor in tensors.items():
        if size + tensor.nbytes > _SHARD_BYTES and shards[-1]:
            shards.append({})
            size = 0
        shards[-1][key] = tensor.detach().cpu().contiguous()
        size += tensor.nbytes
    folder.mkdir(parents=True, exist_ok=True)
    for number, shard in enumerate(shards):
        staged = folder / f".{name}-{number}.part"
        save_file(shard, staged)
        staged.replace(_shard(folder, name, number))
    number = len(shards)
    while (path := _shard(folder, name, number)).exists():
        path.unlink()
        number += 1


def read_shards(name: str, folder: Path = FOLDER) -> dict[str, Tensor]:
    """What `save_shards` wrote; empty where there is nothing."""
    tensors: dict[str, Tensor] = {}
    number = 0
    while (path := _shard(folder, name, number)).exists():
        tensors |= load_file(path)
        number += 1
    return tensors


def go_on_from(model: nn.Module, name: str, folder: Path = FOLDER) -> bool:
    """Puts the saved weights into the model; whether there are any."""
    tensors = read_shards(name, folder)
    if tensors:
        model.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})
    return bool(tensors)


def save_model(model: nn.Module, name: str, folder: Path = FOLDER) -> None:
    """The model's weights and statistics, float32; where training went astray, those saved before stay."""
    if not all(bool(weight.isfinite().all()) for weight in model.parameters()):
        print(f"{name}: not saved, its weights are no numbers any more", flush=True)
        return
    save_shards(name, {key: tensor.clone() for key, tensor in model.state_dict().items()}, folder)


def _shard(folder: Path, name: str, number: int) -> Path:
    return folder / f"{name}-{number}.safetensors"
