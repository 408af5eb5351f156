"""Sound to log-mel spectrogram to latents: values, places in time, and the way back."""

import numpy as np
import pytest
import torch
from diffusers import LTX2Pipeline
from numpy.typing import NDArray

from sottovoce_engine.renderers.ltx.decoding import DecodingModels, decoded_audio
from sottovoce_engine.renderers.ltx.latents import Latents, unpacked_audio
from sottovoce_engine.renderers.ltx.sound_encoding import encoded_sound, samples_for
from sottovoce_engine.renderers.ltx.sound_mel import LOWEST_MAGNITUDE, log_mel

MEL = {"rate": 16_000, "hop": 160, "bands": 64}
SECOND = 48_000


def tone(hertz: float, seconds: float = 0.5, level: float = 0.25) -> NDArray[np.float32]:
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * SECOND)) / SECOND)
    return np.stack([wave, 0.5 * wave]).astype(np.float32)


def noise(seconds: float, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 0.05, (2, round(seconds * SECOND))).astype(np.float32)


def click(at: float, seconds: float) -> NDArray[np.float32]:
    sound = np.zeros((2, round(seconds * SECOND)), np.float32)
    sound[:, round(at * SECOND)] = 1.0
    return sound


def slaney_hertz(mel: float) -> float:
    """Source: Slaney, Auditory Toolbox (1998): linear up to 1 kHz, then 27 steps for a factor of 6.4."""
    return 200 / 3 * mel if mel < 15 else float(1000 * 6.4 ** ((mel - 15) / 27))


def test_a_tone_lies_in_its_band_at_the_magnitude_of_its_window() -> None:
    mel = log_mel(tone(1000.0), **MEL)
    assert mel.shape == (1, 2, 51, 64)
    assert mel.dtype == torch.float32
    edges = [slaney_hertz(step) for step in np.linspace(0, 15 + 27 * np.log(8) / np.log(6.4), 66)]
    band = next(band for band in range(64) if edges[band] <= 1000.0 <= edges[band + 2] and edges[band + 1] >= 975)
    assert abs(int(mel[0, 0, 25].argmax()) - band) <= 1
    # A whole frame by hand: magnitudes of a Hann window, weighted by triangles of area 1 over hertz.
    wave = 0.25 * np.sin(2 * np.pi * 1000.0 * np.arange(8000) / 16_000)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    magnitudes = np.abs(np.fft.rfft(wave[25 * 160 - 512 : 25 * 160 + 512] * hann))
    low, peak, high = edges[band], edges[band + 1], edges[band + 2]
    hertz = np.arange(513) * 16_000 / 1024
    weights = np.clip(np.minimum((hertz - low) / (peak - low), (high - hertz) / (high - peak)), 0, None)
    expected = np.log(magnitudes @ weights * 2 / (high - low))
    assert float(mel[0, 0, 25, band]) == pytest.approx(expected, abs=2e-3)
    assert float(mel[0, 0, 25, band] - mel[0, 1, 25, band]) == pytest.approx(np.log(2), abs=1e-3)


def test_silence_is_the_floor_and_nothing_lies_under_it() -> None:
    silent = log_mel(np.zeros((2, 4800), np.float32), **MEL)
    assert torch.equal(silent, torch.tensor(LOWEST_MAGNITUDE).log().expand_as(silent))
    assert float(log_mel(noise(0.5) * 1e-9, **MEL).min()) == pytest.approx(np.log(LOWEST_MAGNITUDE))


@pytest.mark.parametrize("at", [0.1, 0.25, 0.333])
def test_a_frame_is_centred_on_its_time(at: float) -> None:
    loudness = log_mel(click(at, 0.5), **MEL)[0, 0].exp().sum(dim=1)
    assert abs(int(loudness.argmax()) - at * 100) <= 0.5
    reached = loudness.nonzero().flatten()[loudness > loudness.max() * 1e-3]
    assert int(reached.min()) >= np.ceil((at - 0.032) * 100) - 1
    assert int(reached.max()) <= np.floor((at + 0.032) * 100) + 1


@pytest.mark.parametrize("tokens", [1, 2, 5, 25])
def test_as_many_latents_as_asked_for_whatever_the_length(tokens: int, stock: LTX2Pipeline) -> None:
    for seconds in (0.1, 0.04 * tokens, 2.0):
        found = encoded_sound(noise(seconds), tokens, stock.audio_vae)
        assert found.shape == (1, tokens, 128)
        assert found.dtype == torch.float32
    assert samples_for(tokens) == round((0.04 * tokens - 0.03) * SECOND)


@pytest.mark.parametrize("at", [0.15, 0.31, 0.5])
def test_a_click_lies_in_its_latent(at: float, stock: LTX2Pipeline) -> None:
    """Latent n stands for the mel frames 4n-3 to 4n. The encoder is causal: nothing before it may move."""
    found, still = (
        encoded_sound(sound, 20, stock.audio_vae) for sound in (click(at, 1.0), np.zeros((2, SECOND), np.float32))
    )
    moved = (found - still).abs().amax(dim=(0, 2))
    changed = moved.nonzero().flatten()
    first = int(changed.min())
    assert first == int(np.ceil(np.ceil((at - 0.032) * 100 - 1e-9) / 4))
    own = int(np.ceil(at * 100 / 4))
    assert first <= own <= first + 1
    assert moved[own] > 0.1 * moved.max()


def test_what_is_beyond_the_latents_does_not_matter(stock: LTX2Pipeline) -> None:
    sound, reach = noise(1.0), 1536  # half a window of 64 ms
    known = sound[:, : samples_for(10) + reach]
    other = np.concatenate([known, np.ones((2, 4800), np.float32)], axis=1)
    assert torch.equal(*(encoded_sound(each, 10, stock.audio_vae) for each in (sound, other)))


@torch.inference_mode()
def test_latents_are_normalised_as_decoding_takes_it_back(own_stock: LTX2Pipeline) -> None:
    vae = own_stock.audio_vae
    plain = encoded_sound(noise(0.5), 6, vae) * vae.latents_std + vae.latents_mean
    vae.latents_mean.copy_(torch.linspace(-1, 1, 128))
    vae.latents_std.copy_(torch.linspace(0.5, 2, 128))
    found = encoded_sound(noise(0.5), 6, vae)
    torch.testing.assert_close(found * vae.latents_std + vae.latents_mean, plain, rtol=1e-5, atol=1e-5)
    models = DecodingModels(vae=own_stock.vae, audio_vae=vae, vocoder=own_stock.vocoder)
    heard = decoded_audio(Latents(video=torch.zeros(1, 1, 128), audio=found), models)
    expected = own_stock.vocoder(vae.decode(unpacked_audio(plain), return_dict=False)[0])[0].numpy()
    assert heard.shape == (2, samples_for(6))
    np.testing.assert_allclose(heard, np.broadcast_to(expected, heard.shape), atol=1e-4)
