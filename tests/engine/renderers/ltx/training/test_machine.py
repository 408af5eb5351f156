import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sottovoce_engine.renderers.ltx.machine_memory import graphics_card
from sottovoce_engine.renderers.ltx.settings import DISTILLED_MODEL, LtxSettings
from sottovoce_engine.renderers.ltx.training.machine import machine_plan
from sottovoce_engine.training.recipe import Recipe
from sottovoce_engine.training.values import Dataset, MachinePlan

FULL = LtxSettings(device="cpu", random_weights=True)


def needed(data: Dataset, settings: LtxSettings = FULL, recipe: Recipe | None = None) -> float:
    """In GB."""
    return machine_plan(data, recipe or Recipe(), settings).needed_bytes / 1e9


def without_checkpointing() -> Recipe:
    recipe = Recipe()
    return replace(recipe, steps=replace(recipe.steps, gradient_checkpointing=False))


def test_the_cards_recipe_needs_the_transformer_and_little_more(data: Dataset) -> None:
    """18.99 B parameters in bf16 are 38.0 GB, and 82 M numbers of float32 six times 2.0."""
    assert 42 < needed(data) < 48
    assert needed(data, recipe=without_checkpointing()) > needed(data) + 5
    assert 19 + 2.8 + 2.0 < needed(data, replace(FULL, memory="fp8")) < 30
    in_float32 = replace(Recipe(), steps=replace(Recipe().steps, dtype="float32"))
    assert needed(data, recipe=in_float32) > 76


def test_what_does_not_fit_says_what_would_help(data: Dataset) -> None:
    plan = machine_plan(data, without_checkpointing(), FULL)
    assert plan.fits is (plan.needed_bytes <= plan.free_bytes)
    if plan.fits:
        pytest.skip("this machine is large enough to train on")
    assert any(note.startswith("gradient_checkpointing = true") for note in plan.notes)
    assert any(note.startswith("memory = 'fp8'") for note in plan.notes)


def test_a_tiny_model_fits_anywhere(data: Dataset) -> None:
    tiny = replace(FULL, random_size="tiny")
    plan = machine_plan(data, Recipe(), tiny)
    assert plan.needed_bytes < 4e9
    assert plan.device == "the processor"


def test_a_missing_checkpoint_is_said_and_the_plan_is_for_ltx_2_3(data: Dataset) -> None:
    plan = machine_plan(data, Recipe(), LtxSettings(device="cpu", model="nobody/nothing"))
    assert plan.needed_bytes == machine_plan(data, Recipe(), FULL).needed_bytes
    assert "The model 'nobody/nothing' is not on this machine" in plan.notes[0]


def test_distilled_weights_are_said(data: Dataset) -> None:
    plan = machine_plan(data, Recipe(), LtxSettings(device="cpu", model=DISTILLED_MODEL))
    assert any("dev weights" in note for note in plan.notes)


@pytest.mark.skipif(graphics_card() is not None, reason="there is a card here")
def test_without_a_card_nothing_fits(data: Dataset) -> None:
    plan: MachinePlan = machine_plan(data, Recipe(), replace(FULL, device="auto"))
    assert (plan.fits, plan.free_bytes, plan.device) == (False, 0, "no NVIDIA card")


def test_a_plan_and_the_door_import_no_torch() -> None:
    code = (
        "import sys, sottovoce_engine.renderers.ltx.training.door, sottovoce_engine.renderers.ltx.training.machine;"
        "sys.exit('torch' in sys.modules or 'peft' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[5], timeout=60).returncode == 0
