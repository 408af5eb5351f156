from pathlib import Path

import torch
from diffusers import LTX2Pipeline, LTX2VideoTransformer3DModel

from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3_CONFIG
from sottovoce_engine.renderers.ltx.model_sizes import LTX_2_3_SIZES, sizes_in


def test_sizes_are_those_of_the_files(tiny_model: Path, stock: LTX2Pipeline) -> None:
    sizes = sizes_in(tiny_model)
    assert sizes.transformer == sum(weight.numel() for weight in stock.transformer.parameters())
    assert sizes.text_encoder == sum(weight.numel() for weight in stock.text_encoder.parameters())
    assert sizes.connectors == sum(weight.numel() for weight in stock.connectors.parameters())
    lora = [
        layer.weight.numel()
        for name in ("audio_attn1", "audio_attn2", "video_to_audio_attn")
        for attention in [getattr(stock.transformer.transformer_blocks[0], name)]
        for layer in (attention.to_q, attention.to_k, attention.to_v, attention.to_out[0])
    ]
    assert sizes.block_lora == sum(lora)


def test_what_files_do_not_tell_is_taken_as_it_is_known(tmp_path: Path) -> None:
    assert sizes_in(tmp_path) == LTX_2_3_SIZES
    (tmp_path / "transformer").mkdir()
    (tmp_path / "transformer" / "cut.safetensors").write_bytes(b"\x10\x00")
    assert sizes_in(tmp_path) == LTX_2_3_SIZES


def test_the_known_sizes_are_those_of_the_real_layout() -> None:
    with torch.device("meta"):
        full = LTX2VideoTransformer3DModel(**LTX_2_3_CONFIG, rope_type="split", perturbed_attn=True)
    assert LTX_2_3_SIZES.transformer == sum(weight.numel() for weight in full.parameters())
    assert LTX_2_3_SIZES.block == sum(weight.numel() for weight in full.transformer_blocks[7].parameters())
    assert round(LTX_2_3_SIZES.lora_layers * 2 / 1e9, 2) == 5.64  # the bank, as measured
