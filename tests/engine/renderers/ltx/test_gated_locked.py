"""Gated sound over a picture that stays: the fast path equals the stock transformer, gated, whose picture does not listen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import LTX2Pipeline

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.captions import TextModels, encoded
from sottovoce_engine.renderers.ltx.denoising import Conditions, PassByPass
from sottovoce_engine.renderers.ltx.gated_denoising import gated_conditions
from sottovoce_engine.renderers.ltx.gated_layers import gated
from sottovoce_engine.renderers.ltx.gated_locked import gated_locked_denoiser
from sottovoce_engine.renderers.ltx.gating import Gate
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.joined_layers import join_sound_layers
from sottovoce_engine.renderers.ltx.latents import Text
from sottovoce_engine.renderers.ltx.locked import LockedPlan
from sottovoce_engine.renderers.ltx.lora_file import LoraPair, read_lora
from sottovoce_engine.renderers.ltx.model_layout import layout_from_config
from sottovoce_engine.renderers.ltx.placement import Watched
from sottovoce_engine.renderers.ltx.streaming import place_transformer
from sottovoce_engine.take import Gating
from sottovoce_engine.timing import Span

from .gated_windows import NORMAL, RATE, WHISPER, gating_of
from .locked_sampling import SOME_PASSES, WHOLE, states_of
from .stock_sampling import NEGATIVE, SHAPE, TOKENS, relative_error

PAIR = gating_of((WHISPER, Span(1, 7)), (NORMAL, Span(9, 16)), edge_ms=200, leak=0.2)
ON_CARD = LockedPlan()
SHARP = gating_of((WHISPER, Span(1, 7)), (NORMAL, Span(9, 16)), edge_ms=0)


@pytest.fixture(scope="module")
def texts(stock: LTX2Pipeline) -> Mapping[str, Text]:
    models = TextModels(
        tokenizer=stock.tokenizer,
        encoder=stock.text_encoder,
        connectors=stock.connectors,
        device=torch.device("cpu"),
    )
    captions = [PAIR.caption, NEGATIVE, *(line.caption for line in PAIR.lines)]
    return {caption: encoded(caption, models, TOKENS) for caption in captions}


@pytest.fixture(scope="module")
def pairs(tiny_lora: Path, stock: LTX2Pipeline) -> tuple[LoraPair, ...]:
    return read_lora(tiny_lora, layout_from_config(dict(stock.transformer.config))).pairs


def conditions_for(
    texts: Mapping[str, Text], pairs: Sequence[LoraPair], gating: Gating, takes: int = 2
) -> tuple[Conditions, Gate]:
    joint = texts[gating.caption]
    plain = Conditions(
        shape=SHAPE,
        text=Text(video=joint.video.repeat(takes, 1, 1), audio=joint.audio.repeat(takes, 1, 1)),
        negative=texts[NEGATIVE],
        kept=WHOLE,
        perturbed_blocks=(1,),
    )
    return gated_conditions(plain, gating, pairs, texts, RATE)


def deaf(transformer: Any, conditions: Conditions, passes: tuple[Pass, ...], gate: Gate, level: float) -> Any:
    """The stock transformer, gated, its picture not listening to the sound."""

    def shut(_: Any, arguments: Any, named: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        return arguments, {**named, "use_a2v_cross_attention": False}

    handles = [block.register_forward_pre_hook(shut, with_kwargs=True) for block in transformer.transformer_blocks]
    try:
        with gated(transformer, gate):
            return PassByPass(transformer, conditions, passes).velocities(states_of(1, 2), level)
    finally:
        for handle in handles:
            handle.remove()


@torch.inference_mode()
def check_equal(
    transformer: Any,
    plain: Any,
    conditions: Conditions,
    gate: Gate,
    passes: tuple[Pass, ...],
    plan: LockedPlan = ON_CARD,
) -> None:
    denoiser = gated_locked_denoiser(transformer, conditions, passes, gate, Job(), plan)
    for level in (1.0, 0.725, 0.1):
        found = denoiser.velocities(states_of(1, 2), level)
        expected = deaf(plain, conditions, passes, gate, level)
        assert set(found) == set(passes)
        for kind in passes:
            assert relative_error(found[kind].audio, expected[kind].audio) <= 1e-5, (kind, level)


@pytest.mark.parametrize("gating", [PAIR, SHARP], ids=["soft", "sharp"])
@pytest.mark.parametrize("passes", SOME_PASSES, ids=lambda passes: "+".join(passes))
def test_every_pass_equals_the_stock_transformers(
    passes: tuple[Pass, ...], gating: Gating, stock: LTX2Pipeline, texts: Mapping[str, Text], pairs: Sequence[LoraPair]
) -> None:
    conditions, gate = conditions_for(texts, pairs, gating)
    check_equal(stock.transformer, stock.transformer, conditions, gate, passes)


def test_so_it_does_without_any_lora_and_over_joined_or_streamed_layers(
    stock: LTX2Pipeline, own_stock: LTX2Pipeline, texts: Mapping[str, Text], pairs: Sequence[LoraPair]
) -> None:
    words_alone = conditions_for(texts, (), PAIR)
    check_equal(stock.transformer, stock.transformer, *words_alone, SOME_PASSES[-1])
    gated_too = conditions_for(texts, pairs, PAIR)
    join_sound_layers(own_stock.transformer)
    check_equal(own_stock.transformer, stock.transformer, *gated_too, SOME_PASSES[-1])


@pytest.mark.parametrize("kept", Watched)
def test_so_it_does_over_streamed_blocks_wherever_states_are_kept(
    kept: Watched, stock: LTX2Pipeline, own_stock: LTX2Pipeline, texts: Mapping[str, Text], pairs: Sequence[LoraPair]
) -> None:
    place_transformer(own_stock.transformer, torch.device("cpu"), resident_blocks=1)
    gated_too = conditions_for(texts, pairs, PAIR)
    check_equal(own_stock.transformer, stock.transformer, *gated_too, SOME_PASSES[-1], LockedPlan(kept=kept))


def test_the_gate_and_the_words_both_tell(
    stock: LTX2Pipeline, texts: Mapping[str, Text], pairs: Sequence[LoraPair]
) -> None:
    """Otherwise that both paths agree says little."""

    def found(gating: Gating, pairs: Sequence[LoraPair]) -> Any:
        conditions, gate = conditions_for(texts, pairs, gating)
        with torch.inference_mode():
            denoiser = gated_locked_denoiser(stock.transformer, conditions, (Pass.POSITIVE,), gate, Job(), LockedPlan())
            return denoiser.velocities(states_of(1, 2), 0.7)[Pass.POSITIVE].audio

    sharp = found(SHARP, pairs)
    assert relative_error(found(SHARP, ()), sharp) > 0.02
    assert relative_error(found(PAIR, pairs), sharp) > 1e-3


def test_takes_side_by_side_are_the_takes_one_by_one(
    stock: LTX2Pipeline, texts: Mapping[str, Text], pairs: Sequence[LoraPair]
) -> None:
    with torch.inference_mode():
        both, gate = conditions_for(texts, pairs, PAIR)
        together = gated_locked_denoiser(
            stock.transformer, both, SOME_PASSES[-1], gate, Job(), LockedPlan()
        ).velocities(states_of(1, 2), 0.7)
        alone, gate = conditions_for(texts, pairs, PAIR, takes=1)
        denoiser = gated_locked_denoiser(stock.transformer, alone, SOME_PASSES[-1], gate, Job(), LockedPlan())
        for row, seed in enumerate((1, 2)):
            one = denoiser.velocities(states_of(seed), 0.7)
            for kind in SOME_PASSES[-1]:
                np.testing.assert_allclose(one[kind].audio[0], together[kind].audio[row], atol=1e-5)
