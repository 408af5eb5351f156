"""A tiny checkpoint as one file with the official names, written down here once more and not taken from the code."""

import re
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

_TRANSFORMER = {
    "proj_in": "patchify_proj",
    "audio_proj_in": "audio_patchify_proj",
    "time_embed": "adaln_single",
    "audio_time_embed": "audio_adaln_single",
    "prompt_adaln": "prompt_adaln_single",
    "audio_prompt_adaln": "audio_prompt_adaln_single",
    "av_cross_attn_video_scale_shift": "av_ca_video_scale_shift_adaln_single",
    "av_cross_attn_audio_scale_shift": "av_ca_audio_scale_shift_adaln_single",
    "av_cross_attn_video_a2v_gate": "av_ca_a2v_gate_adaln_single",
    "av_cross_attn_audio_v2a_gate": "av_ca_v2a_gate_adaln_single",
}
_CONNECTORS = {
    "video_connector": "model.diffusion_model.video_embeddings_connector",
    "audio_connector": "model.diffusion_model.audio_embeddings_connector",
    "video_text_proj_in": "text_embedding_projection.video_aggregate_embed",
    "audio_text_proj_in": "text_embedding_projection.audio_aggregate_embed",
}
_VAE = {
    "decoder.mid_block": "decoder.up_blocks.0",
    "encoder.mid_block": "encoder.down_blocks.8",
    **{f"encoder.down_blocks.{n}.downsamplers.0": f"encoder.down_blocks.{2 * n + 1}" for n in range(4)},
    **{f"encoder.down_blocks.{n}.resnets": f"encoder.down_blocks.{2 * n}.resnets" for n in range(4)},
    **{f"decoder.up_blocks.{n}.upsamplers.0": f"decoder.up_blocks.{2 * n + 1}" for n in range(4)},
    **{f"decoder.up_blocks.{n}.resnets": f"decoder.up_blocks.{2 * n + 2}.resnets" for n in range(4)},
}
_VOCODER = {
    "upsamplers.": "ups.",
    "resnets.": "resblocks.",
    "conv_in.": "conv_pre.",
    "conv_out.": "conv_post.",
    "act_out.": "act_post.",
    "downsample.": "downsample.lowpass.",
}


def save_single_file(path: Path, model: Path, extra: dict[str, Tensor] | None = None) -> Path:
    """Writes the parts that an official single file holds, from a checkpoint in diffusers' layout."""
    tensors: dict[str, Tensor] = {}
    for part in ("transformer", "connectors", "vae", "audio_vae", "vocoder"):
        weights = load_file(model / part / "diffusion_pytorch_model.safetensors")
        tensors |= {official_key(part, name): value for name, value in weights.items()}
    for part in ("vae", "audio_vae"):
        tensors[f"{part}.per_channel_statistics.mean-of-stds"] = tensors[
            f"{part}.per_channel_statistics.std-of-means"
        ].clone()
    save_file({**tensors, **(extra or {})}, path)
    return path


def official_key(part: str, name: str) -> str:
    """The official name of a tensor of diffusers' layout."""
    if part == "transformer":
        first, dot, rest = name.partition(".")
        official = "model.diffusion_model." + _TRANSFORMER.get(first, first) + dot + _attention(rest)
        return re.sub(r"(video|audio)_a2v_cross_attn_scale_shift_table", r"scale_shift_table_a2v_ca_\1", official)
    if part == "connectors":
        first, _, rest = name.partition(".")
        return f"{_CONNECTORS[first]}.{_attention(rest).replace('transformer_blocks', 'transformer_1d_blocks')}"
    if part == "vocoder":
        for ours, theirs in _VOCODER.items():
            name = re.sub(rf"\b{re.escape(ours)}", theirs, name)
        return f"vocoder.{name}"
    statistics = {"latents_mean": "mean-of-means", "latents_std": "std-of-means"}
    if name in statistics:
        return f"{part}.per_channel_statistics.{statistics[name]}"
    if part == "vae":
        for ours, theirs in _VAE.items():
            if name.startswith(ours + "."):
                name = theirs + name.removeprefix(ours)
                break
        name = name.replace("resnets", "res_blocks")
    return f"{part}.{name}"


def _attention(name: str) -> str:
    return name.replace("norm_q", "q_norm").replace("norm_k", "k_norm")
