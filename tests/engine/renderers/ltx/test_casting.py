from copy import deepcopy
from pathlib import Path

import pytest
import torch
from diffusers import LTX2Pipeline
from torch import nn

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.bank import LoraState, WeightBank
from sottovoce_engine.renderers.ltx.casting import Fp8Linear, store_in_fp8
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import passes_for
from sottovoce_engine.renderers.ltx.latents import Latents, noise_for
from sottovoce_engine.renderers.ltx.lora_file import LoraPair, read_lora
from sottovoce_engine.renderers.ltx.model_layout import layout_from_config
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.sampling_settings import FAST
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels

from .stock_sampling import CAPTIONS, DENOISERS, SHAPE, Kind, relative_error, text_of

WHISPER = LoraState(lora="whisper", strength=1.0)


@pytest.fixture
def in_bf16(own_stock: LTX2Pipeline) -> LTX2Pipeline:
    own_stock.to(torch.bfloat16)
    return own_stock


@pytest.fixture
def whisper(tiny_lora: Path, own_stock: LTX2Pipeline) -> tuple[LoraPair, ...]:
    return read_lora(tiny_lora, layout_from_config(dict(own_stock.transformer.config))).pairs


def latents(pipeline: LTX2Pipeline, kind: Kind) -> Latents:
    conditions = Conditions(shape=SHAPE, text=text_of(pipeline, CAPTIONS[:1]))
    levels = noise_levels(FAST, SHAPE.video_tokens, ShiftSettings())
    return sampled(kind(pipeline.transformer, conditions, passes_for(FAST)), noise_for(1, SHAPE), levels, FAST, Job())


def test_takes_come_out_about_the_same(in_bf16: LTX2Pipeline) -> None:
    expected = latents(in_bf16, DENOISERS[1])
    store_in_fp8(in_bf16.transformer, ())
    for kind in DENOISERS:
        found = latents(in_bf16, kind)
        assert 1e-4 < relative_error(found.video, expected.video) < 0.05
        assert 1e-4 < relative_error(found.audio, expected.audio) < 0.05


def test_what_a_lora_changes_stays_in_bf16_and_can_be_swapped(
    in_bf16: LTX2Pipeline, whisper: tuple[LoraPair, ...]
) -> None:
    transformer = in_bf16.transformer
    names = {name for name, _ in transformer.named_parameters()}
    kept = {pair.module for pair in whisper}
    store_in_fp8(transformer, kept)
    cast = {name for name, module in transformer.named_modules() if isinstance(module, Fp8Linear)}
    assert "transformer_blocks.0.ff.net.2" in cast
    assert not cast & kept
    assert {name.split(".")[0] for name in cast} == {"transformer_blocks"}
    assert {name for name, _ in transformer.named_parameters()} == names
    bank = WeightBank(transformer)
    bank.prepare(WHISPER, whisper)
    bank.use(WHISPER)
    for name in cast:
        assert transformer.get_submodule(name).weight.dtype == torch.float8_e4m3fn


@pytest.mark.parametrize("size", [1.0, 1e-4, 300.0])
def test_a_row_uses_the_whole_range(size: float) -> None:
    torch.manual_seed(2)
    layer = nn.Linear(64, 16).to(torch.bfloat16)
    with torch.no_grad():
        layer.weight.copy_(torch.randn(16, 64) * size)
        layer.weight[3] = 0.0
        layer.weight[4] = 448.0 * 2.0**-7  # the largest that still fits, and what just does not
        layer.weight[5] = 464.0 * 2.0**-7
    exact = deepcopy(layer)
    cast = Fp8Linear(layer)
    restored = cast.weight.float() * cast.scale.float()
    expected = exact.weight.detach().float()
    assert ((restored - expected).abs() <= expected.abs() / 16 + expected.abs().amax(1, keepdim=True) / 2**17).all()
    filled = cast.weight.float().abs().amax(1)
    assert filled[3] == 0.0
    assert filled[4] == 448.0
    assert ((filled[5:] > 208.0) & (filled[5:] <= 448.0)).all()


def test_bf16_holds_what_is_multiplied(in_bf16: LTX2Pipeline) -> None:
    """The scale is a power of two, so scaling rounds nothing."""
    store_in_fp8(in_bf16.transformer, ())
    layer = in_bf16.transformer.get_submodule("transformer_blocks.0.attn1.to_q")
    exact = layer.weight.double() * layer.scale.double()
    assert torch.equal((layer.weight.to(torch.bfloat16) * layer.scale).double(), exact)
    tokens = torch.randn(1, 2, 64, dtype=torch.bfloat16)
    assert layer(tokens).dtype == torch.bfloat16
