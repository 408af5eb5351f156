"""What training needs of this machine, told before anything is loaded: no torch, no weights read.

transformer     whole on the card, in bf16 or, with memory = "fp8", half as large but for the layers that learn
LoRA            float32: its numbers, their gradient twice over, and two memories of AdamW
kept            what every block leaves for the way back; with gradient checkpointing only what goes into it

At 192x192x97 that comes to 42.1 GB with gradient checkpointing and 51.1 without, CUDA's own share and a margin among it.
Measured on an H200 (torch 2.11, tensors alone): 40.2 and 48.4.
"""

from collections.abc import Iterator
from dataclasses import replace

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.checkpoint import checkpoint
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape, latent_shape
from sottovoce_engine.renderers.ltx.machine_memory import graphics_card, host_free_bytes
from sottovoce_engine.renderers.ltx.memory_report import sizes_for
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3, ModelLayout
from sottovoce_engine.renderers.ltx.model_sizes import ModelSizes
from sottovoce_engine.renderers.ltx.settings import DISTILLED_MODEL, LtxSettings
from sottovoce_engine.renderers.ltx.training.lora_layers import lora_numbers
from sottovoce_engine.renderers.ltx.working_memory import CARD_MARGIN
from sottovoce_engine.training.recipe import Recipe
from sottovoce_engine.training.values import Dataset, MachinePlan

_WIDTHS = {"bfloat16": 2, "float32": 4}
_LORA_COPIES = 6  # of its numbers in float32: themselves, AdamW's two, their gradient in parts, in one row, and at work
_AT_WORK = 800_000_000  # the largest layers' results, the libraries' workspaces
_KEPT_OF_TOKEN = 40  # numbers of a stream's width that a block keeps of each token for the way back
_KEPT_OF_WORD = 2  # likewise of each of the caption's tokens
# Seconds a step of 569 tokens in bf16, with gradient checkpointing and without. Source: bench/RESULTS-ltx.md.
_MEASURED = {"H200": (0.288, 0.199)}
_MEASURED_TOKENS = 569


def machine_plan(dataset: Dataset, recipe: Recipe, settings: LtxSettings) -> MachinePlan:
    """What training a LoRA needs of the card, by estimate, and how long a step takes where that is known.

    Raises:
        InputError: The model has no such layers, or the checkpoint is another model's.
    """
    layout, missing = _layout(settings)
    shape = latent_shape(recipe.clips.frames, recipe.clips.raster, recipe.clips.rate)
    needed = _needed(sizes_for(settings), layout, shape, recipe, settings)
    card = None if settings.device == "cpu" else graphics_card()
    if card is None and settings.device != "cpu":
        device, free = "no NVIDIA card", 0
        notes = (*missing, "Training needs an NVIDIA card and its driver.")
    else:
        device, free = ("the processor", host_free_bytes()) if card is None else (card.name, card.free_bytes)
        quicker = _needed(sizes_for(settings), layout, shape, without_checkpointing(recipe), settings)
        notes = (*missing, *_notes(needed, quicker, free, recipe, settings, dataset))
    return MachinePlan(
        device=device,
        needed_bytes=needed,
        free_bytes=free,
        seconds_a_step=_seconds(device, shape, recipe, settings),
        notes=notes,
    )


def _layout(settings: LtxSettings) -> tuple[ModelLayout, tuple[str, ...]]:
    """Of the model that would be trained on, or as LTX-2.3 is known and why."""
    if settings.random_weights:
        from sottovoce_engine.renderers.ltx.random_weights import sizes_named

        return sizes_named(settings.random_size).layout, ()
    try:
        return checkpoint(settings.model, settings.text_model).layout, ()
    except SetupError as error:
        return LTX_2_3, (str(error),)


def without_checkpointing(recipe: Recipe) -> Recipe:
    """The same, with nothing computed again on the way back."""
    return replace(recipe, steps=replace(recipe.steps, gradient_checkpointing=False))


def _seconds(device: str, shape: LatentShape, recipe: Recipe, settings: LtxSettings) -> float | None:
    """Of a step, where it was measured on such a card: more tokens take longer, fewer are not counted on to be quicker."""
    known = next((seconds for name, seconds in _MEASURED.items() if name in device), None)
    if known is None or recipe.steps.dtype != "bfloat16" or settings.memory == "fp8":
        return None
    again, kept = known
    longer = max(1.0, (shape.video_tokens + shape.audio) / _MEASURED_TOKENS)
    return (again if recipe.steps.gradient_checkpointing else kept) * longer * recipe.steps.batch


def _notes(
    needed: int, quicker: int, free: int, recipe: Recipe, settings: LtxSettings, dataset: Dataset
) -> Iterator[str]:
    """What else a person should know before it starts; `quicker` is what it would need without gradient checkpointing."""
    if recipe.steps.gradient_checkpointing and quicker <= free:
        yield "There is room for gradient_checkpointing = false in the recipe, which takes about a third less time."
    if needed > free:
        if not recipe.steps.gradient_checkpointing:
            yield "gradient_checkpointing = true in the recipe needs less memory and takes longer."
        if settings.memory != "fp8":
            yield "memory = 'fp8' in the LTX settings halves the transformer; the layers that learn stay as they are."
    if settings.model == DISTILLED_MODEL or settings.preset == "fast":
        yield "The card's LoRA was trained on the dev weights: set preset = 'best', or name them as `model`."
    if recipe.validation.every and dataset.validation:
        times = recipe.steps.count // recipe.validation.every + 1
        yield (
            f"{len(dataset.validation)} lines are rendered about {times} times on the way, {settings.sampling.step_count} "
            "denoising steps each: that time comes on top."
        )


def _needed(sizes: ModelSizes, layout: ModelLayout, shape: LatentShape, recipe: Recipe, settings: LtxSettings) -> int:
    """The most that lies on the card at once, by estimate."""
    width = _WIDTHS[recipe.steps.dtype]
    rest = 1 if settings.memory == "fp8" else width
    weights = sizes.around_blocks * width
    weights += sizes.blocks * (sizes.block_lora * width + (sizes.block - sizes.block_lora) * rest)
    lora = _LORA_COPIES * 4 * lora_numbers(layout, recipe.lora)
    seen, heard = layout.modules["proj_in"][0], layout.modules["audio_proj_in"][0]
    into_block = (shape.video_tokens * seen + shape.audio * heard) * width
    block = _KEPT_OF_TOKEN * into_block + _KEPT_OF_WORD * settings.text_tokens * (seen + heard) * width
    if settings.memory == "fp8":
        block += (sizes.block - sizes.block_lora) * width  # as they are multiplied with, kept for the way back
    kept = into_block * sizes.blocks + block if recipe.steps.gradient_checkpointing else block * sizes.blocks
    return weights + lora + kept + _AT_WORK + CARD_MARGIN
