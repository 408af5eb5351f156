"""A tiny LTX-2.3: the real classes and the real layout with a few million random parameters, for a CPU."""

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    FlowMatchEulerDiscreteScheduler,
    LTX2Pipeline,
    LTX2VideoTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2TextConnectors
from diffusers.pipelines.ltx2.vocoder import LTX2VocoderWithBWE
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    PreTrainedTokenizerFast,
    SiglipVisionConfig,
)

BLOCKS = 3
RANK = 4
ALPHA = 4
TARGETS = r".*\.(audio_attn1|audio_attn2|video_to_audio_attn)\.(to_q|to_k|to_v|to_out\.0)"
CARD_PREFIX = "diffusion_model."

_HEADS, _VIDEO_HEAD, _AUDIO_HEAD = 2, 32, 16
_VIDEO, _AUDIO = _HEADS * _VIDEO_HEAD, _HEADS * _AUDIO_HEAD
_TEXT, _TEXT_LAYERS = 32, 2


def save_tiny_model(folder: Path) -> Path:
    """Saves the pipeline as a hub checkpoint lies on disk: a folder per part, safetensors in each."""
    tiny_pipeline().save_pretrained(folder)
    return folder


def tiny_pipeline() -> LTX2Pipeline:
    torch.manual_seed(7)
    return LTX2Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(
            use_dynamic_shifting=True,
            base_shift=0.95,
            max_shift=2.05,
            base_image_seq_len=1024,
            max_image_seq_len=4096,
            shift_terminal=0.1,
        ),
        vae=_video_vae(),
        audio_vae=_audio_vae(),
        text_encoder=_text_encoder(),
        tokenizer=_tokenizer(),
        connectors=_connectors(),
        transformer=tiny_transformer(),
        vocoder=_vocoder(),
    )


def tiny_transformer() -> LTX2VideoTransformer3DModel:
    return LTX2VideoTransformer3DModel(
        num_layers=BLOCKS,
        num_attention_heads=_HEADS,
        attention_head_dim=_VIDEO_HEAD,
        cross_attention_dim=_VIDEO,
        gated_attn=True,
        cross_attn_mod=True,
        audio_num_attention_heads=_HEADS,
        audio_attention_head_dim=_AUDIO_HEAD,
        audio_cross_attention_dim=_AUDIO,
        audio_gated_attn=True,
        audio_cross_attn_mod=True,
        caption_channels=_TEXT,
        rope_type="split",
        use_prompt_embeddings=False,
        perturbed_attn=True,
    )


def save_tiny_lora(path: Path, *, prefix: str = CARD_PREFIX, targets: str = TARGETS, seed: int = 11) -> Path:
    """A LoRA made by peft, both factors random, with the keys the card's file is expected to have."""
    torch.manual_seed(seed)
    transformer = tiny_transformer()
    transformer.add_adapter(
        LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets, init_lora_weights=False), adapter_name="tiny"
    )
    weights = get_peft_model_state_dict(transformer, adapter_name="tiny")
    save_file({f"{prefix}{key}": weight.contiguous() for key, weight in weights.items()}, path)
    return path


def _tokenizer() -> PreTrainedTokenizerFast:
    """One token per byte, so that every caption has its own."""
    special = ("<pad>", "<eos>", "<bos>", "<unk>")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate((*special, *alphabet))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<eos>",
        bos_token="<bos>",
        unk_token="<unk>",
        model_max_length=1024,
    )


def _text_encoder() -> Gemma3ForConditionalGeneration:
    text = Gemma3TextConfig(
        vocab_size=264,
        hidden_size=_TEXT,
        intermediate_size=64,
        num_hidden_layers=_TEXT_LAYERS,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        sliding_window=64,
    )
    vision = SiglipVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=28,
        patch_size=14,
    )
    return Gemma3ForConditionalGeneration(Gemma3Config(text_config=text, vision_config=vision, mm_tokens_per_image=4))


def _connectors() -> LTX2TextConnectors:
    return LTX2TextConnectors(
        caption_channels=_TEXT,
        text_proj_in_factor=_TEXT_LAYERS + 1,
        video_connector_num_attention_heads=_HEADS,
        video_connector_attention_head_dim=_VIDEO_HEAD,
        video_connector_num_layers=1,
        video_gated_attn=True,
        audio_connector_num_attention_heads=_HEADS,
        audio_connector_attention_head_dim=_AUDIO_HEAD,
        audio_connector_num_layers=1,
        audio_gated_attn=True,
        rope_type="split",
        per_modality_projections=True,
        video_hidden_dim=_VIDEO,
        audio_hidden_dim=_AUDIO,
        proj_bias=True,
    )


def _video_vae() -> AutoencoderKLLTX2Video:
    vae = AutoencoderKLLTX2Video(
        latent_channels=128,
        block_out_channels=(8, 16, 32, 32),
        decoder_block_out_channels=(8, 16, 16, 32),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1, 1),
        decoder_spatio_temporal_scaling=(True,) * 4,
        decoder_inject_noise=(False,) * 5,
        downsample_type=("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        upsample_type=("spatiotemporal", "spatiotemporal", "temporal", "spatial"),
        upsample_residual=(False,) * 4,
        upsample_factor=(2, 2, 1, 2),
        timestep_conditioning=False,
        decoder_causal=False,
        decoder_spatial_padding_mode="zeros",
        spatial_compression_ratio=32,  # derived from the layers it would be 64, which they do not do
        temporal_compression_ratio=8,
    )
    return _with_statistics(vae)


def _audio_vae() -> AutoencoderKLLTX2Audio:
    vae = AutoencoderKLLTX2Audio(
        base_channels=128,  # also the width of the latents' mean and deviation
        ch_mult=(1, 1, 1),
        num_res_blocks=1,
        latent_channels=8,
        mid_block_add_attention=False,
        mel_bins=64,
    )
    return _with_statistics(vae)


def _with_statistics(vae: torch.nn.Module) -> torch.nn.Module:
    """Latents with a mean and a deviation of their own: forgetting them must not go unseen."""
    for buffer, values in (("latents_mean", torch.randn(128) / 4), ("latents_std", torch.rand(128) + 0.5)):
        vae.get_buffer(buffer).copy_(values)
    return vae


def _vocoder() -> LTX2VocoderWithBWE:
    return LTX2VocoderWithBWE(
        in_channels=128,
        hidden_channels=64,
        upsample_kernel_sizes=[11, 4, 4, 4, 4, 4],
        upsample_factors=[5, 2, 2, 2, 2, 2],
        resnet_kernel_sizes=[3],
        resnet_dilations=[[1]],
        bwe_in_channels=128,
        bwe_hidden_channels=32,
        bwe_upsample_kernel_sizes=[12, 11, 4, 4, 4],
        bwe_upsample_factors=[6, 5, 2, 2, 2],
        bwe_resnet_kernel_sizes=[3],
        bwe_resnet_dilations=[[1]],
    )
