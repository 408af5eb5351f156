import json
from pathlib import Path

import pytest
import torch
from diffusers import LTX2Pipeline

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.captions import CaptionCache, encoded
from sottovoce_engine.renderers.ltx.latents import Text
from sottovoce_engine.renderers.ltx.settings import LtxSettings

from .holding import held_models
from .stock_sampling import CAPTIONS, TOKENS, text_of


@pytest.fixture
def cache(tmp_path: Path) -> CaptionCache:
    return CaptionCache(tmp_path / "captions", encoder="abc", tokens=TOKENS, dtype="float32")


@pytest.fixture
def text() -> Text:
    return Text(video=torch.randn(1, 4, 8), audio=torch.randn(1, 4, 6))


def test_captions_are_encoded_as_the_stock_pipeline_does(tiny_model: Path, stock: LTX2Pipeline) -> None:
    models = held_models(tiny_model, LtxSettings(dtype="float32")).text(Job())
    expected = text_of(stock, CAPTIONS)
    for row, caption in enumerate(CAPTIONS):
        found = encoded(f" {caption} ", models, TOKENS)
        torch.testing.assert_close(found.video[0], expected.video[row], rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(found.audio[0], expected.audio[row], rtol=1e-5, atol=1e-5)


def test_a_tokenizer_that_pads_on_the_right_is_set_right(tiny_model: Path, stock: LTX2Pipeline) -> None:
    models = held_models(tiny_model, LtxSettings(dtype="float32")).text(Job())
    models.tokenizer.padding_side = "right"
    found = encoded(CAPTIONS[0], models, TOKENS)
    torch.testing.assert_close(found.video, text_of(stock, CAPTIONS[:1]).video, rtol=1e-5, atol=1e-5)


def test_what_is_kept_comes_back_bit_for_bit(cache: CaptionCache, text: Text) -> None:
    assert cache.get("a") is None
    cache.put("a", text)
    found = cache.get("a")
    assert found is not None
    assert torch.equal(found.video, text.video)
    assert torch.equal(found.audio, text.audio)
    assert cache.get("b") is None


def test_another_encoder_length_or_width_is_another_entry(cache: CaptionCache, text: Text) -> None:
    cache.put("a", text)
    folder = cache.path("a").parent
    for encoder, tokens, dtype in (("abd", TOKENS, "float32"), ("abc", 256, "float32"), ("abc", TOKENS, "bfloat16")):
        assert CaptionCache(folder, encoder=encoder, tokens=tokens, dtype=dtype).get("a") is None


@pytest.mark.parametrize("damage", [b"", b"\x00" * 40, json.dumps({"video": 1}).encode()])
def test_a_damaged_entry_counts_as_none(damage: bytes, cache: CaptionCache, text: Text) -> None:
    cache.put("a", text)
    cache.path("a").write_bytes(damage)
    assert cache.get("a") is None
    cache.put("a", text)
    assert cache.get("a") is not None


def test_nothing_half_written_is_left(cache: CaptionCache, text: Text) -> None:
    cache.put("a", text)
    assert [path.name for path in cache.path("a").parent.iterdir()] == [cache.path("a").name]


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_cache(tmp_path: Path, text: Text) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = CaptionCache(tmp_path / "file" / "captions", encoder="abc", tokens=TOKENS, dtype="float32")
    cache.put("a", text)
    assert cache.get("a") is None
