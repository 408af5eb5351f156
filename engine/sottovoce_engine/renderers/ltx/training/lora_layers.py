"""The layers that a recipe trains, from a model's layout alone: no weights, no torch."""

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.renderers.ltx.model_layout import ModelLayout
from sottovoce_engine.training.recipe import LoraShape

_FIRST = "transformer_blocks.0."


def trained_layers(layout: ModelLayout, shape: LoraShape) -> tuple[str, ...]:
    """Their names in all blocks, sorted.

    Raises:
        InputError: The model has no such layers.
    """
    wanted = [f"{module}.{projection}" for module in shape.modules for projection in shape.projections]
    for name in wanted:
        if f"{_FIRST}{name}" not in layout.modules:
            known = sorted(key.removeprefix(_FIRST) for key in layout.modules if key.startswith(_FIRST))
            raise InputError(
                f"The recipe trains '{name}', which the blocks of this LTX-{layout.version} do not have. {nearest(name, known)}"
            )
    return tuple(sorted(f"transformer_blocks.{block}.{name}" for block in range(layout.blocks) for name in wanted))


def lora_numbers(layout: ModelLayout, shape: LoraShape) -> int:
    """How many numbers such a LoRA has.

    Raises:
        InputError: The model has no such layers.
    """
    return sum(shape.rank * sum(layout.modules[module]) for module in trained_layers(layout, shape))
