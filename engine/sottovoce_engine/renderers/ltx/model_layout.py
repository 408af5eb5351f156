"""The linear layers of an LTX-2 transformer by name and shape, from its config alone: no weights, no torch.

transformer_blocks.N.attn1                video looks at itself           video width
transformer_blocks.N.attn2                video reads the caption         video width, caption width
transformer_blocks.N.audio_attn1          sound listens to itself         sound width
transformer_blocks.N.audio_attn2          sound reads the caption         sound width, caption width
transformer_blocks.N.audio_to_video_attn  video listens to the sound      sound's heads
transformer_blocks.N.video_to_audio_attn  sound watches the video         sound's heads
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sottovoce_engine.errors import InputError

Shape = tuple[int, int]  # (outputs, inputs), as a linear layer's weight

# The modules of the whisper & soft-spoken LoRA. Source: its model card.
CARD_MODULES = ("audio_attn1", "audio_attn2", "video_to_audio_attn")

# The sizes of LTX-2.3. Source: the defaults of diffusers' LTX2VideoTransformer3DModel (0.42) and what 2.3 sets apart.
LTX_2_3_CONFIG: Mapping[str, Any] = MappingProxyType(
    {
        "num_layers": 48,
        "in_channels": 128,
        "out_channels": 128,
        "num_attention_heads": 32,
        "attention_head_dim": 128,
        "cross_attention_dim": 4096,
        "gated_attn": True,
        "cross_attn_mod": True,
        "audio_in_channels": 128,
        "audio_out_channels": 128,
        "audio_num_attention_heads": 32,
        "audio_attention_head_dim": 64,
        "audio_cross_attention_dim": 2048,
        "audio_gated_attn": True,
        "audio_cross_attn_mod": True,
        "caption_channels": 3840,
        "use_prompt_embeddings": False,
        "use_prompt_adaln_single": True,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLayout:
    """Every linear layer of a transformer that a LoRA may change."""

    version: str  # "2.0", "2.3" or "2.5"
    blocks: int
    modules: Mapping[str, Shape]

    @property
    def card_modules(self) -> frozenset[str]:
        """Names of all layers the whisper & soft-spoken LoRA changes: four in each of three modules of each block."""
        return frozenset(name for name in self.modules if is_card_module(name))


def is_card_module(name: str) -> bool:
    """Whether a layer lies in one of the three modules."""
    parts = name.split(".")
    return len(parts) > 3 and parts[2] in CARD_MODULES and parts[3] != "to_gate_logits"


def layout_from_config(config: Mapping[str, Any]) -> ModelLayout:
    """The layout of the transformer that a `config.json` describes.

    Raises:
        InputError: It is no config of an LTX-2 transformer.
    """
    try:
        names = dict(_layers(config))
        blocks = int(config["num_layers"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"This is no config of an LTX-2 transformer: {error} is missing or damaged. Give the folder of a checkpoint "
            "such as diffusers/LTX-2.3-Diffusers."
        ) from error
    return ModelLayout(version=_version(config), blocks=blocks, modules=MappingProxyType(names))


def _version(config: Mapping[str, Any]) -> str:
    if config.get("use_prompt_embeddings", True):
        return "2.0"
    return "2.3" if config.get("use_prompt_adaln_single", True) else "2.5"


def _layers(config: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    video = int(config["num_attention_heads"]) * int(config["attention_head_dim"])
    sound = int(config["audio_num_attention_heads"]) * int(config["audio_attention_head_dim"])
    yield "proj_in", (video, int(config["in_channels"]))
    yield "audio_proj_in", (sound, int(config["audio_in_channels"]))
    yield "proj_out", (int(config["out_channels"]), video)
    yield "audio_proj_out", (int(config["audio_out_channels"]), sound)
    if _version(config) == "2.0":
        for name, width in (("caption_projection", video), ("audio_caption_projection", sound)):
            yield f"{name}.linear_1", (width, int(config["caption_channels"]))
            yield f"{name}.linear_2", (width, width)
    for name, width, parameters in _modulations(config, video, sound):
        yield f"{name}.emb.timestep_embedder.linear_1", (width, 256)
        yield f"{name}.emb.timestep_embedder.linear_2", (width, width)
        yield f"{name}.linear", (parameters * width, width)
    for block in range(int(config["num_layers"])):
        for name, shape in _block_layers(config, video, sound):
            yield f"transformer_blocks.{block}.{name}", shape


def _modulations(config: Mapping[str, Any], video: int, sound: int) -> Iterator[tuple[str, int, int]]:
    """(name, width, parameters per channel) of the layers that turn a noise level into scales, shifts and gates."""
    yield "time_embed", video, 9 if config["cross_attn_mod"] else 6
    yield "audio_time_embed", sound, 9 if config["audio_cross_attn_mod"] else 6
    yield "av_cross_attn_video_scale_shift", video, 4
    yield "av_cross_attn_audio_scale_shift", sound, 4
    yield "av_cross_attn_video_a2v_gate", video, 1
    yield "av_cross_attn_audio_v2a_gate", sound, 1
    if (config["cross_attn_mod"] or config["audio_cross_attn_mod"]) and config.get("use_prompt_adaln_single", True):
        yield "prompt_adaln", video, 2
        yield "audio_prompt_adaln", sound, 2


def _block_layers(config: Mapping[str, Any], video: int, sound: int) -> Iterator[tuple[str, Shape]]:
    video_heads, sound_heads = int(config["num_attention_heads"]), int(config["audio_num_attention_heads"])
    caption, sound_caption = int(config["cross_attention_dim"]), int(config["audio_cross_attention_dim"])
    gated, sound_gated = bool(config["gated_attn"]), bool(config["audio_gated_attn"])
    for name, asks, answers, inner, heads, has_gate in (
        ("attn1", video, video, video, video_heads, gated),
        ("attn2", video, caption, video, video_heads, gated),
        ("audio_attn1", sound, sound, sound, sound_heads, sound_gated),
        ("audio_attn2", sound, sound_caption, sound, sound_heads, sound_gated),
        ("audio_to_video_attn", video, sound, sound, sound_heads, gated),
        ("video_to_audio_attn", sound, video, sound, sound_heads, sound_gated),
    ):
        yield f"{name}.to_q", (inner, asks)
        yield f"{name}.to_k", (inner, answers)
        yield f"{name}.to_v", (inner, answers)
        yield f"{name}.to_out.0", (asks, inner)
        if has_gate:
            yield f"{name}.to_gate_logits", (heads, asks)
    for name, width in (("ff", video), ("audio_ff", sound)):
        yield f"{name}.net.0.proj", (4 * width, width)
        yield f"{name}.net.2", (width, 4 * width)


LTX_2_3 = layout_from_config(LTX_2_3_CONFIG)
