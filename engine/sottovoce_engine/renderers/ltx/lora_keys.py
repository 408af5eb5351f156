"""The names under which LoRA files store their weights, and the layer of the model each one means.

diffusion_model.transformer_blocks.0.audio_attn1.to_q.lora_A.weight    official trainer, ComfyUI
transformer.transformer_blocks.0.audio_attn1.to_q.lora_A.weight        diffusers
transformer_blocks.0.audio_attn1.to_q.lora_down.weight                 unprefixed
                                      .alpha                          scale = alpha / rank
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_PREFIXES = ("base_model.model.", "model.diffusion_model.", "diffusion_model.", "transformer.")
_WEIGHT = re.compile(r"(?P<module>.+)\.(?:lora_(?P<peft>[AB])(?:\.[^.]+)?|lora[_.](?P<kohya>down|up))\.weight")
_ALPHA = re.compile(r"(?P<module>.+)\.alpha")
# First part of a name in the official model -> in diffusers' transformer. Names inside the blocks are the same.
_OFFICIAL = {
    "patchify_proj": "proj_in",
    "audio_patchify_proj": "audio_proj_in",
    "adaln_single": "time_embed",
    "audio_adaln_single": "audio_time_embed",
    "prompt_adaln_single": "prompt_adaln",
    "audio_prompt_adaln_single": "audio_prompt_adaln",
    "av_ca_video_scale_shift_adaln_single": "av_cross_attn_video_scale_shift",
    "av_ca_audio_scale_shift_adaln_single": "av_cross_attn_audio_scale_shift",
    "av_ca_a2v_gate_adaln_single": "av_cross_attn_video_a2v_gate",
    "av_ca_v2a_gate_adaln_single": "av_cross_attn_audio_v2a_gate",
}


class Part(StrEnum):
    """What a tensor is to its layer: the change is up @ down * alpha / rank."""

    DOWN = "down"  # lora_A: [rank, inputs]
    UP = "up"  # lora_B: [outputs, rank]
    ALPHA = "alpha"


@dataclass(frozen=True, slots=True)
class LoraKey:
    """A key, read."""

    prefix: str  # "" where there is none
    module: str  # as diffusers names it
    part: Part


def lora_key(key: str) -> LoraKey | None:
    """What a key means; None where it is no key of a LoRA."""
    weight = _WEIGHT.fullmatch(key)
    if weight is not None:
        part = Part.DOWN if (weight["peft"] or weight["kohya"]) in ("A", "down") else Part.UP
        return _key(weight["module"], part)
    alpha = _ALPHA.fullmatch(key)
    return _key(alpha["module"], Part.ALPHA) if alpha is not None else None


def diffusers_name(name: str) -> str:
    """The name diffusers gives to what the official model calls `name`."""
    first, dot, rest = name.partition(".")
    return _OFFICIAL.get(first, first) + dot + rest


def _key(name: str, part: Part) -> LoraKey:
    module = name
    for prefix in _PREFIXES:
        module = module.removeprefix(prefix)
    return LoraKey(prefix=name.removesuffix(module), module=diffusers_name(module), part=part)
