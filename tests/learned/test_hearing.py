from collections.abc import Callable

import numpy as np
import pytest
import torch
from bench.learned.corpus import CLIP_SAMPLES, FRAMES, Clip
from bench.learned.hearing import band_unlikeness, periodic_unlikeness, spectral_unlikeness
from bench.learned.mouth import SIDE, mouths_for
from torch import Tensor

SAMPLES = 7680


def noise(seed: int) -> Tensor:
    return 0.1 * torch.randn(2, SAMPLES, generator=torch.Generator().manual_seed(seed))


def buzz(hz: float) -> Tensor:
    """What a generator without randomness makes of a noise: the noise's power, again and again."""
    period = round(16_000 / hz)
    return noise(9)[:, :period].repeat(1, SAMPLES // period + 1)[:, :SAMPLES]


def test_a_buzz_is_no_noise_though_its_bands_are_as_loud() -> None:
    real = noise(1)
    assert periodic_unlikeness(buzz(100), real) > 1.8 * periodic_unlikeness(noise(2), real)


def test_a_voice_at_another_pitch_is_unlike() -> None:
    assert periodic_unlikeness(buzz(200), buzz(160)) > 2 * periodic_unlikeness(buzz(160), buzz(160) + 0.01 * noise(3))


@pytest.mark.parametrize("unlikeness", [spectral_unlikeness, band_unlikeness, periodic_unlikeness])
def test_a_sound_is_like_itself_and_the_way_back_is_finite_in_silence(
    unlikeness: Callable[[Tensor, Tensor], Tensor],
) -> None:
    assert float(unlikeness(noise(4), noise(4))) < 1e-3
    silent = torch.zeros(2, SAMPLES, requires_grad=True)
    torch.autograd.backward(unlikeness(silent, noise(4)))
    assert silent.grad is not None
    assert silent.grad.isfinite().all()


def test_periodicity_knows_no_level() -> None:
    assert float(periodic_unlikeness(0.3 * noise(5), noise(5))) < 0.01


def test_bands_hold_a_noise_to_its_level() -> None:
    assert float(band_unlikeness(noise(6), noise(7))) < 0.2
    assert float(band_unlikeness(0.5 * noise(6), noise(7))) == pytest.approx(np.log(2), abs=0.1)


def test_the_mouth_opens_with_the_sound() -> None:
    rng = np.random.default_rng(1)
    sound = np.zeros(CLIP_SAMPLES, np.int16)
    sound[CLIP_SAMPLES // 2 :] = rng.normal(0, 4_000, CLIP_SAMPLES - CLIP_SAMPLES // 2)
    clip = Clip(part="base", line="", gender="man", voice="", register="normal", caption="", seed=1)
    picture = mouths_for([clip], sound[None])
    assert picture.shape == (1, 3, FRAMES, SIDE, SIDE)
    assert picture.abs().max() <= 1
    red = picture[0, 0].mean((1, 2))  # lips are redder than the card
    assert red[-10:].min() > red[:10].max() + 0.1
