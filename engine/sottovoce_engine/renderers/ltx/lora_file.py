"""A LoRA file, read and checked against a model before anything is rendered with it."""

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.lora_keys import LoraKey, Part, lora_key
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3, ModelLayout, is_card_module
from sottovoce_engine.renderers.ltx.tensor_file import TensorFile, tensor_file

_PEFT_METADATA = "lora_adapter_metadata"  # what diffusers' save_lora_adapter writes
_VERSION = re.compile(r"ltx\D{0,8}?(\d+)(?:[._](\d+))?")
_SHOWN = 3  # names in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraTarget:
    """One kind of module the LoRA changes, over all blocks."""

    name: str  # "audio_attn1", or a layer's own name outside the blocks
    layers: int  # how many linear layers of it
    of: int  # how many the model has


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraReport:
    """What a LoRA file holds, for a person to read before using it."""

    path: str
    size_bytes: int
    prefix: str  # what its keys start with
    dtypes: tuple[str, ...]
    tensors: int
    parameters: int
    ranks: tuple[int, ...]  # every rank that occurs
    alphas: tuple[float, ...]  # every alpha that occurs
    targets: tuple[LoraTarget, ...]
    matched: int  # layers of the model it changes
    model_version: str  # of the model it was checked against
    made_for: str  # the base model its header names; "" where it names none
    metadata: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraPair:
    """The change to one layer: `scale * up @ down` is added to its weight."""

    module: str
    down: NDArray[np.float32]  # [rank, inputs]
    up: NDArray[np.float32]  # [outputs, rank]
    scale: float  # alpha / rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """A LoRA that fits the model."""

    report: LoraReport
    pairs: tuple[LoraPair, ...]


def read_lora(path: Path, layout: ModelLayout = LTX_2_3) -> Lora:
    """The LoRA in a `.safetensors` file.

    Raises:
        InputError: The file is damaged or a pickle, is no LoRA or one of another kind, has weights that are
            no numbers, or does not fit the model.
    """
    file = tensor_file(path)
    keys = _keys(file)
    _check_fit(file, keys, layout)
    modules = sorted({key.module for key in keys.values()})
    by_part = {(key.module, key.part): name for name, key in keys.items()}
    pairs = tuple(_pair(file, by_part, module, layout) for module in modules)
    return Lora(report=_report(file, keys, pairs, layout), pairs=pairs)


def _keys(file: TensorFile) -> dict[str, LoraKey]:
    """The file's keys, read; each layer has one down and one up."""
    read = {name: lora_key(name) for name in file.entries}
    unknown = [name for name, key in read.items() if key is None]
    if len(unknown) == len(read):
        example = f" It holds '{unknown[0]}', for example." if unknown else ""
        raise InputError(f"'{file.path}' is no LoRA: it has no key that ends in lora_A or lora_down.{example}")
    if unknown:
        raise InputError(
            f"'{file.path}' is a LoRA of a kind that is not understood: {_some(unknown)}. Save it as a plain LoRA with "
            "lora_A, lora_B and alpha."
        )
    keys = {name: key for name, key in read.items() if key is not None}
    counted = Counter((key.module, key.part) for key in keys.values())
    for module in {key.module for key in keys.values()}:
        if (counted[module, Part.DOWN], counted[module, Part.UP]) != (1, 1) or counted[module, Part.ALPHA] > 1:
            raise InputError(
                f"'{file.path}' does not hold exactly one lora_A and one lora_B for '{module}'. Download it again."
            )
    return keys


def _check_fit(file: TensorFile, keys: dict[str, LoraKey], layout: ModelLayout) -> None:
    """Every layer exists in the model and has the shape the LoRA expects."""
    missing = sorted({key.module for key in keys.values()} - layout.modules.keys())
    if missing:
        found = len({key.module for key in keys.values()}) - len(missing)
        raise InputError(
            f"'{file.path}' was made for another model: LTX-{layout.version} with {layout.blocks} blocks has no "
            f"{_some(missing)}; {found} of its {found + len(missing)} layers fit. Use a LoRA for LTX-{layout.version}."
        )
    for name, key in keys.items():
        if key.part is Part.ALPHA:
            continue
        shape, (outputs, inputs) = file.entries[name].shape, layout.modules[key.module]
        wanted = inputs if key.part is Part.DOWN else outputs
        side = 1 if key.part is Part.DOWN else 0
        if len(shape) != 2 or shape[side] != wanted:
            raise InputError(
                f"'{file.path}' was made for another model: '{name}' has the shape {list(shape)}, and the layer of "
                f"LTX-{layout.version} has {inputs} inputs and {outputs} outputs. Use a LoRA for LTX-{layout.version}."
            )


