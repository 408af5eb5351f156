"""diffusers' own pipelines as the reference: their captions, their latents."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2Pipeline
from torch import Tensor

from sottovoce_engine.renderers.ltx.denoising import PassByPass
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape, latent_shape
from sottovoce_engine.renderers.ltx.latents import Latents, Text, packed_audio, packed_video
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling_settings import SamplingSettings
from sottovoce_engine.scene import Raster

RASTER, FRAMES, RATE = Raster(width=96, height=64), 17, Fraction(24)
SHAPE = latent_shape(FRAMES, RASTER, RATE)
CAPTIONS = (
    'a woman by a window, (woman, whispering): "close your eyes", intimate ASMR',
    'a man at a desk, (man, speaking softly): "I have been thinking", intimate ASMR',
)
NEGATIVE = "blurry, noise"
TOKENS = 128
Kind = type[PassByPass] | type[RowDenoiser]
DENOISERS: tuple[Kind, ...] = (PassByPass, RowDenoiser)


def text_of(pipeline: LTX2Pipeline, captions: Sequence[str]) -> Text:
    """What the stock pipeline gives its transformer for these captions."""
    with torch.no_grad():
        embeddings, mask, _, _ = pipeline.encode_prompt(
            list(captions), do_classifier_free_guidance=False, max_sequence_length=TOKENS, device=torch.device("cpu")
        )
        video, audio, mask = pipeline.connectors(embeddings, mask, padding_side="left")
    assert bool(mask.all())
    return Text(video=video, audio=audio)


def stock_arguments(settings: SamplingSettings) -> dict[str, Any]:
    """Our settings as the pipeline's arguments."""
    return {
        "num_inference_steps": settings.step_count,
        "sigmas": list(settings.sigmas) or None,
        "guidance_scale": settings.video.caption,
        "stg_scale": settings.video.perturbation,
        "modality_scale": settings.video.modality,
        "guidance_rescale": settings.video.rescale,
        "audio_guidance_scale": settings.audio.caption,
        "audio_stg_scale": settings.audio.perturbation,
        "audio_modality_scale": settings.audio.modality,
        "audio_guidance_rescale": settings.audio.rescale,
        "spatio_temporal_guidance_blocks": list(settings.perturbed_blocks),
    }


def stock_latents(
    pipeline: LTX2Pipeline, settings: SamplingSettings, seeds: Sequence[int], shape: LatentShape = SHAPE
) -> Latents:
    """What the stock pipeline samples for the first captions, one for each seed; normalised tokens."""
    pipeline = LTX2Pipeline(**pipeline.components)
    pipeline.set_progress_bar_config(disable=True)
    if settings.sigmas:  # the stock scheduler would shift fixed levels, too
        pipeline.scheduler = FlowMatchEulerDiscreteScheduler.from_config(
            pipeline.scheduler.config, use_dynamic_shifting=False, shift_terminal=None
        )
    made = pipeline(
        prompt=list(CAPTIONS[: len(seeds)]),
        negative_prompt=[NEGATIVE] * len(seeds),
        height=shape.rows * 32,
        width=shape.columns * 32,
        num_frames=(shape.frames - 1) * 8 + 1,
        frame_rate=float(shape.rate),
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        max_sequence_length=TOKENS,
        output_type="latent",
        **stock_arguments(settings),
    )
    return normalised(pipeline, made.frames, made.audio)


def normalised(pipeline: LTX2Pipeline, video: Tensor, audio: Tensor) -> Latents:
    """Latents as a pipeline hands them out, as tokens."""
    vae, audio_vae = pipeline.vae, pipeline.audio_vae
    return Latents(
        video=(packed_video(video) - vae.latents_mean) / vae.latents_std,
        audio=(packed_audio(audio) - audio_vae.latents_mean) / audio_vae.latents_std,
    )


def relative_error(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).norm() / expected.norm())
