"""LTX-2.3 without a checkpoint: every part at its full size, with weights that mean nothing. Noise comes out.

For benchmarks, and to see on a machine whether the model fits and how fast it is. "tiny" is the same layout with a
few million parameters, which a CPU runs.

What is known of the full sizes:
    transformer    LTX_2_3_CONFIG; counts 18.99 B parameters, as the model's page says
    text encoder   Gemma 3 12B, from the config.json of google/gemma-3-12b-it: 12.2 B with its vision tower
    connectors     sizes as diffusers' converter for LTX-2.3 writes them (scripts/convert_ltx2_to_diffusers.py)
    video VAE      the same; counts 726 M, as was measured. Whether the decoder of the published checkpoint takes a
                   timestep is not known here: none is assumed
    audio VAE      the defaults of diffusers' class; counts 53 M
    vocoder        the defaults of diffusers' class; counts 129 M. Its mel and Fourier tables come with a checkpoint
                   and are zero here, so its upper band adds nothing
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from accelerate import init_empty_weights
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor, nn

from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.durable import moved_into_place, staged_path
from sottovoce_engine.renderers.ltx.loading import Part, class_of, dtype_for
from sottovoce_engine.renderers.ltx.model_layout import LTX_2_3_CONFIG, ModelLayout, layout_from_config
from sottovoce_engine.renderers.ltx.settings import LtxSettings

_POOL = (1 << 22) + 15  # numbers that weights are cut from; odd, so that no two rows of a matrix are alike
_RANK = 32  # Source: the LoRA's model card

_Config = Mapping[str, Any]
_TRANSFORMER: _Config = {**LTX_2_3_CONFIG, "rope_type": "split", "perturbed_attn": True}
_CONNECTORS: _Config = {
    "video_connector_num_attention_heads": 32,
    "video_connector_num_layers": 8,
    "video_gated_attn": True,
    "audio_connector_num_attention_heads": 32,
    "audio_connector_attention_head_dim": 64,
    "audio_connector_num_layers": 8,
    "audio_gated_attn": True,
    "rope_type": "split",
    "per_modality_projections": True,
    "proj_bias": True,
}
_VAE: _Config = {
    "block_out_channels": (256, 512, 1024, 1024),
    "decoder_block_out_channels": (256, 512, 512, 1024),
    "layers_per_block": (4, 6, 4, 2, 2),
    "decoder_layers_per_block": (4, 6, 4, 2, 2),
    "decoder_spatio_temporal_scaling": (True,) * 4,
    "decoder_inject_noise": (False,) * 5,
    "upsample_type": ("spatiotemporal", "spatiotemporal", "temporal", "spatial"),
    "upsample_residual": (False,) * 4,
    "upsample_factor": (2, 2, 1, 2),
    "timestep_conditioning": False,
    "decoder_causal": False,
    "decoder_spatial_padding_mode": "zeros",
    "spatial_compression_ratio": 32,
    "temporal_compression_ratio": 8,
}
_GEMMA: _Config = {
    "vocab_size": 262_208,
    "hidden_size": 3840,
    "intermediate_size": 15_360,
    "num_hidden_layers": 48,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 256,
    "sliding_window": 1024,
}
_SIGLIP: _Config = {
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "image_size": 896,
    "patch_size": 14,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The configs of every part."""

    transformer: _Config
    connectors: _Config
    vae: _Config
    audio_vae: _Config
    vocoder: _Config
    gemma: _Config
    siglip: _Config
    image_tokens: int

    @property
    def layout(self) -> ModelLayout:
        return layout_from_config(self.transformer)


FULL = Sizes(
    transformer=_TRANSFORMER,
    connectors=_CONNECTORS,
    vae=_VAE,
    audio_vae={},
    vocoder={},
    gemma=_GEMMA,
    siglip=_SIGLIP,
    image_tokens=256,
)
TINY = Sizes(
    transformer={
        **_TRANSFORMER,
        "num_layers": 3,
        "num_attention_heads": 2,
        "attention_head_dim": 32,
        "cross_attention_dim": 64,
        "audio_num_attention_heads": 2,
        "audio_attention_head_dim": 16,
        "audio_cross_attention_dim": 32,
        "caption_channels": 32,
    },
    connectors={
        **_CONNECTORS,
        "caption_channels": 32,
        "text_proj_in_factor": 3,
        "video_connector_num_attention_heads": 2,
        "video_connector_attention_head_dim": 32,
        "video_connector_num_layers": 1,
        "audio_connector_num_attention_heads": 2,
        "audio_connector_attention_head_dim": 16,
        "audio_connector_num_layers": 1,
        "video_hidden_dim": 64,
        "audio_hidden_dim": 32,
    },
    vae={
        **_VAE,
        "block_out_channels": (8, 16, 32, 32),
        "decoder_block_out_channels": (8, 16, 16, 32),
        "layers_per_block": (1,) * 5,
        "decoder_layers_per_block": (1,) * 5,
    },
    audio_vae={"ch_mult": (1, 1, 1), "num_res_blocks": 1},
    vocoder={
        "hidden_channels": 64,
        "bwe_hidden_channels": 32,
        "resnet_kernel_sizes": [3],
        "resnet_dilations": [[1]],
        "bwe_resnet_kernel_sizes": [3],
        "bwe_resnet_dilations": [[1]],
    },
    gemma={
        **_GEMMA,
        "vocab_size": 264,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "sliding_window": 64,
    },
    siglip={
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    },
    image_tokens=4,
)


