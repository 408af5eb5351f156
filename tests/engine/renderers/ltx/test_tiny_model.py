"""The stand-in for the real model has its layout, and the card's form of LoRA moves it."""

import json
from pathlib import Path

import torch
from diffusers import LTX2Pipeline
from safetensors import safe_open

from .tiny_model import BLOCKS, RANK


def test_the_transformer_on_disk_is_of_the_2_3_layout(tiny_model: Path) -> None:
    config = json.loads((tiny_model / "transformer" / "config.json").read_text())
    given = {key: config[key] for key in ("gated_attn", "cross_attn_mod", "audio_gated_attn", "audio_cross_attn_mod")}
    assert all(given.values())
    assert config["rope_type"] == "split"
    assert config["use_prompt_embeddings"] is False
    assert config["perturbed_attn"] is True


def test_the_lora_has_the_cards_keys_and_three_modules_in_every_block(tiny_lora: Path) -> None:
    with safe_open(tiny_lora, "pt") as file:
        keys = list(file.keys())
        first = file.get_tensor("diffusion_model.transformer_blocks.0.audio_attn1.to_q.lora_A.weight")
    assert len(keys) == BLOCKS * 3 * 4 * 2
    assert first.shape[0] == RANK


def test_the_stock_pipeline_loads_it_from_disk_and_takes_the_lora(own_stock: LTX2Pipeline, tiny_lora: Path) -> None:
    def audio() -> torch.Tensor:
        sound: torch.Tensor = own_stock(
            prompt='a room, (woman, whispering): "close your eyes"',
            height=64,
            width=64,
            num_frames=9,
            sigmas=[1.0, 0.5],
            num_inference_steps=2,
            guidance_scale=1.0,
            audio_guidance_scale=1.0,
            stg_scale=0.0,
            audio_stg_scale=0.0,
            modality_scale=1.0,
            audio_modality_scale=1.0,
            generator=torch.Generator().manual_seed(1),
            max_sequence_length=128,
            output_type="latent",
        ).audio
        return sound

    base = audio()
    own_stock.load_lora_weights(str(tiny_lora))
    assert (audio() - base).abs().max() > 0.01
