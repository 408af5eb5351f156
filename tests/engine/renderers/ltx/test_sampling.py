from copy import deepcopy
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from diffusers import LTX2Pipeline
from diffusers.pipelines.ltx2.pipeline_ltx2 import calculate_shift

from sottovoce_engine.progress import Job, JobCancelled, Progress
from sottovoce_engine.renderers.ltx.denoising import Conditions, Denoiser
from sottovoce_engine.renderers.ltx.guidance import passes_for
from sottovoce_engine.renderers.ltx.latent_shape import LatentShape, latent_shape
from sottovoce_engine.renderers.ltx.latents import Latents, noise_for, stacked
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.sampling_settings import FAST, NO_GUIDANCE, Guidance, SamplingSettings
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels
from sottovoce_engine.scene import Raster

from .stock_sampling import CAPTIONS, DENOISERS, NEGATIVE, SHAPE, Kind, relative_error, stock_latents, text_of

WITHIN = 1e-5
DEV = SamplingSettings(
    steps=4,
    video=Guidance(caption=3.0, perturbation=1.0, modality=3.0, rescale=0.7),
    audio=Guidance(caption=7.0, perturbation=0.5, modality=2.0, rescale=0.4),
    perturbed_blocks=(1,),
)


def denoiser_for(
    kind: Kind,
    pipeline: LTX2Pipeline,
    settings: SamplingSettings,
    takes: int = 1,
    shape: LatentShape = SHAPE,
) -> Denoiser:
    conditions = Conditions(
        shape=shape,
        text=text_of(pipeline, CAPTIONS[:takes]),
        negative=text_of(pipeline, [NEGATIVE]) if settings.needs_negative else None,
        perturbed_blocks=settings.perturbed_blocks,
    )
    return kind(pipeline.transformer, conditions, passes_for(settings))


def ours(
    kind: Kind,
    pipeline: LTX2Pipeline,
    settings: SamplingSettings,
    seeds: tuple[int, ...] = (1,),
    shape: LatentShape = SHAPE,
) -> Latents:
    levels = noise_levels(settings, shape.video_tokens, ShiftSettings())
    noise = stacked([noise_for(seed, shape) for seed in seeds])
    return sampled(denoiser_for(kind, pipeline, settings, len(seeds), shape), noise, levels, settings, Job())


def check(found: Latents, expected: Latents, within: float = WITHIN) -> None:
    assert relative_error(found.video, expected.video) <= within
    assert relative_error(found.audio, expected.audio) <= within


@pytest.mark.parametrize(
    "settings",
    [
        DEV,
        FAST,
        replace(DEV, video=NO_GUIDANCE, audio=replace(NO_GUIDANCE, caption=1.0)),
        replace(DEV, video=replace(NO_GUIDANCE, caption=4.0), audio=replace(NO_GUIDANCE, rescale=0.3)),
        replace(DEV, video=replace(NO_GUIDANCE, perturbation=1.5), audio=NO_GUIDANCE, perturbed_blocks=(0, 2)),
        replace(DEV, video=NO_GUIDANCE, audio=replace(NO_GUIDANCE, modality=3.0)),
    ],
    ids=["dev", "distilled", "no guidance", "caption", "perturbation", "modality"],
)
def test_latents_equal_the_stock_pipelines(settings: SamplingSettings, stock: LTX2Pipeline) -> None:
    asked = settings
    if settings.video.perturbation and not settings.audio.perturbation:
        # The pipeline takes `audio_stg_scale or stg_scale`: a sound's 0 would become the video's scale.
        asked = replace(settings, audio=replace(settings.audio, perturbation=1e-30))
    expected = stock_latents(stock, asked, (1,))
    for kind in DENOISERS:
        check(ours(kind, stock, settings), expected)


def test_latents_equal_the_stock_pipelines_after_thirty_steps(stock: LTX2Pipeline) -> None:
    settings, shape = replace(DEV, steps=30), latent_shape(9, Raster(width=64, height=32), Fraction(24))
    check(ours(RowDenoiser, stock, settings, (1,), shape), stock_latents(stock, settings, (1,), shape))