def sizes_named(name: str) -> Sizes:
    """Those that the setting `random_size` names: "full" or "tiny"."""
    return {"full": FULL, "tiny": TINY}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSource:
    """Parts made up where they are asked for. The same weights every time."""

    sizes: Sizes
    settings: LtxSettings

    def loaded(self, part: Part, device: torch.device) -> Any:
        if part is Part.TOKENIZER:
            return byte_tokenizer()
        return filled(lambda: self.built(part), dtype_for(part, self.settings), device)

    def built(self, part: Part) -> Any:
        """A part with weights, as torch begins it: on the CPU, to be filled or to be trained."""
        if part is not Part.TEXT_ENCODER:
            return class_of(part)(**getattr(self.sizes, part))
        sizes = self.sizes
        return class_of(part)(
            transformers.Gemma3Config(
                text_config=transformers.Gemma3TextConfig(**sizes.gemma),
                vision_config=transformers.SiglipVisionConfig(**sizes.siglip),
                mm_tokens_per_image=sizes.image_tokens,
            )
        )


def filled(build: Callable[[], nn.Module], dtype: torch.dtype, device: torch.device) -> nn.Module:
    """A model with weights of the usual deviation, made on the device: nothing as large as it lies elsewhere before."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)  # what a model computes for itself, as `from_pretrained` has it
    try:
        with init_empty_weights(include_buffers=False):
            model = build()
    finally:
        torch.set_default_dtype(before)
    if isinstance(model, transformers.PreTrainedModel):
        model.tie_weights()  # undone by building without memory
    pool = torch.randn(_POOL, generator=torch.Generator().manual_seed(7)).to(device)
    made: dict[int, nn.Parameter] = {}  # weights that two layers share are made once
    for name, empty in list(model.named_parameters(remove_duplicate=False)):
        if id(empty) not in made:
            weight = torch.empty(empty.shape, dtype=dtype, device=device)
            made[id(empty)] = nn.Parameter(_fill(weight, name, pool), requires_grad=False)
        owner, _, own = name.rpartition(".")
        setattr(model.get_submodule(owner), own, made[id(empty)])
    return model.to(device).eval()


def byte_tokenizer() -> Any:
    """One token for each byte, so that every caption has its own."""
    special = ("<pad>", "<eos>", "<bos>", "<unk>")
    vocabulary = {
        token: number for number, token in enumerate((*special, *sorted(pre_tokenizers.ByteLevel.alphabet())))
    }
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    names = dict(zip(("pad_token", "eos_token", "bos_token", "unk_token"), special, strict=True))
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


def random_lora(folder: Path, name: str, layout: ModelLayout) -> Path:
    """A LoRA file of the card's rank over the card's layers, with the card's keys; written once.

    Raises:
        SetupError: The folder cannot be written to.
    """
    path = folder / f"random-lora-{name}.safetensors"
    if path.exists():
        return path
    pool = torch.randn(_POOL, generator=torch.Generator().manual_seed(11))
    weights = {}
    for module in sorted(layout.card_modules):
        outputs, inputs = layout.modules[module]
        rank = min(_RANK, outputs, inputs)
        for factor, shape in (("A", (rank, inputs)), ("B", (outputs, rank))):
            key = f"diffusion_model.{module}.lora_{factor}.weight"
            weights[key] = _fill(torch.empty(shape, dtype=torch.bfloat16), key, pool)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staged = staged_path(folder, "safetensors")
        try:
            save_file(weights, staged)
            moved_into_place(staged, path, "LoRA")
        finally:
            staged.unlink(missing_ok=True)
    except OSError as error:
        raise SetupError(
            f"A random LoRA cannot be written to '{folder}': {error}. Name another folder as `cache` in the LTX settings."
        ) from error
    return path


def _fill(weight: Tensor, name: str, pool: Tensor) -> Tensor:
    """Numbers of the deviation that a linear layer of torch begins with; norms scale by 1, biases are 0."""
    if weight.ndim < 2:
        return weight.fill_(1.0 if name.endswith(".weight") else 0.0)
    deviation = (3 * weight[0].numel()) ** -0.5
    flat, start = weight.view(-1), zlib.crc32(name.encode()) % len(pool)
    done = 0
    while done < len(flat):
        taken = min(len(pool) - start, len(flat) - done)
        flat[done : done + taken].copy_(pool[start : start + taken])
        done, start = done + taken, 0
    return weight.mul_(deviation)
