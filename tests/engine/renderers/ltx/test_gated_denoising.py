"""A LoRA gated token by token: off where its share is 0, on where it is 1, in every guidance pass."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import LTX2Pipeline
from torch import Tensor

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.ltx.bank import LoraState, WeightBank
from sottovoce_engine.renderers.ltx.denoising import Conditions, PassByPass
from sottovoce_engine.renderers.ltx.gated_denoising import GatedDenoiser
from sottovoce_engine.renderers.ltx.gated_layers import check_gateable, gated
from sottovoce_engine.renderers.ltx.gating import gate_for
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import KeptVideo, Latents, noise_for, stacked
from sottovoce_engine.renderers.ltx.lora_file import LoraPair, read_lora
from sottovoce_engine.renderers.ltx.model_layout import layout_from_config
from sottovoce_engine.renderers.ltx.streaming import place_transformer

from .stock_sampling import CAPTIONS, NEGATIVE, SHAPE, relative_error, text_of
from .tiny_model import save_tiny_lora

STRENGTH = 0.8
PASSES = tuple(Pass)
LEVELS = (1.0, 0.725, 0.1)
NONE, ALL = np.zeros(SHAPE.audio, np.float32), np.ones(SHAPE.audio, np.float32)


@pytest.fixture(scope="module")
def pairs(tiny_lora: Path, stock: LTX2Pipeline) -> tuple[LoraPair, ...]:
    return read_lora(tiny_lora, layout_from_config(dict(stock.transformer.config))).pairs


@pytest.fixture(scope="module")
def conditions(stock: LTX2Pipeline) -> Conditions:
    return Conditions(
        shape=SHAPE, text=text_of(stock, CAPTIONS), negative=text_of(stock, [NEGATIVE]), perturbed_blocks=(1,)
    )


@pytest.fixture(scope="module")
def fused(stock: LTX2Pipeline, pairs: tuple[LoraPair, ...]) -> Any:
    """The transformer with the LoRA in its weights, as every other batch is sampled."""
    transformer = copy.deepcopy(stock.transformer)
    bank, state = WeightBank(transformer), LoraState(lora="tiny", strength=STRENGTH)
    bank.prepare(state, pairs)
    bank.use(state)
    return transformer


STATE = stacked([noise_for(seed, SHAPE) for seed in (1, 2)])


@torch.inference_mode()
def plain(transformer: Any, conditions: Conditions, level: float = 0.725) -> dict[Pass, Latents]:
    return dict(PassByPass(transformer, conditions, PASSES).velocities(STATE, level))


@torch.inference_mode()
def found(
    transformer: Any, conditions: Conditions, pairs: tuple[LoraPair, ...], share: Any, level: float = 0.725
) -> dict[Pass, Latents]:
    gate = gate_for(pairs, STRENGTH, share, transformer.proj_in.weight)
    return dict(GatedDenoiser(transformer, conditions, PASSES, gate).velocities(STATE, level))


def check_equal(one: dict[Pass, Latents], other: dict[Pass, Latents]) -> None:
    for kind in PASSES:
        assert relative_error(one[kind].audio, other[kind].audio) <= 1e-5, kind
        assert relative_error(one[kind].video, other[kind].video) <= 1e-5, kind


@pytest.mark.parametrize("level", LEVELS)
def test_shut_everywhere_is_the_lora_off_and_open_everywhere_is_it_on(
    level: float, stock: LTX2Pipeline, fused: Any, conditions: Conditions, pairs: tuple[LoraPair, ...]
) -> None:
    check_equal(found(stock.transformer, conditions, pairs, NONE, level), plain(stock.transformer, conditions, level))
    check_equal(found(stock.transformer, conditions, pairs, ALL, level), plain(fused, conditions, level))


def test_the_lora_does_something_in_every_pass(stock: LTX2Pipeline, fused: Any, conditions: Conditions) -> None:
    """Otherwise that its gate is equal to its absence says little."""
    off, on = plain(stock.transformer, conditions), plain(fused, conditions)
    assert min(relative_error(on[kind].audio, off[kind].audio) for kind in PASSES) > 0.05


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_half_open_lies_between(
    share: float, stock: LTX2Pipeline, fused: Any, conditions: Conditions, pairs: tuple[LoraPair, ...]
) -> None:
    off, on = plain(stock.transformer, conditions), plain(fused, conditions)
    half = found(stock.transformer, conditions, pairs, share * ALL)
    for kind in PASSES:
        apart = float((on[kind].audio - off[kind].audio).norm())
        assert 0.05 * apart < float((half[kind].audio - off[kind].audio).norm()) < apart, kind
        assert 0.05 * apart < float((half[kind].audio - on[kind].audio).norm()) < apart, kind


def own_part(change: Tensor, share: Any) -> tuple[float, float]:
    """How far the open tokens moved, and how far the shut ones."""
    moved = change.norm(dim=(0, 2)).numpy()
    return float(np.median(moved[share == 1.0])), float(np.median(moved[share == 0.0]))


def test_a_gate_open_for_half_the_window_acts_mostly_there(
    stock: LTX2Pipeline, conditions: Conditions, pairs: tuple[LoraPair, ...]
) -> None:
    off = plain(stock.transformer, conditions)[Pass.POSITIVE].audio
    for share in (np.where(np.arange(SHAPE.audio) < SHAPE.audio // 2, ALL, NONE), NONE.copy()):
        if not share.any():
            share[SHAPE.audio // 2 :] = 1.0
        half = found(stock.transformer, conditions, pairs, share)[Pass.POSITIVE].audio
        open_moved, shut_moved = own_part(half - off, share)
        assert open_moved > 2 * shut_moved


@torch.inference_mode()
def test_in_each_of_the_three_modules_a_token_has_its_own_share(
    stock: LTX2Pipeline, fused: Any, pairs: tuple[LoraPair, ...]
) -> None:
    """One layer of attention by itself, asked by sound: nothing bleeds from token to token but through keys of sound."""
    share = np.where(np.arange(SHAPE.audio) < 6, ALL, NONE)
    opened, shut = torch.from_numpy(share) == 1.0, torch.from_numpy(share) == 0.0
    gate = gate_for(pairs, STRENGTH, share, stock.transformer.proj_in.weight)
    generator = torch.Generator().manual_seed(3)
    sound = torch.randn(1, SHAPE.audio, 32, generator=generator)
    for name, width in (("audio_attn2", 32), ("video_to_audio_attn", 64)):
        answering = torch.randn(1, 40, width, generator=generator)
        base, changed = (getattr(each.transformer_blocks[1], name) for each in (stock.transformer, fused))
        off, on = base(sound, answering), changed(sound, answering)
        with gated(stock.transformer, gate):
            mixed = base(sound, answering)
        torch.testing.assert_close(mixed[:, opened], on[:, opened], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(mixed[:, shut], off[:, shut], rtol=1e-5, atol=1e-6)
        assert relative_error(on, off) > 0.05


def test_afterwards_the_transformer_is_as_it_was(
    stock: LTX2Pipeline, conditions: Conditions, pairs: tuple[LoraPair, ...]
) -> None:
    before = plain(stock.transformer, conditions)
    processors = {name: id(processor) for name, processor in stock.transformer.attn_processors.items()}
    gate = gate_for(pairs, STRENGTH, ALL, stock.transformer.proj_in.weight)
    with pytest.raises(KeyboardInterrupt), gated(stock.transformer, gate):
        raise KeyboardInterrupt
    assert {name: id(processor) for name, processor in stock.transformer.attn_processors.items()} == processors
    after = plain(stock.transformer, conditions)
    assert all(torch.equal(before[kind].audio, after[kind].audio) for kind in PASSES)


def test_streamed_blocks_are_gated_as_well(
    stock: LTX2Pipeline, fused: Any, conditions: Conditions, pairs: tuple[LoraPair, ...]
) -> None:
    streamed = copy.deepcopy(stock.transformer)
    place_transformer(streamed, torch.device("cpu"), resident_blocks=1)
    check_equal(found(streamed, conditions, pairs, ALL), plain(fused, conditions))


def test_the_picture_is_moved_by_the_sound_alone(
    stock: LTX2Pipeline, conditions: Conditions, pairs: tuple[LoraPair, ...]
) -> None:
    """Where it neither listens nor is sampled, no share changes a bit of it."""
    kept = KeptVideo(share=torch.ones(SHAPE.video_tokens), clean=STATE.video[:1])
    isolated = Conditions(shape=SHAPE, text=conditions.text, kept=kept)
    gate = gate_for(pairs, STRENGTH, ALL, stock.transformer.proj_in.weight)
    with torch.inference_mode():
        off = PassByPass(stock.transformer, isolated, (Pass.ISOLATED,)).velocities(STATE, 0.5)[Pass.ISOLATED]
        on = GatedDenoiser(stock.transformer, isolated, (Pass.ISOLATED,), gate).velocities(STATE, 0.5)[Pass.ISOLATED]
    assert torch.equal(on.video, off.video)
    assert not torch.equal(on.audio, off.audio)


def test_a_lora_of_other_layers_cannot_be_gated(tmp_path: Path, tiny_lora: Path, stock: LTX2Pipeline) -> None:
    path = save_tiny_lora(tmp_path / "other.safetensors", targets=r".*\.(audio_attn1|attn1)\.(to_q|to_v)")
    layout = layout_from_config(dict(stock.transformer.config))
    with pytest.raises(InputError, match=r"other\.safetensors' also changes 'transformer_blocks\.0\.attn1\.to_q'"):
        check_gateable(read_lora(path, layout), layout)
    check_gateable(read_lora(tiny_lora, layout), layout)


def test_another_version_of_the_model_cannot_be_gated(stock: LTX2Pipeline) -> None:
    layout = layout_from_config({**stock.transformer.config, "use_prompt_embeddings": True})
    with pytest.raises(SetupError, match=r"this model is LTX-2\.0\. Name an LTX-2\.3 checkpoint"):
        check_gateable(None, layout)