def _pair(file: TensorFile, by_part: dict[tuple[str, Part], str], module: str, layout: ModelLayout) -> LoraPair:
    down, up = (file.values(by_part[module, part]) for part in (Part.DOWN, Part.UP))
    if down.shape[0] != up.shape[1] or down.shape[0] < 1:
        raise InputError(
            f"'{file.path}' has two ranks for '{module}': lora_A has {down.shape[0]}, lora_B {up.shape[1]}. Download it "
            "again."
        )
    if down.shape[0] > min(layout.modules[module]):
        raise InputError(f"'{file.path}' has rank {down.shape[0]} for '{module}', more than the layer's own size.")
    for values in (down, up):
        if not np.isfinite(values).all():
            raise InputError(
                f"'{file.path}' holds weights that are no numbers (NaN or infinite) for '{module}'. Its training failed "
                "or the file is damaged: download it again, or use another."
            )
    return LoraPair(module=module, down=down, up=up, scale=_alpha(file, by_part, module, down.shape[0]) / down.shape[0])


def _alpha(file: TensorFile, by_part: dict[tuple[str, Part], str], module: str, rank: int) -> float:
    """From the layer's own key, else from what peft wrote into the header, else the rank: a scale of 1."""
    name = by_part.get((module, Part.ALPHA))
    if name is not None:
        values = file.values(name)
        alpha = float(values.reshape(-1)[0]) if values.size == 1 else math.nan
    else:
        alpha = _alpha_in_header(file, rank)
    if not math.isfinite(alpha):
        raise InputError(f"'{file.path}' has an alpha for '{module}' that is no number. Download it again.")
    return alpha


def _alpha_in_header(file: TensorFile, rank: int) -> float:
    try:
        given = json.loads(file.metadata.get(_PEFT_METADATA, "{}"))
        given = {key.removeprefix("transformer."): value for key, value in given.items()}
        alpha = float(given.get("lora_alpha", rank))
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"'{file.path}' has damaged '{_PEFT_METADATA}' in its header. Save it again.") from error
    special = [key for key in ("alpha_pattern", "use_rslora", "use_dora") if given.get(key)]
    if special:
        raise InputError(
            f"'{file.path}' is scaled layer by layer ({', '.join(special)}), which is not understood. Save it with an "
            "alpha key for every layer."
        )
    return alpha


def _report(file: TensorFile, keys: dict[str, LoraKey], pairs: tuple[LoraPair, ...], layout: ModelLayout) -> LoraReport:
    touched = Counter(_target(pair.module) for pair in pairs)
    there = Counter(_target(name) for name in layout.modules if not name.endswith("to_gate_logits"))
    prefixes = sorted({key.prefix for key in keys.values()})
    return LoraReport(
        path=str(file.path),
        size_bytes=file.path.stat().st_size,
        prefix=" and ".join(prefix or "none" for prefix in prefixes),
        dtypes=tuple(sorted({entry.dtype for entry in file.entries.values()})),
        tensors=len(file.entries),
        parameters=sum(pair.down.size + pair.up.size for pair in pairs),
        ranks=tuple(sorted({pair.down.shape[0] for pair in pairs})),
        alphas=tuple(sorted({pair.scale * pair.down.shape[0] for pair in pairs})),
        targets=tuple(
            LoraTarget(name=name, layers=count, of=max(count, there[name])) for name, count in sorted(touched.items())
        ),
        matched=len(pairs),
        model_version=layout.version,
        made_for=_made_for(file),
        metadata=tuple(sorted(file.metadata.items())),
        warnings=_warnings(file, pairs, layout),
    )


def _warnings(file: TensorFile, pairs: tuple[LoraPair, ...], layout: ModelLayout) -> tuple[str, ...]:
    found: list[str] = []
    touched = {pair.module for pair in pairs}
    beyond = sorted({_target(name) for name in touched if not is_card_module(name)})
    if beyond:
        found.append(
            f"It also changes {_some(beyond)}, beyond the sound's three modules: the picture and other registers' "
            "timing may change with it."
        )
    absent = layout.card_modules - touched
    if absent:
        found.append(
            f"It leaves {len(absent)} of the {len(layout.card_modules)} layers of audio_attn1, audio_attn2 and "
            "video_to_audio_attn as they are; the whisper & soft-spoken LoRA changes all of them."
        )
    still = sum(not pair.up.any() or not pair.down.any() or not pair.scale for pair in pairs)
    if still:
        found.append(f"{still} of its {len(pairs)} layers change nothing: their weights are all zero.")
    made_for = _made_for(file)
    if made_for and _version_in(made_for) != layout.version:
        found.append(f"Its header says it was made for {made_for}; on LTX-{layout.version} it may work poorly.")
    return tuple(found)


def _made_for(file: TensorFile) -> str:
    """The base model its header names, as it names it; only an LTX model counts, and the most exact name of several."""
    named = [value for key, value in sorted(file.metadata.items()) if "base" in key.lower() or "arch" in key.lower()]
    return max(
        (value for value in named if _version_in(value)), key=lambda value: "." in _version_in(value), default=""
    )


def _version_in(name: str) -> str:
    """The version in a model's name: "2.3" in "Lightricks/LTX-2.3" and in "ltx2_3", "2" in "ltx-2-19b-dev"."""
    match = _VERSION.search(name.lower())
    return ".".join(part for part in match.groups() if part) if match is not None else ""


def _target(module: str) -> str:
    """The kind of module a layer belongs to: `transformer_blocks.7.audio_attn1.to_q` is of `audio_attn1`."""
    parts = module.split(".")
    return parts[2] if parts[0] == "transformer_blocks" and len(parts) > 2 else module


def _some(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
