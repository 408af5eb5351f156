"""A picture that is given, in part or whole; and what the sound's LoRA does to one that is not."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import LTX2ConditionPipeline, LTX2Pipeline
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from PIL import Image
from torch import Tensor

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.bank import BASE, LoraState, WeightBank
from sottovoce_engine.renderers.ltx.denoising import Conditions
from sottovoce_engine.renderers.ltx.guidance import passes_for
from sottovoce_engine.renderers.ltx.latents import KeptVideo, Latents, noise_for, packed_video
from sottovoce_engine.renderers.ltx.lora_file import read_lora
from sottovoce_engine.renderers.ltx.model_layout import layout_from_config
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.sampling_settings import FAST, Guidance, SamplingSettings
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels

from .stock_sampling import (
    CAPTIONS,
    DENOISERS,
    FRAMES,
    NEGATIVE,
    RASTER,
    RATE,
    SHAPE,
    TOKENS,
    Kind,
    normalised,
    relative_error,
    stock_arguments,
    stock_latents,
    text_of,
)

WHISPER = LoraState(lora="whisper", strength=1.0)
DEV = SamplingSettings(
    steps=3, video=Guidance(), audio=Guidance(caption=7.0), perturbed_blocks=(1,), negative_caption=NEGATIVE
)
PER_FRAME = SHAPE.rows * SHAPE.columns


def sampled_by(
    kind: Kind,
    pipeline: LTX2Pipeline,
    settings: SamplingSettings,
    noise: Latents,
    kept: KeptVideo | None,
) -> Latents:
    conditions = Conditions(
        shape=SHAPE,
        text=text_of(pipeline, CAPTIONS[:1]),
        negative=text_of(pipeline, [NEGATIVE]) if settings.needs_negative else None,
        kept=kept,
        perturbed_blocks=settings.perturbed_blocks,
    )
    denoiser = kind(pipeline.transformer, conditions, passes_for(settings))
    levels = noise_levels(settings, SHAPE.video_tokens, ShiftSettings())
    return sampled(denoiser, noise, levels, settings, Job(), kept=kept)


def kept_frames(clean: Tensor, latent_frames: int, share: float = 1.0) -> KeptVideo:
    """The first latent frames given, at `share`."""
    shares = torch.zeros(SHAPE.video_tokens)
    shares[: latent_frames * PER_FRAME] = share
    return KeptVideo(share=shares, clean=torch.where(shares[None, :, None] > 0, clean, 0.0))


def encoded(pipeline: LTX2Pipeline, frames: list[Image.Image]) -> Tensor:
    """Frames as the condition pipeline encodes them: normalised tokens of their latents."""
    video = pipeline.video_processor.preprocess_video(frames, RASTER.height, RASTER.width)
    with torch.no_grad():
        latents = pipeline.vae.encode(video).latent_dist.mode()
    return packed_video(pipeline._normalize_latents(latents, pipeline.vae.latents_mean, pipeline.vae.latents_std))


@pytest.mark.parametrize(("settings", "share"), [(DEV, 1.0), (DEV, 0.7), (FAST, 1.0)])
def test_given_frames_equal_the_stock_condition_pipelines(
    settings: SamplingSettings, share: float, stock: LTX2Pipeline
) -> None:
    parts = {name: part for name, part in stock.components.items() if part is not None and name != "prompt_enhancer"}
    reference = LTX2ConditionPipeline(**parts)
    reference.set_progress_bar_config(disable=True)
    if settings.sigmas:
        reference.scheduler = type(reference.scheduler).from_config(
            reference.scheduler.config, use_dynamic_shifting=False, shift_terminal=None
        )
    frames = [Image.new("RGB", (RASTER.width, RASTER.height), (20 * index, 90, 200)) for index in range(9)]
    made = reference(
        conditions=[LTX2VideoCondition(frames=frames, index=0, strength=share)],
        prompt=CAPTIONS[0],
        negative_prompt=NEGATIVE,
        height=RASTER.height,
        width=RASTER.width,
        num_frames=FRAMES,
        frame_rate=float(RATE),
        generator=torch.Generator("cpu").manual_seed(6),
        max_sequence_length=TOKENS,
        output_type="latent",
        **stock_arguments(settings),
    )
    # The condition pipeline draws its noise as tokens, the plain one as frames: hand ours the same numbers.
    generator = torch.Generator("cpu").manual_seed(6)
    noise = Latents(
        video=torch.randn((1, SHAPE.video_tokens, 128), generator=generator),
        audio=torch.randn((1, SHAPE.audio, 128), generator=generator),
    )
    clean = torch.zeros((1, SHAPE.video_tokens, 128))
    clean[:, : 2 * PER_FRAME] = encoded(reference, frames)
    expected = normalised(stock, made.frames, made.audio)
    for kind in DENOISERS:
        found = sampled_by(kind, stock, settings, noise, kept_frames(clean, 2, share))
        assert relative_error(found.video, expected.video) <= 1e-5
        assert relative_error(found.audio, expected.audio) <= 1e-5


def test_given_frames_come_out_as_they_went_in(stock: LTX2Pipeline) -> None:
    clean = noise_for(50, SHAPE).video
    made = sampled_by(RowDenoiser, stock, DEV, noise_for(1, SHAPE), kept_frames(clean, 1))
    torch.testing.assert_close(made.video[:, :PER_FRAME], clean[:, :PER_FRAME], rtol=0, atol=1e-5)
    assert (made.video[:, PER_FRAME:] - clean[:, PER_FRAME:]).abs().max() > 0.1


@pytest.fixture
def banked(own_stock: LTX2Pipeline, tiny_lora: Path) -> tuple[LTX2Pipeline, WeightBank]:
    layout = layout_from_config(dict(own_stock.transformer.config))
    bank = WeightBank(own_stock.transformer)
    bank.prepare(WHISPER, read_lora(tiny_lora, layout).pairs)
    return own_stock, bank


def difference(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max())


def test_sampled_together_the_sounds_lora_moves_the_picture_too(banked: tuple[LTX2Pipeline, WeightBank]) -> None:
    """The card calls the video output provably unchanged. It is not: `audio_to_video_attn` reads the changed sound."""
    pipeline, bank = banked
    made = {}
    for name, state in (("off", BASE), ("on", WHISPER), ("off again", replace(WHISPER, strength=0.0))):
        bank.use(state)
        made[name] = sampled_by(RowDenoiser, pipeline, FAST, noise_for(1, SHAPE), None)
    assert difference(made["on"].audio, made["off"].audio) > 0.1
    assert difference(made["on"].video, made["off"].video) > 0.01
    assert difference(made["off again"].video, made["off"].video) == 0.0
    assert difference(made["off again"].audio, made["off"].audio) == 0.0


def test_a_picture_that_is_given_whole_stays_and_only_the_sound_moves(
    banked: tuple[LTX2Pipeline, WeightBank],
) -> None:
    pipeline, bank = banked
    locked = kept_frames(noise_for(50, SHAPE).video, SHAPE.frames)
    off = sampled_by(RowDenoiser, pipeline, FAST, noise_for(1, SHAPE), locked)
    bank.use(WHISPER)
    on = sampled_by(RowDenoiser, pipeline, FAST, noise_for(1, SHAPE), locked)
    assert difference(on.audio, off.audio) > 0.1
    assert difference(on.video, off.video) == 0.0
    assert difference(on.video, locked.clean) < 1e-5


def test_fused_weights_sample_what_the_stock_adapter_samples(
    banked: tuple[LTX2Pipeline, WeightBank], stock: LTX2Pipeline, tiny_model: Path, tiny_lora: Path
) -> None:
    pipeline, bank = banked
    bank.use(WHISPER)
    found = sampled_by(RowDenoiser, pipeline, FAST, noise_for(1, SHAPE), None)
    adapted = LTX2Pipeline.from_pretrained(tiny_model)
    adapted.load_lora_weights(str(tiny_lora))
    expected = stock_latents(adapted, FAST, (1,))
    assert relative_error(found.video, expected.video) <= 1e-5
    assert relative_error(found.audio, expected.audio) <= 1e-5
    assert relative_error(expected.audio, stock_latents(stock, FAST, (1,)).audio) > 0.01
