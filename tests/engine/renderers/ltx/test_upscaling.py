"""Two stages against diffusers' own pipelines, run as its documentation runs them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTX2ConditionPipeline, LTX2LatentUpsamplePipeline, LTX2Pipeline
from diffusers.pipelines.ltx2 import LTX2DFRPipeline
from diffusers.pipelines.ltx2.latent_upsampler import LTX2LatentUpsamplerModel
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from PIL import Image
from torch import Tensor

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.given import kept_video
from sottovoce_engine.renderers.ltx.guidance import passes_for
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import (
    KeptAudio,
    KeptVideo,
    Latents,
    noise_for,
    second_noise_for,
    stacked,
    unpacked_audio,
    unpacked_video,
)
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.sampling_settings import FAST, SECOND_STAGE, Guidance, SamplingSettings
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels
from sottovoce_engine.renderers.ltx.upscaling import halved, sound_kept, statistics_of, upsampled

from .stock_sampling import (
    CAPTIONS,
    DENOISERS,
    NEGATIVE,
    RATE,
    SHAPE,
    TOKENS,
    Kind,
    normalised,
    relative_error,
    stock_arguments,
    text_of,
)
from .tiny_upsampler import tiny_upsampler

LARGE = replace(SHAPE, rows=2 * SHAPE.rows, columns=2 * SHAPE.columns)
DEV = SamplingSettings(
    steps=3, video=Guidance(), audio=Guidance(caption=7.0), perturbed_blocks=(1,), negative_caption=NEGATIVE
)
WITHIN = 1e-5


@pytest.fixture(scope="module")
def upsampler() -> LTX2LatentUpsamplerModel:
    return tiny_upsampler()


def unshifted(pipeline: LTX2Pipeline) -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler.from_config(
        pipeline.scheduler.config, use_dynamic_shifting=False, shift_terminal=None
    )


def stock_upsampled(pipeline: LTX2Pipeline, upsampler: LTX2LatentUpsamplerModel, video: Tensor) -> Tensor:
    upsampling = LTX2LatentUpsamplePipeline(vae=pipeline.vae, latent_upsampler=upsampler)
    made: Tensor = upsampling(latents=video, output_type="latent", return_dict=False)[0]
    return made


def sampled_by(
    kind: Kind,
    pipeline: LTX2Pipeline,
    settings: SamplingSettings,
    shape: LatentShape,
    noise: Latents,
    *,
    kept: KeptVideo | None = None,
    kept_audio: KeptAudio | None = None,
    refined: Latents | None = None,
) -> Latents:
    takes = len(noise.video)
    conditions = Conditions(
        shape=shape,
        text=text_of(pipeline, CAPTIONS[:takes]),
        negative=text_of(pipeline, [NEGATIVE]) if settings.needs_negative else None,
        kept=kept,
        kept_audio=kept_audio,
        perturbed_blocks=settings.perturbed_blocks,
    )
    denoiser = kind(pipeline.transformer, conditions, passes_for(settings))
    levels = noise_levels(settings, shape.video_tokens, ShiftSettings())
    return sampled(denoiser, noise, levels, settings, Job(), kept=kept, kept_audio=kept_audio, refined=refined)


def check(found: Latents, expected: Latents) -> None:
    assert relative_error(found.video, expected.video) <= WITHIN
    assert relative_error(found.audio, expected.audio) <= WITHIN


def test_the_picture_is_upsampled_as_the_stock_pipeline_does(
    stock: LTX2Pipeline, upsampler: LTX2LatentUpsamplerModel
) -> None:
    latents = stacked([noise_for(2, SHAPE), noise_for(3, SHAPE)])
    plain = stock._denormalize_latents(
        unpacked_video(latents.video, SHAPE), stock.vae.latents_mean, stock.vae.latents_std
    )
    expected = normalised(stock, stock_upsampled(stock, upsampler, plain), torch.zeros(2, 8, SHAPE.audio, 16))
    found = upsampled(latents, SHAPE, upsampler, statistics_of(stock.vae))
    assert found.video.shape == (2, LARGE.video_tokens, 128)
    assert relative_error(found.video, expected.video) <= WITHIN
    assert torch.equal(found.audio, latents.audio)


@pytest.mark.parametrize("first", [FAST, DEV], ids=["distilled", "dev"])
def test_two_stages_equal_the_stock_pipeline_called_twice(
    first: SamplingSettings, stock: LTX2Pipeline, upsampler: LTX2LatentUpsamplerModel
) -> None:
    seeds = (5, 9)
    expected = _stock_two_stages(stock, upsampler, first, seeds)
    for kind in DENOISERS:
        small = sampled_by(kind, stock, first, SHAPE, stacked([noise_for(seed, SHAPE) for seed in seeds]))
        refined = upsampled(small, SHAPE, upsampler, statistics_of(stock.vae))
        noise = stacked([second_noise_for(seed, SHAPE, LARGE) for seed in seeds])
        check(sampled_by(kind, stock, SECOND_STAGE, LARGE, noise, refined=refined), expected)


def _stock_two_stages(
    pipeline: LTX2Pipeline, upsampler: LTX2LatentUpsamplerModel, first: SamplingSettings, seeds: tuple[int, ...]
) -> Latents:
    pipeline = LTX2Pipeline(**pipeline.components)
    pipeline.set_progress_bar_config(disable=True)
    if first.sigmas:
        pipeline.scheduler = unshifted(pipeline)
    shared = {
        "prompt": list(CAPTIONS[: len(seeds)]),
        "negative_prompt": [NEGATIVE] * len(seeds),
        "num_frames": 17,
        "frame_rate": float(RATE),
        "generator": [torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        "max_sequence_length": TOKENS,
        "output_type": "latent",
    }
    small = pipeline(height=SHAPE.rows * 32, width=SHAPE.columns * 32, **shared, **stock_arguments(first))
    pipeline.scheduler = unshifted(pipeline)
    made = pipeline(
        latents=stock_upsampled(pipeline, upsampler, small.frames),
        audio_latents=small.audio,
        noise_scale=SECOND_STAGE.sigmas[0],
        height=LARGE.rows * 32,
        width=LARGE.columns * 32,
        **shared,
        **stock_arguments(SECOND_STAGE),
    )
    return normalised(pipeline, made.frames, made.audio)


def test_sound_that_is_kept_is_heard_clean_as_the_stock_pipeline_freezes_it(stock: LTX2Pipeline) -> None:
    """LTX2DFRPipeline is diffusers' own that holds the sound: its loop, from the same first state."""
    parts = {name: part for name, part in stock.components.items() if part is not None}
    reference = LTX2DFRPipeline(**parts | {"scheduler": unshifted(stock)})
    reference._interrupt = False  # set by its own call
    refined, noise = noise_for(31, LARGE), second_noise_for(5, SHAPE, LARGE)
    kept_audio = sound_kept(refined.audio)
    text, level = text_of(stock, CAPTIONS[:1]), SECOND_STAGE.sigmas[0]
    places = stock.transformer.rope.prepare_video_coords(
        1, LARGE.frames, LARGE.rows, LARGE.columns, torch.device("cpu"), fps=float(RATE)
    )
    with torch.no_grad():
        video, audio = reference.denoise(
            latents=level * noise.video + (1 - level) * refined.video,
            conditioning_mask=torch.zeros(1, LARGE.video_tokens, 1),
            clean_latents=torch.zeros_like(refined.video),
            video_coords=places,
            keyframes_mask=torch.zeros(1, LARGE.video_tokens, 1),
            prompt_embeds=text.video,
            audio_prompt_embeds=text.audio,
            prompt_attention_mask=torch.ones(text.video.shape[:2]),
            sigmas=list(SECOND_STAGE.sigmas),
            frame_rate=float(RATE),
            audio_latents=refined.audio,
            freeze_audio=True,
        )
    for kind in DENOISERS:
        found = sampled_by(kind, stock, SECOND_STAGE, LARGE, noise, kept_audio=kept_audio, refined=refined)
        assert relative_error(found.video, video) <= WITHIN
        assert torch.equal(found.audio, refined.audio)
        assert torch.equal(audio, refined.audio)