def test_takes_sampled_together_equal_the_stock_pipelines_batch_and_each_alone(stock: LTX2Pipeline) -> None:
    expected = stock_latents(stock, DEV, (5, 9))
    for kind in DENOISERS:
        both = ours(kind, stock, DEV, (5, 9))
        check(both, expected)
        check(Latents(video=both.video[:1], audio=both.audio[:1]), ours(kind, stock, DEV, (5,)))


@pytest.mark.parametrize(("frames", "rate"), [(9, Fraction(25)), (25, Fraction(24_000, 1001)), (33, Fraction(30))])
def test_other_lengths_and_rates_equal_the_stock_pipelines(frames: int, rate: Fraction, stock: LTX2Pipeline) -> None:
    shape = latent_shape(frames, Raster(width=64, height=32), rate)
    check(ours(RowDenoiser, stock, DEV, (3,), shape), stock_latents(stock, DEV, (3,), shape))


@pytest.mark.parametrize("tokens", [36, 1024, 4992])
@pytest.mark.parametrize("steps", [2, 8, 30])
def test_noise_levels_are_the_stock_schedulers(tokens: int, steps: int, stock: LTX2Pipeline) -> None:
    scheduler = deepcopy(stock.scheduler)
    scheduler.set_timesteps(
        sigmas=np.linspace(1.0, 1 / steps, steps), mu=calculate_shift(tokens, 1024, 4096, 0.95, 2.05)
    )
    found = noise_levels(SamplingSettings(steps=steps), tokens, ShiftSettings())
    assert found == pytest.approx(scheduler.sigmas.tolist(), abs=1e-7)


def test_a_single_step_starts_at_pure_noise() -> None:
    assert noise_levels(SamplingSettings(steps=1), 36, ShiftSettings()) == (1.0, 0.0)


def test_in_bf16_latents_equal_the_stock_pipelines_as_bf16_can(own_stock: LTX2Pipeline) -> None:
    own_stock.to(torch.bfloat16)
    expected = stock_latents(own_stock, DEV, (1,))
    for kind in DENOISERS:
        found = ours(kind, own_stock, DEV)
        assert found.video.dtype == torch.float32
        check(found, expected, within=0.05)


def test_every_step_is_reported_with_the_take_in_hand(stock: LTX2Pipeline) -> None:
    told: list[Progress] = []
    levels = noise_levels(DEV, SHAPE.video_tokens, ShiftSettings())
    sampled(denoiser_for(RowDenoiser, stock, DEV), noise_for(1, SHAPE), levels, DEV, Job(told.append), about="key")
    assert [(step.done, step.total) for step in told] == [(done, 4) for done in range(5)]
    assert {(step.stage, step.about) for step in told} == {("sampling", "key")}


def test_a_cancel_takes_effect_before_the_next_step(stock: LTX2Pipeline) -> None:
    steps: list[int] = []

    def cancel_at_the_second(progress: Progress) -> None:
        steps.append(progress.done)
        if progress.done == 1:
            job.cancel()

    job = Job(cancel_at_the_second)
    levels = noise_levels(DEV, SHAPE.video_tokens, ShiftSettings())
    with pytest.raises(JobCancelled):
        sampled(denoiser_for(RowDenoiser, stock, DEV), noise_for(1, SHAPE), levels, DEV, job)
    assert steps == [0, 1]


def test_nothing_is_kept_for_gradients(stock: LTX2Pipeline) -> None:
    assert stock.transformer.proj_in.weight.requires_grad
    made = ours(RowDenoiser, stock, DEV)
    assert made.video.is_inference()
    assert not made.audio.requires_grad


def test_a_seed_is_the_same_noise_whatever_was_drawn_before() -> None:
    first = noise_for(4, SHAPE)
    torch.manual_seed(99)
    torch.randn(10)
    again = noise_for(4, SHAPE)
    assert torch.equal(first.video, again.video)
    assert torch.equal(first.audio, again.audio)
    assert not torch.equal(first.video, noise_for(5, SHAPE).video)
