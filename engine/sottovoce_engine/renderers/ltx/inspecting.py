"""What a file or folder of weights is, told from names and headers: no weights of a checkpoint are read, no torch."""

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.checkpoint import PARTS, WEIGHT_PARTS, checkpoint, part_files
from sottovoce_engine.renderers.ltx.lora_file import LoraReport, read_lora
from sottovoce_engine.renderers.ltx.lora_keys import Part, lora_key
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3, ModelLayout, layout_from_config
from sottovoce_engine.renderers.ltx.settings import LtxSettings
from sottovoce_engine.renderers.ltx.single_file_keys import FILE_PARTS, file_version, part_tensor
from sottovoce_engine.renderers.ltx.sources import found_at, lora_path
from sottovoce_engine.renderers.ltx.tensor_file import TensorEntry, TensorFile, tensor_file


class Fitness(StrEnum):
    """Whether a checkpoint can be rendered with as it is."""

    READY = "ready"
    LACKING = "lacking"  # something has to be fetched or named
    REFUSED = "refused"  # damaged, or of another model


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReport:
    """One part of a checkpoint."""

    name: str
    tensors: int
    parameters: int
    size_bytes: int
    dtypes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointReport:
    """What a checkpoint holds."""

    path: str
    form: str  # "folder" in diffusers' layout, or "single file"
    version: str  # of LTX; "" where it cannot be told
    parts: tuple[PartReport, ...]
    missing: tuple[str, ...]
    fitness: Fitness
    why: str  # not ready, in words; "" where it is

    @property
    def parameters(self) -> int:
        return sum(part.parameters for part in self.parts)

    @property
    def size_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)


def inspected(named: str, settings: LtxSettings) -> LoraReport | CheckpointReport:
    """What the file, folder or hub id named holds. A LoRA is checked against the settings' model, if it is here.

    Raises:
        SetupError: It is not on this machine.
        InputError: It is neither a checkpoint nor a LoRA, or a damaged one of either.
    """
    found = found_at(named)
    if found is None:
        raise SetupError(
            f"'{named}' is not on this machine. Check the path, or fetch the hub id: sottovoce models fetch"
        )
    if found.is_dir():
        if any((found / part).is_dir() for part in PARTS):
            return folder_report(found)
        found = lora_path(named)
    file = tensor_file(found)
    if any(key is not None and key.part is Part.DOWN for key in map(lora_key, file.entries)):
        return read_lora(found, layout_in_force(settings)).report
    if not any(part_tensor(name) is not None for name in file.entries):
        example = next(iter(file.entries), "nothing at all")
        raise InputError(f"'{found}' is neither a LoRA nor an LTX checkpoint. It holds '{example}', for example.")
    return file_report(file, settings)


def layout_in_force(settings: LtxSettings) -> ModelLayout:
    """Of the settings' model; that of LTX-2.3 where the model is not here or cannot be used."""
    try:
        return checkpoint(settings.model, settings.text_model).layout
    except (SetupError, InputError):
        return LTX_2_3


def folder_report(folder: Path) -> CheckpointReport:
    """A checkpoint in diffusers' layout.

    Raises:
        SetupError, InputError: A file of it cannot be read.
    """
    fitness, why = _fitness(str(folder), "")
    parts = []
    for name in PARTS:
        files = [file for file in part_files(folder / name) if file.exists()] if name in WEIGHT_PARTS else []
        if files:
            parts.append(_part(name, [entry for file in files for entry in _readable(file)]))
    missing = [name for name in PARTS if not any((folder / name).glob("*.json"))]
    there = {part.name for part in parts}
    missing += [f"weights of {name}" for name in WEIGHT_PARTS if name not in there and name not in missing]
    return CheckpointReport(
        path=str(folder),
        form="folder",
        version=_folder_version(folder),
        parts=tuple(parts),
        missing=tuple(missing),
        fitness=fitness,
        why=why,
    )


def file_report(file: TensorFile, settings: LtxSettings) -> CheckpointReport:
    """A checkpoint in a single file."""
    fitness, why = _fitness(str(file.path), settings.text_model)
    by_part: dict[str, list[TensorEntry]] = {}
    for key, entry in file.entries.items():
        tensor = part_tensor(key)
        if tensor is not None:
            by_part.setdefault(tensor.part, []).append(entry)
    return CheckpointReport(
        path=str(file.path),
        form="single file",
        version=file_version(file.entries),
        parts=tuple(_part(name, by_part[name]) for name in FILE_PARTS if name in by_part),
        missing=tuple(name for name in FILE_PARTS if name not in by_part),
        fitness=fitness,
        why=why,
    )


def _fitness(model: str, text_model: str) -> tuple[Fitness, str]:
    """Whether it can be rendered with, and why not."""
    try:
        checkpoint(model, text_model)
    except SetupError as error:
        return Fitness.LACKING, str(error)
    except InputError as error:
        return Fitness.REFUSED, str(error)
    return Fitness.READY, ""


def _folder_version(folder: Path) -> str:
    try:
        return layout_from_config(json.loads((folder / "transformer" / "config.json").read_bytes())).version
    except (OSError, ValueError, InputError):
        return ""


def _readable(file: Path) -> list[TensorEntry]:
    """A damaged file has been told of already: what it holds does not count."""
    try:
        return list(tensor_file(file).entries.values())
    except InputError:
        return []


def _part(name: str, entries: list[TensorEntry]) -> PartReport:
    return PartReport(
        name=name,
        tensors=len(entries),
        parameters=sum(math.prod(entry.shape) for entry in entries),
        size_bytes=sum(entry.end - entry.start for entry in entries),
        dtypes=tuple(sorted({entry.dtype for entry in entries})),
    )
