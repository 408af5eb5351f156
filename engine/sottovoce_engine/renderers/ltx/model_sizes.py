"""How many parameters each part of a checkpoint has: from its files' headers, or as LTX-2.3 is known. No torch."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.model_layout import is_card_module
from sottovoce_engine.renderers.ltx.tensor_file import TensorEntry, tensor_file

_BLOCK = re.compile(r"transformer_blocks\.(\d+)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSizes:
    """Parameters, not bytes: those depend on what they are held in."""

    blocks: int
    block: int  # the largest block
    block_lora: int  # of it, those in layers that the whisper & soft-spoken LoRA changes
    around_blocks: int  # of the transformer, outside its blocks
    text_encoder: int
    connectors: int
    largest_text_layer: int  # the one table or matrix that streaming the text encoder moves as a whole
    decoders: int  # video and audio VAE, both halves
    vocoder: int

    @property
    def transformer(self) -> int:
        return self.blocks * self.block + self.around_blocks

    @property
    def text(self) -> int:
        return self.text_encoder + self.connectors

    @property
    def lora_layers(self) -> int:
        """Of the whole transformer: what one state of the bank holds."""
        return self.blocks * self.block_lora


# Counted on models built without memory from the configs in `random_weights.py`, diffusers 0.42 and transformers 5.23.
LTX_2_3_SIZES = ModelSizes(
    blocks=48,
    block=386_695_360,
    block_lora=58_720_256,
    around_blocks=427_460_864,
    text_encoder=12_202_563_392,
    connectors=3_172_227_584,
    largest_text_layer=1_006_878_720,
    decoders=726_105_969 + 53_248_146,
    vocoder=128_537_448,
)

# Of `random_weights.py`, likewise.
RANDOM_TINY_SIZES = ModelSizes(
    blocks=3,
    block=98_380,
    block_lora=14_336,
    around_blocks=228_128,
    text_encoder=41_712,
    connectors=84_292,
    largest_text_layer=16_384,
    decoders=1_684_299 + 4_460_050,
    vocoder=130_014,
)


def sizes_in(folder: Path) -> ModelSizes:
    """The sizes of a checkpoint in diffusers' layout; LTX-2.3's where its files do not tell."""
    try:
        parts = {
            part: _tensors(folder / part)
            for part in ("transformer", "text_encoder", "connectors", "vae", "audio_vae", "vocoder")
        }
    except InputError:
        return LTX_2_3_SIZES
    if not all(parts.values()):
        return LTX_2_3_SIZES
    blocks: dict[int, list[tuple[str, int]]] = {}
    for name, size in parts["transformer"].items():
        found = _BLOCK.match(name)
        if found is not None:
            blocks.setdefault(int(found[1]), []).append((name, size))
    if not blocks:
        return LTX_2_3_SIZES
    largest = max(blocks.values(), key=_total)
    text = parts["text_encoder"] | parts["connectors"]
    return ModelSizes(
        blocks=len(blocks),
        block=_total(largest),
        block_lora=_total((name, size) for name, size in largest if _takes_a_lora(name)),
        around_blocks=sum(parts["transformer"].values()) - sum(_total(block) for block in blocks.values()),
        text_encoder=sum(parts["text_encoder"].values()),
        connectors=sum(parts["connectors"].values()),
        largest_text_layer=max(text.values()),
        decoders=sum(parts["vae"].values()) + sum(parts["audio_vae"].values()),
        vocoder=sum(parts["vocoder"].values()),
    )


def _tensors(folder: Path) -> dict[str, int]:
    """Every tensor's name and size, over all files of a part.

    Raises:
        InputError: A file is no whole `.safetensors` file.
    """
    found: dict[str, TensorEntry] = {}
    for path in sorted(folder.glob("*.safetensors")):
        found |= tensor_file(path).entries
    return {name: entry.size for name, entry in found.items()}


def _total(entries: Iterable[tuple[str, int]]) -> int:
    return sum(size for _, size in entries)


def _takes_a_lora(name: str) -> bool:
    layer, _, kind = name.rpartition(".")
    return kind == "weight" and ".to_" in layer and is_card_module(layer)
