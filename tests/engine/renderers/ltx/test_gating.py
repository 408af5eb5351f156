"""Which audio token belongs to which line, what of the LoRA acts on it, and which words it reads."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import LTX2Pipeline
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from sottovoce_engine.renderers.ltx.captions import TextModels, encoded
from sottovoce_engine.renderers.ltx.denoising import Conditions, PassByPass
from sottovoce_engine.renderers.ltx.gating import bound_words, line_weights, lora_share, token_seconds
from sottovoce_engine.renderers.ltx.guidance import Pass
from sottovoce_engine.renderers.ltx.latents import Text, noise_for
from sottovoce_engine.take import Gating
from sottovoce_engine.timing import Span

from .gated_windows import BEN, NORMAL, RATE, WHISPER, gating_of
from .stock_sampling import NEGATIVE, SHAPE, TOKENS, relative_error

PAIR = gating_of((WHISPER, Span(12, 36)), (NORMAL, Span(60, 84)), model_frames=97)
SOFTER = replace(PAIR.lines[0].register, name="softer", lora=0.5)


def weights(gating: Gating, tokens: int = 101) -> Any:
    return line_weights(gating, RATE, tokens)


def test_tokens_lie_where_the_model_hears_them(stock: LTX2Pipeline) -> None:
    places = stock.transformer.audio_rope.prepare_audio_coords(1, 101, torch.device("cpu"))
    np.testing.assert_allclose(token_seconds(101), places[0, 0].mean(dim=-1).numpy(), atol=1e-6)


def test_a_lines_part_reaches_half_way_to_the_next_and_gives_way_softly() -> None:
    first, second = weights(PAIR)
    seconds = token_seconds(101)  # half-way lies at frame 48, 2 s
    np.testing.assert_array_equal(first[seconds < 1.96], 1.0)
    np.testing.assert_array_equal(second[seconds > 2.04], 1.0)
    between = first[(first > 0) & (first < 1)]  # of the tokens in the middle of 1.99 s and 2.03 s
    np.testing.assert_allclose(between, [0.5 + 0.01 / 0.08, 0.5 - 0.03 / 0.08], atol=1e-6)


def test_without_an_edge_every_token_belongs_to_one_line() -> None:
    assert set(np.unique(weights(replace(PAIR, edge_ms=0)))) == {0.0, 1.0}


def test_a_wider_edge_takes_more_tokens() -> None:
    partly = [((each > 0) & (each < 1)).sum() for each in (weights(replace(PAIR, edge_ms=ms))[0] for ms in (80, 400))]
    assert partly == [2, 10]


@given(
    st.lists(st.integers(0, 20), min_size=4, max_size=8).filter(lambda gaps: len(gaps) % 2 == 0),
    st.integers(0, 1000),
    st.sampled_from([Fraction(24), Fraction(24_000, 1001), Fraction(50)]),
)
def test_a_tokens_weights_add_up_to_one(gaps: list[int], edge_ms: int, rate: Fraction) -> None:
    at = np.cumsum([gap + (index % 2) for index, gap in enumerate(gaps)]).tolist()
    lines = [(WHISPER, Span(at[2 * index], at[2 * index + 1])) for index in range(len(at) // 2)]
    found = line_weights(gating_of(*lines, model_frames=97, edge_ms=edge_ms), rate, 60)
    np.testing.assert_allclose(found.sum(axis=0), 1.0, atol=1e-6)
    assert found.min() >= 0.0
    assert found.shape == (len(lines), 60)


def test_the_lora_acts_on_each_token_as_its_lines_register_asks() -> None:
    lines = (*PAIR.lines, replace(PAIR.lines[1], span=Span(88, 96), register=SOFTER))
    three = replace(PAIR, lines=lines, edge_ms=0)
    share = lora_share(three, weights(three))
    seconds = token_seconds(101)
    np.testing.assert_array_equal(share[seconds < 2.0], 1.0)
    np.testing.assert_array_equal(share[(seconds > 2.0) & (seconds < 86 / 24)], 0.0)
    np.testing.assert_array_equal(share[seconds > 86 / 24], 0.5)
    assert three.strongest.name == "whisper"


def test_where_no_register_asks_for_the_lora_its_share_is_none() -> None:
    normal = replace(PAIR, lines=(replace(PAIR.lines[0], register=PAIR.lines[1].register), PAIR.lines[1]))
    np.testing.assert_array_equal(lora_share(normal, weights(normal)), 0.0)


@pytest.fixture(scope="module")
def models(stock: LTX2Pipeline) -> TextModels:
    return TextModels(
        tokenizer=stock.tokenizer,
        encoder=stock.text_encoder,
        connectors=stock.connectors,
        device=torch.device("cpu"),
    )


WITHIN = gating_of((WHISPER, Span(0, 8)), (NORMAL, Span(9, 17)), edge_ms=0)
OTHERS = gating_of((WHISPER, Span(0, 8)), (("normal", BEN, "what is that noise?"), Span(9, 17)), edge_ms=0)


def read_by(gating: Gating, models: TextModels, leak: float) -> tuple[Tensor, Tensor]:
    own = [encoded(line.caption, models, TOKENS).audio for line in gating.lines]
    return bound_words(own, line_weights(gating, RATE, SHAPE.audio), leak)


def said_to_sound(stock: LTX2Pipeline, gating: Gating, models: TextModels, leak: float) -> Tensor:
    """What the second block's attention to the words gives each audio token."""
    text, bias = read_by(gating, models, leak)
    sound = torch.randn(1, SHAPE.audio, 32, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        found: Tensor = stock.transformer.transformer_blocks[1].audio_attn2(
            sound, encoder_hidden_states=text, attention_mask=bias[None]
        )
    return found[0]


FIRST = line_weights(WITHIN, RATE, SHAPE.audio)[0] == 1.0


def test_another_lines_words_change_nothing_of_what_a_line_reads(stock: LTX2Pipeline, models: TextModels) -> None:
    """From the words on: through text encoder and connectors, to what the attention gives."""
    before, after = (said_to_sound(stock, gating, models, 0.0) for gating in (WITHIN, OTHERS))
    assert torch.equal(before[FIRST], after[FIRST])
    assert relative_error(after[~FIRST], before[~FIRST]) > 0.01


def test_words_leak_as_far_as_asked(stock: LTX2Pipeline, models: TextModels) -> None:
    def moved(leak: float) -> float:
        before, after = (said_to_sound(stock, gating, models, leak) for gating in (WITHIN, OTHERS))
        return relative_error(after[FIRST], before[FIRST])

    assert 0.0 == moved(0.0) < moved(0.1) < moved(0.5) < moved(1.0)


def test_bound_to_one_caption_a_token_reads_it_as_if_it_were_alone(stock: LTX2Pipeline, models: TextModels) -> None:
    alone = encoded(WITHIN.lines[0].caption, models, TOKENS).audio
    sound = torch.randn(1, SHAPE.audio, 32, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        expected = stock.transformer.transformer_blocks[1].audio_attn2(sound, encoder_hidden_states=alone)[0]
    torch.testing.assert_close(said_to_sound(stock, WITHIN, models, 0.0)[FIRST], expected[FIRST], rtol=1e-5, atol=1e-6)


def test_in_a_common_caption_words_cannot_be_told_apart_by_their_places(models: TextModels) -> None:
    """Why each line's caption is encoded by itself: behind the connectors every place knows of every word."""
    start = 'a dim room, (woman, whispering): "close your eyes", (man, speaking): '
    first, second = (encoded(f'{start}"{line}"', models, TOKENS).audio[0] for line in ("who?", "why?"))
    count = len(models.tokenizer(start).input_ids)
    assert float((first - second)[:count].norm(dim=1).min()) > 1e-4


def test_the_sound_alone_is_bound_and_the_negative_caption_is_read_by_all(
    stock: LTX2Pipeline, models: TextModels
) -> None:
    """What is said to the sound reaches the picture only through the sound."""
    passes = (Pass.NEGATIVE, Pass.ISOLATED)

    def found(gating: Gating) -> Any:
        audio, bias = read_by(gating, models, 0.0)
        text = Text(video=encoded("a dim room", models, TOKENS).video, audio=audio)
        negative = encoded(NEGATIVE, models, TOKENS)
        conditions = Conditions(shape=SHAPE, text=text, negative=negative, bound=bias)
        with torch.inference_mode():
            return PassByPass(stock.transformer, conditions, passes).velocities(noise_for(1, SHAPE), 0.7)

    before, after = found(WITHIN), found(OTHERS)
    assert torch.equal(before[Pass.NEGATIVE].audio, after[Pass.NEGATIVE].audio)
    assert torch.equal(before[Pass.ISOLATED].video, after[Pass.ISOLATED].video)
    assert not torch.equal(before[Pass.ISOLATED].audio, after[Pass.ISOLATED].audio)
