from pathlib import Path

import pytest
import torch
from diffusers import LTX2Pipeline
from torch import Tensor, nn

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.bank import BASE, LoraState, WeightBank
from sottovoce_engine.renderers.ltx.casting import store_in_fp8
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import passes_for
from sottovoce_engine.renderers.ltx.latents import Latents, noise_for
from sottovoce_engine.renderers.ltx.lora_file import LoraPair, read_lora
from sottovoce_engine.renderers.ltx.model_layout import layout_from_config
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.sampling_settings import Guidance, SamplingSettings
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels
from sottovoce_engine.renderers.ltx.streaming import StreamedBlocks, place_transformer

from .stock_sampling import CAPTIONS, DENOISERS, NEGATIVE, SHAPE, Kind, text_of
from .tiny_model import BLOCKS

CPU = torch.device("cpu")
WHISPER = LoraState(lora="whisper", strength=1.0)
DEV = SamplingSettings(steps=2, video=Guidance(), audio=Guidance(), perturbed_blocks=(1,))


@pytest.fixture
def whisper(tiny_lora: Path, own_stock: LTX2Pipeline) -> tuple[LoraPair, ...]:
    return read_lora(tiny_lora, layout_from_config(dict(own_stock.transformer.config))).pairs


def latents(pipeline: LTX2Pipeline, kind: Kind) -> Latents:
    conditions = Conditions(
        shape=SHAPE,
        text=text_of(pipeline, CAPTIONS[:1]),
        negative=text_of(pipeline, [NEGATIVE]),
        perturbed_blocks=DEV.perturbed_blocks,
    )
    levels = noise_levels(DEV, SHAPE.video_tokens, ShiftSettings())
    return sampled(kind(pipeline.transformer, conditions, passes_for(DEV)), noise_for(1, SHAPE), levels, DEV, Job())


def same(found: Latents, expected: Latents) -> bool:
    return torch.equal(found.video, expected.video) and torch.equal(found.audio, expected.audio)


@pytest.mark.parametrize("resident", range(BLOCKS + 1))
@pytest.mark.parametrize("kind", DENOISERS)
def test_streamed_blocks_give_the_same_bits(
    kind: Kind, resident: int, own_stock: LTX2Pipeline, whisper: tuple[LoraPair, ...]
) -> None:
    bank = WeightBank(own_stock.transformer)
    bank.prepare(WHISPER, whisper)
    base = latents(own_stock, kind)
    bank.use(WHISPER)
    whispering = latents(own_stock, kind)
    assert not same(whispering, base)
    bank.use(BASE)

    place_transformer(own_stock.transformer, CPU, resident_blocks=resident)
    assert isinstance(own_stock.transformer.transformer_blocks, StreamedBlocks) == (resident < BLOCKS)
    bank = WeightBank(own_stock.transformer)
    bank.prepare(WHISPER, whisper)
    for state, expected in ((BASE, base), (WHISPER, whispering), (BASE, base)):
        bank.use(state)
        assert same(latents(own_stock, kind), expected)


def test_a_streamed_transformer_keeps_its_names_and_weights(own_stock: LTX2Pipeline) -> None:
    transformer = own_stock.transformer
    before = {name: value.clone() for name, value in transformer.state_dict().items()}
    kept = transformer.get_submodule("transformer_blocks.2.attn1.to_q").weight
    place_transformer(transformer, CPU, resident_blocks=1)
    after = transformer.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert transformer.get_submodule("transformer_blocks.2.attn1.to_q").weight is kept
    assert len(transformer.transformer_blocks) == BLOCKS


def weights(block: nn.Module) -> list[Tensor]:
    return [weight.detach().clone() for weight in block.parameters()]


def test_only_two_blocks_are_held_at_a_time(own_stock: LTX2Pipeline) -> None:
    blocks = list(own_stock.transformer.transformer_blocks)
    expected = [weights(block) for block in blocks]
    streamed = StreamedBlocks(blocks, CPU, resident=0)
    places = []
    for block, held in zip(streamed, expected, strict=True):
        assert all(torch.equal(found, wanted) for found, wanted in zip(weights(block), held, strict=True))
        places.append(next(block.parameters()).data_ptr())
    assert places[0] == places[2] != places[1]
    assert places[0] not in {next(block.parameters()).data_ptr() for block in blocks}


def test_a_forward_that_broke_off_leaves_the_next_one_right(own_stock: LTX2Pipeline) -> None:
    kind = DENOISERS[1]
    expected = latents(own_stock, kind)
    place_transformer(own_stock.transformer, CPU, resident_blocks=0)
    passing = iter(own_stock.transformer.transformer_blocks)
    next(passing)
    next(passing)
    passing.close()
    assert same(latents(own_stock, kind), expected)


def test_blocks_in_fp8_are_streamed_too(own_stock: LTX2Pipeline, whisper: tuple[LoraPair, ...]) -> None:
    own_stock.to(torch.bfloat16)
    store_in_fp8(own_stock.transformer, {pair.module for pair in whisper if ".2." in pair.module})  # blocks differ
    expected = latents(own_stock, DENOISERS[1])
    place_transformer(own_stock.transformer, CPU, resident_blocks=0)
    assert same(latents(own_stock, DENOISERS[1]), expected)
