from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from diffusers import LTX2Pipeline

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.decoding import decode_in_tiles, decoded_audio, decoded_sounds, decoded_video
from sottovoce_engine.renderers.ltx.latents import noise_for, unpacked_audio, unpacked_video
from sottovoce_engine.renderers.ltx.settings import LtxSettings

from .holding import held_models
from .stock_sampling import SHAPE


def test_pictures_are_the_stock_pipelines_to_a_level(tiny_model: Path, stock: LTX2Pipeline) -> None:
    latents = noise_for(2, SHAPE)
    models = held_models(tiny_model, LtxSettings(dtype="float32")).decoding(Job())
    found = decoded_video(latents, SHAPE, models)
    with torch.no_grad():
        clean = stock._denormalize_latents(
            unpacked_video(latents.video, SHAPE), stock.vae.latents_mean, stock.vae.latents_std
        )
        expected = stock.video_processor.postprocess_video(stock.vae.decode(clean, return_dict=False)[0], "np")[0]
    assert found.shape == expected.shape == (17, 64, 96, 3)
    assert np.abs(found - expected * 255).max() <= 0.51


def test_sound_is_the_stock_pipelines_with_the_vocoder_in_float32(tiny_model: Path, stock: LTX2Pipeline) -> None:
    latents = noise_for(2, SHAPE)
    models = held_models(tiny_model, LtxSettings(dtype="float32")).decoding(Job())
    found = decoded_audio(latents, models)
    with torch.no_grad():
        clean = stock._denormalize_audio_latents(
            latents.audio, stock.audio_vae.latents_mean, stock.audio_vae.latents_std
        )
        mel = stock.audio_vae.decode(unpacked_audio(clean), return_dict=False)[0]
        expected = stock.vocoder(mel)[0].numpy()
    assert found.shape == (2, SHAPE.sound_samples)
    assert np.abs(found - expected).max() < 1e-5
    narrow = held_models(tiny_model, LtxSettings(dtype="bfloat16")).decoding(Job())
    assert narrow.vae.dtype == narrow.audio_vae.dtype == torch.bfloat16
    assert narrow.vocoder.dtype == torch.float32
    assert np.isfinite(decoded_audio(latents, narrow)).all()


def test_sounds_decoded_side_by_side_are_those_decoded_one_by_one(tiny_model: Path) -> None:
    models = held_models(tiny_model, LtxSettings(dtype="float32")).decoding(Job())
    shorter = replace(SHAPE, audio=SHAPE.audio - 6)
    takes = [noise_for(seed, shorter if seed == 3 else SHAPE) for seed in range(1, 11)]
    found = decoded_sounds(takes, models)
    assert [sound.shape[1] for sound in found] == [
        shorter.sound_samples if seed == 3 else SHAPE.sound_samples for seed in range(1, 11)
    ]
    for take, sound in zip(takes, found, strict=True):
        assert np.abs(sound - decoded_audio(take, models)).max() < 1e-5


def test_tiles_differ_where_they_meet_alone_and_the_whole_comes_back_bit_for_bit(tiny_model: Path) -> None:
    shape = replace(SHAPE, frames=2, rows=10, columns=12)
    latents = noise_for(2, shape)
    models = held_models(tiny_model, LtxSettings(dtype="float32")).decoding(Job())
    whole = decoded_video(latents, shape, models)
    decode_in_tiles(models.vae, tiled=True)
    tiled = decoded_video(latents, shape, models)
    assert tiled.shape == whole.shape == (9, 320, 384, 3)
    difference = np.abs(tiled.astype(int) - whole)
    assert difference[:, :64, :64].mean() < 0.5  # random weights reach far: a little comes from beyond the tile
    assert difference[:, 192:256, 192:256].mean() > 1  # where tiles meet
    decode_in_tiles(models.vae, tiled=False)
    assert np.array_equal(decoded_video(latents, shape, models), whole)