def test_the_picture_follows_the_sound_that_is_kept(stock: LTX2Pipeline) -> None:
    refined, noise = noise_for(31, LARGE), second_noise_for(5, SHAPE, LARGE)
    made = []
    for sound in (refined.audio, noise_for(32, LARGE).audio):
        made.append(
            sampled_by(
                DENOISERS[0],
                stock,
                SECOND_STAGE,
                LARGE,
                noise,
                kept_audio=sound_kept(sound),
                refined=replace(refined, audio=sound),
            ).video
        )
    assert (made[0] - made[1]).abs().max() > 0.01


@pytest.mark.parametrize("settings", [FAST, DEV], ids=["distilled", "dev"])
def test_sound_may_be_given_token_by_token(settings: SamplingSettings, stock: LTX2Pipeline) -> None:
    """The stock transformer takes a level for each token of sound; our rows agree with it."""
    share = torch.zeros(SHAPE.audio)
    share[:5], share[5], share[-3:] = 1.0, 0.5, 1.0
    clean = torch.where(share[None, :, None] > 0, noise_for(40, SHAPE).audio, 0.0)
    kept = KeptAudio(share=share, clean=clean)
    one, other = (sampled_by(kind, stock, settings, SHAPE, noise_for(4, SHAPE), kept_audio=kept) for kind in DENOISERS)
    check(one, other)
    given = share == 1
    torch.testing.assert_close(one.audio[:, given], clean[:, given], rtol=0, atol=1e-5)
    alone = sampled_by(DENOISERS[0], stock, settings, SHAPE, noise_for(4, SHAPE))
    assert (one.audio[:, ~given] - alone.audio[:, ~given]).abs().max() > 0.01
    assert (one.video - alone.video).abs().max() > 0.001


