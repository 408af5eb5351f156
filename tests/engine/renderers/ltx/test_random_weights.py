from pathlib import Path

import pytest
import torch

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.loading import Part
from sottovoce_engine.renderers.ltx.lora_file import read_lora
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3, is_card_module
from sottovoce_engine.renderers.ltx.model_sizes import RANDOM_TINY_SIZES
from sottovoce_engine.renderers.ltx.random_weights import FULL, TINY, RandomSource, random_lora
from sottovoce_engine.renderers.ltx.renderer import LtxRenderer
from sottovoce_engine.renderers.ltx.settings import LtxSettings, ltx_settings
from sottovoce_engine.take import Outcome, Take

from .render_jobs import render_job, write_settings

CPU = torch.device("cpu")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    nowhere = Path("/no/checkpoint/at/all")
    return write_settings(tmp_path / "ltx.toml", nowhere, None, random_weights=True, random_size="tiny")


def rendered(environment: dict[str, str], folder: Path) -> dict[str, Outcome]:
    jobs = [render_job("1", "whisper"), render_job("2", "loud")]
    outcomes = LtxRenderer(MediaFolder(folder), ltx_settings(environment)).render(jobs, Job())
    return {outcome.job.key: outcome for outcome in outcomes}


def test_takes_come_out_without_any_checkpoint_and_are_the_same_every_time(
    environment: dict[str, str], tmp_path: Path
) -> None:
    first, second = (rendered(environment, tmp_path / name) for name in ("one", "two"))
    for key in ("1", "2"):
        take, again = first[key], second[key]
        assert isinstance(take, Take), take
        assert isinstance(again, Take)
        assert take.media == again.media
        assert dict(take.fingerprints)["model"] == "random-tiny"
    assert dict(first["1"].fingerprints)["lora"] == "random"  # type: ignore[union-attr]
    assert (tmp_path / "captions" / "random-lora-tiny.safetensors").is_file()


def test_every_part_is_filled_and_no_two_layers_are_alike() -> None:
    source = RandomSource(sizes=TINY, settings=LtxSettings(device="cpu"))
    transformer = source.loaded(Part.TRANSFORMER, CPU)
    weights = dict(transformer.named_parameters())
    assert all(weight.dtype == torch.bfloat16 and weight.device == CPU for weight in weights.values())
    assert sum(weight.numel() for weight in weights.values()) == RANDOM_TINY_SIZES.transformer
    one, two = (weights[f"transformer_blocks.{block}.attn1.to_q.weight"] for block in (0, 1))
    assert not torch.equal(one, two)
    assert abs(float(one.float().std()) * (3 * one.shape[1]) ** 0.5 - 1) < 0.1
    assert source.loaded(Part.VOCODER, CPU).dtype == torch.float32
    encoder = source.loaded(Part.TEXT_ENCODER, CPU)
    assert encoder.lm_head.weight is encoder.get_input_embeddings().weight  # as in the real one
    assert sum(weight.numel() for weight in encoder.parameters()) == RANDOM_TINY_SIZES.text_encoder
    assert not any(buffer.is_meta for buffer in encoder.buffers())


def test_the_full_size_is_ltx_2_3_in_its_layout() -> None:
    assert FULL.layout.modules == LTX_2_3.modules


def test_the_lora_fits_the_layout_with_the_cards_keys(tmp_path: Path) -> None:
    lora = read_lora(random_lora(tmp_path, "tiny", TINY.layout), TINY.layout)
    assert len(lora.pairs) == len(TINY.layout.card_modules) == 36
    assert all(is_card_module(pair.module) for pair in lora.pairs)
    assert lora.report.warnings == ()


def test_two_stages_are_refused_in_words(tmp_path: Path) -> None:
    settings = LtxSettings(device="cpu", random_weights=True, upscaled=True, cache=str(tmp_path))
    with pytest.raises(InputError, match="random_weights has no upsampler"):
        list(LtxRenderer(MediaFolder(tmp_path), settings).render([render_job("1", "loud")], Job()))
