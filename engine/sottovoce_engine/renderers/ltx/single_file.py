"""One part of LTX-2.3's single-file checkpoint as diffusers' model."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from safetensors import safe_open
from torch import Tensor

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.single_file_keys import part_tensor

_SHOWN = 3  # names in a message


def part_from(file: Path, kind: Any, folder: Path, dtype: torch.dtype) -> Any:
    """The part, on the CPU, with every weight from the file.

    Args:
        file: The single file.
        kind: diffusers' class of the part.
        folder: The part's folder in a checkpoint of diffusers' layout: its name says which part, its config
            how the part is built. Weights in it are not read.
        dtype: Of all weights.

    Raises:
        InputError: The file's part and the config do not belong together.
    """
    with _built_in(dtype), init_empty_weights():
        model = kind.from_config(kind.load_config(folder, local_files_only=True))
    wanted = model.state_dict()
    weights = _weights(file, folder.name, dtype)
    _check(file, folder, wanted, weights)
    model.load_state_dict(weights, strict=True, assign=True)
    return model.eval()


@contextmanager
def _built_in(dtype: torch.dtype) -> Iterator[None]:
    """Builds what a model computes for itself in `dtype`, as `from_pretrained` does."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _weights(file: Path, part: str, dtype: torch.dtype) -> dict[str, Tensor]:
    weights: dict[str, Tensor] = {}
    with safe_open(file, framework="pt") as stored:
        for key in stored.keys():  # noqa: SIM118  no dict
            tensor = part_tensor(key)
            if tensor is not None and tensor.part == part:
                weights[tensor.name] = stored.get_tensor(key).to(dtype)
    return weights


def _check(file: Path, folder: Path, wanted: dict[str, Tensor], weights: dict[str, Tensor]) -> None:
    missing = sorted(wanted.keys() - weights.keys())
    beyond = sorted(weights.keys() - wanted.keys())
    other = sorted(name for name in wanted.keys() & weights.keys() if wanted[name].shape != weights[name].shape)
    for found, what in (
        (missing, "lacks"),
        (beyond, "has, and the config does not know,"),
        (other, "has in another shape"),
    ):
        if found:
            names = ", ".join(f"'{name}'" for name in found[:_SHOWN])
            raise InputError(
                f"'{file}' and the config of '{folder}' do not belong together: of the {folder.name}, the file {what} "
                f"{len(found)} of {len(wanted)} tensors ({names}). Name as `text_model` a checkpoint of the same model."
            )