def test_given_pictures_start_both_stages_as_the_stock_condition_pipeline_does(
    stock: LTX2Pipeline, upsampler: LTX2LatentUpsamplerModel
) -> None:
    parts = {name: part for name, part in stock.components.items() if part is not None and name != "prompt_enhancer"}
    reference = LTX2ConditionPipeline(**parts | {"scheduler": unshifted(stock)})
    reference.set_progress_bar_config(disable=True)
    refined = upsampled(noise_for(8, SHAPE), SHAPE, upsampler, statistics_of(stock.vae))
    frames = [Image.new("RGB", (LARGE.columns * 32, LARGE.rows * 32), (20 * index, 90, 200)) for index in range(9)]
    made = reference(
        conditions=[LTX2VideoCondition(frames=frames, index=0, strength=1.0)],
        latents=stock._denormalize_latents(
            unpacked_video(refined.video, LARGE), stock.vae.latents_mean, stock.vae.latents_std
        ),
        audio_latents=stock._denormalize_audio_latents(
            unpacked_audio(refined.audio),
            stock.audio_vae.latents_mean.view(8, 1, 16),
            stock.audio_vae.latents_std.view(8, 1, 16),
        ),
        noise_scale=SECOND_STAGE.sigmas[0],
        prompt=CAPTIONS[0],
        height=LARGE.rows * 32,
        width=LARGE.columns * 32,
        num_frames=17,
        frame_rate=float(RATE),
        generator=torch.Generator("cpu").manual_seed(6),
        max_sequence_length=TOKENS,
        output_type="latent",
        **stock_arguments(SECOND_STAGE),
    )
    generator = torch.Generator("cpu").manual_seed(6)
    noise = Latents(
        video=torch.randn((1, LARGE.video_tokens, 128), generator=generator),
        audio=torch.randn((1, LARGE.audio, 128), generator=generator),
    )
    pictures = np.stack([np.asarray(frame) for frame in frames])
    kept = kept_video(pictures, LARGE, stock.vae)
    for kind in DENOISERS:
        found = sampled_by(kind, stock, SECOND_STAGE, LARGE, noise, kept=kept, refined=refined)
        check(found, normalised(stock, made.frames, made.audio))


def test_a_take_draws_its_second_noise_after_its_first() -> None:
    again = second_noise_for(5, SHAPE, LARGE)
    assert torch.equal(again.video, second_noise_for(5, SHAPE, LARGE).video)
    assert not torch.equal(again.video[:, : SHAPE.video_tokens], noise_for(5, SHAPE).video)


def test_half_of_a_shape_is_sampled_first() -> None:
    assert halved(LARGE) == SHAPE
    with pytest.raises(ValueError, match="cannot be halved"):
        halved(replace(LARGE, columns=3))
