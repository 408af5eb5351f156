import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sottovoce_engine.renderers.ltx.machine_memory import graphics_card
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3
from sottovoce_engine.renderers.ltx.settings import DISTILLED_MODEL, LtxSettings
from sottovoce_engine.renderers.ltx.training.lora_layers import lora_numbers, trained_layers
from sottovoce_engine.renderers.ltx.training.machine import machine_plan, without_checkpointing
from sottovoce_engine.training.recipe import LoraShape, Recipe
from sottovoce_engine.training.values import Dataset, MachinePlan

FULL = LtxSettings(device="cpu", random_weights=True)


def needed(data: Dataset, settings: LtxSettings = FULL, recipe: Recipe | None = None) -> float:
    """In GB."""
    return machine_plan(data, recipe or Recipe(), settings).needed_bytes / 1e9


def test_the_cards_lora_is_as_large_as_the_card_says() -> None:
    """48 blocks of 3 modules of 4 layers, each with two tensors: 1,152 of them, about 164 MB in bf16."""
    layers, numbers = trained_layers(LTX_2_3, LoraShape()), lora_numbers(LTX_2_3, LoraShape())
    assert 2 * len(layers) == 1_152
    assert frozenset(layers) == LTX_2_3.card_modules
    assert 2 * numbers == pytest.approx(164e6, rel=0.01)


def test_the_cards_recipe_needs_the_transformer_and_little_more(data: Dataset) -> None:
    """18.99 B parameters in bf16 are 38.0 GB, and 82 M numbers of float32 six times 2.0."""
    assert needed(data) == pytest.approx(42.1, abs=0.05)
    assert needed(data, recipe=without_checkpointing(Recipe())) == pytest.approx(51.1, abs=0.05)
    assert 19 + 2.8 + 2.0 < needed(data, replace(FULL, memory="fp8")) < 30
    assert needed(data, replace(FULL, memory="fp8"), without_checkpointing(Recipe())) > needed(
        data
    )  # nothing is gained
    in_float32 = replace(Recipe(), steps=replace(Recipe().steps, dtype="float32"))
    assert needed(data, recipe=in_float32) > 76


def card(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, mib: int) -> LtxSettings:
    """Settings for a machine whose driver says that it has such a card, and 900 MiB of it taken."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho '{name}, {mib}, {mib - 900}, 580.159.04'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return replace(FULL, device="auto")


def test_on_a_card_that_was_measured_it_says_how_long_a_step_takes(
    data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, recipe = card(tmp_path, monkeypatch, "NVIDIA H200", 143_771), Recipe()
    plan = machine_plan(data, recipe, settings)
    assert (plan.device, plan.fits, plan.seconds_a_step) == ("NVIDIA H200", True, 0.288)
    twice = replace(recipe, steps=replace(recipe.steps, batch=2))
    assert machine_plan(data, without_checkpointing(twice), settings).seconds_a_step == pytest.approx(2 * 0.199)
    longer = replace(recipe, clips=replace(recipe.clips, frames=193))  # 900 + 201 tokens
    assert machine_plan(data, longer, settings).seconds_a_step == pytest.approx(0.288 * 1_101 / 569)
    assert machine_plan(data, recipe, replace(settings, memory="fp8")).seconds_a_step is None


def test_what_does_not_fit_says_what_would_help(data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = card(tmp_path, monkeypatch, "NVIDIA GeForce RTX 4090", 24_564)
    plan = machine_plan(data, without_checkpointing(Recipe()), settings)
    assert (plan.fits, plan.seconds_a_step) == (False, None)
    assert [note.split(" in ")[0] for note in plan.notes[:2]] == ["gradient_checkpointing = true", "memory = 'fp8'"]
    large = card(tmp_path, monkeypatch, "NVIDIA RTX A6000", 49_140)
    assert machine_plan(data, Recipe(), large).fits
    assert not machine_plan(data, without_checkpointing(Recipe()), large).fits


def test_a_tiny_model_fits_anywhere(data: Dataset) -> None:
    tiny = replace(FULL, random_size="tiny")
    plan = machine_plan(data, Recipe(), tiny)
    assert plan.needed_bytes < 4e9
    assert plan.device == "the processor"
    assert plan.seconds_a_step is None
    assert any("room for gradient_checkpointing = false" in note for note in plan.notes)


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
