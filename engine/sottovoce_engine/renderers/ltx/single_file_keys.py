"""The names in LTX-2.3's single-file checkpoint, and the part and tensor of diffusers' layout each one means.

model.diffusion_model.…                                    transformer
model.diffusion_model.{video,audio}_embeddings_connector.… connectors
text_embedding_projection.…                                connectors
vae.…   audio_vae.…   vocoder.…                            the same

The text encoder, the tokenizer and all configs are not in it.

Source: the names in scripts/convert_ltx2_to_diffusers.py of diffusers, versions 2.0 and 2.3. diffusers 0.42's own
`from_single_file` knows those of 2.0 alone (https://github.com/huggingface/diffusers/issues/14145): it leaves 2.3's
prompt modulation and the last stage of the video decoder empty, and has none of connectors, audio VAE's and vocoder's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sottovoce_engine.renderers.ltx.lora_keys import diffusers_name

FILE_PARTS = ("transformer", "connectors", "vae", "audio_vae", "vocoder")

_MODEL = "model.diffusion_model."
_CONNECTORS = ("video_embeddings_connector.", "audio_embeddings_connector.", "text_embedding_projection.")
_SCALED = (".weight_scale", ".weight_scale_2", ".input_scale", ".pre_quant_scale", ".scale_weight")
_UNUSED = re.compile(r"per_channel_statistics\.(?!mean-of-means$|std-of-means$)")
_STATISTICS = (
    (r"^per_channel_statistics\.mean-of-means$", "latents_mean"),
    (r"^per_channel_statistics\.std-of-means$", "latents_std"),
)
_NORMS = ((r"\.q_norm\.", ".norm_q."), (r"\.k_norm\.", ".norm_k."))
_RENAMED = {
    "transformer": (
        *_NORMS,
        (r"\bscale_shift_table_a2v_ca_video$", "video_a2v_cross_attn_scale_shift_table"),
        (r"\bscale_shift_table_a2v_ca_audio$", "audio_a2v_cross_attn_scale_shift_table"),
    ),
    "connectors": (
        *_NORMS,
        (r"^video_embeddings_connector\.", "video_connector."),
        (r"^audio_embeddings_connector\.", "audio_connector."),
        (r"\btransformer_1d_blocks\.", "transformer_blocks."),
        (r"^text_embedding_projection\.video_aggregate_embed\.", "video_text_proj_in."),
        (r"^text_embedding_projection\.audio_aggregate_embed\.", "audio_text_proj_in."),
    ),
    "vae": (*_STATISTICS, (r"\bres_blocks\.", "resnets.")),
    "audio_vae": _STATISTICS,
    "vocoder": (
        (r"\bups\.", "upsamplers."),
        (r"\bresblocks\.", "resnets."),
        (r"\bconv_pre\.", "conv_in."),
        (r"\bconv_post\.", "conv_out."),
        (r"\bact_post\.", "act_out."),
        (r"\bdownsample\.lowpass\.", "downsample."),
    ),
}
_STAGE = re.compile(r"^(encoder\.down|decoder\.up)_blocks\.(\d+)\.")
_STAGES = 4  # of the video VAE, each way; between them lies the middle block


@dataclass(frozen=True, slots=True)
class PartTensor:
    """A tensor of a single file, as diffusers' layout knows it."""

    part: str
    name: str


def part_tensor(key: str) -> PartTensor | None:
    """What a key means; None for what diffusers' models have no place for."""
    if key.startswith(("text_embedding_projection.", *(_MODEL + prefix for prefix in _CONNECTORS))):
        return _renamed("connectors", key.removeprefix(_MODEL))
    if key.startswith(_MODEL):
        return _renamed("transformer", diffusers_name(key.removeprefix(_MODEL)))
    part, _, name = key.partition(".")
    if part not in FILE_PARTS or _UNUSED.match(name):
        return None
    return _renamed(part, _stage_named(name) if part == "vae" else name)


def file_version(keys: Iterable[str]) -> str:
    """The LTX version whose single file has these keys: "2.0", "2.3" or "2.5"; "" where it is no such file."""
    names = {key.removeprefix(_MODEL).split(".")[0] for key in keys if key.startswith(_MODEL)}
    if not {"transformer_blocks", "audio_patchify_proj"} <= names:
        return ""
    if "caption_projection" in names:
        return "2.0"
    return "2.3" if "prompt_adaln_single" in names else "2.5"


def is_quantised(keys: Iterable[str]) -> bool:
    """Whether weights are stored with scales of their own, which no dtype tells."""
    return any(key.endswith(_SCALED) for key in keys)


def _renamed(part: str, name: str) -> PartTensor:
    for pattern, replacement in _RENAMED[part]:
        name = re.sub(pattern, replacement, name)
    return PartTensor(part, name)


def _stage_named(name: str) -> str:
    """The video VAE's stages and what lies between them are numbered through in the file.

    encoder   down 0, its sampler 1, down 1, its sampler 2, …, middle
    decoder   middle, sampler of up 0, up 0, sampler of up 1, up 1, …
    """
    match = _STAGE.match(name)
    if match is None:
        return name
    side, number = match[1], int(match[2])
    rest = name[match.end() :]
    half, _ = side.split(".")
    if number == (2 * _STAGES if half == "encoder" else 0):
        return f"{half}.mid_block.{rest}"
    if half == "encoder":
        sampler, stage = number % 2 == 1, number // 2
        return f"{side}_blocks.{stage}.{'downsamplers.0.' if sampler else ''}{rest}"
    sampler, stage = number % 2 == 1, (number - 1) // 2
    return f"{side}_blocks.{stage}.{'upsamplers.0.' if sampler else ''}{rest}"
