"""The trained LoRA as a file: the card's keys, and in its header what it is and how it was made.

diffusion_model.transformer_blocks.N.<module>.to_{q,k,v}.lora_{A,B}.weight    and to_out.0

This program, diffusers' `load_lora_weights` and ComfyUI read these names; no alpha is needed, as lora_B has the scale.

Source for ComfyUI: `model_lora_keys_unet` in its comfy/lora.py takes the model's own names, `diffusion_model.` before
them, and comfy/weight_adapter/lora.py the endings, with a scale of 1 where there is no alpha.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save

from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import RenderError, SetupError
from sottovoce_engine.media.durable import moved_into_place, staged_path
from sottovoce_engine.renderers.ltx.lora_file import read_lora
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout
from sottovoce_engine.renderers.ltx.training.adapter import Adapter
from sottovoce_engine.training.recipe import Recipe
from sottovoce_engine.training.values import Dataset

_DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def save_lora(path: Path, adapter: Adapter, header: Mapping[str, str], dtype: str, layout: ModelLayout) -> Path:
    """Writes the LoRA in the recipe's number type, and reads it again as rendering would.

    Raises:
        SetupError: The disk is full or cannot be written to.
        RenderError: It holds what is no numbers.
    """
    if not bool(torch.isfinite(adapter.numbers).all()):
        raise RenderError(
            "The LoRA holds what is no numbers (NaN or infinite), so it is not saved. Lower learning_rate in the recipe and "
            "train into another folder."
        )
    staged = staged_path(path.parent, "safetensors")
    try:
        # Not `save_file`, which makes files that their owner alone may read: a LoRA is made to be passed on.
        staged.write_bytes(save(dict(adapter.state(_DTYPES[dtype])), dict(header)))
        read_lora(staged, layout)
        moved_into_place(staged, path, "LoRA")
    except (OSError, SafetensorError) as error:
        raise SetupError(f"The LoRA cannot be written to '{path}': {error}. Make room on that disk.") from error
    finally:
        staged.unlink(missing_ok=True)
    return path


def lora_header(recipe: Recipe, dataset: Dataset, model: str, layout: ModelLayout, steps: int) -> dict[str, str]:
    """What stands in the file's header, as text.

    Args:
        recipe: How it was made.
        dataset: What of.
        model: Fingerprint of the checkpoint.
        layout: Of the transformer.
        steps: How many were taken.
    """
    voices = sorted({clip.voice for clip in dataset.train})
    registers = sorted({clip.register for clip in dataset.train})
    return {
        "format": "pt",
        "made_by": "sottovoce train",
        "base_model": f"LTX-{layout.version}",
        "base_model_fingerprint": model,
        "recipe": json.dumps(to_plain(recipe), ensure_ascii=False, sort_keys=True),
        "dataset": dataset.digest,
        "clips": str(len(dataset.train)),
        "voices": str(len(voices)),
        "registers": ", ".join(registers),
        "trigger": recipe.clips.trigger,
        "steps": str(steps),
    }
