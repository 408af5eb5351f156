import math
from collections import Counter
from dataclasses import replace
from statistics import fmean, median

import pytest
import torch

from sottovoce_engine.renderers.ltx.latent_shape import latent_shape
from sottovoce_engine.renderers.ltx.sampling_settings import SamplingSettings
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels, time_shift
from sottovoce_engine.renderers.ltx.training.draws import Draw, draws_for, noise_of, shift_of
from sottovoce_engine.training.recipe import Distribution, Timesteps

from .clips import FORM

SHIFT = 0.75
PLAIN = Timesteps(uniform=0.0)


def _many(timesteps: Timesteps, count: int = 2_000) -> list[Draw]:
    return [draw for step in range(1, count + 1) for draw in draws_for(step, 1, 7, 3, timesteps, SHIFT)]


def _logit(level: float) -> float:
    return math.log(level / (1 - level))


def test_every_clip_comes_once_before_any_comes_again_and_in_another_order() -> None:
    clips = [draw.clip for draw in _many(PLAIN, 21)]
    turns = [clips[start : start + 7] for start in (0, 7, 14)]
    assert all(sorted(turn) == list(range(7)) for turn in turns)
    assert turns[0] != turns[1]


def test_a_step_draws_the_same_whatever_was_drawn_before() -> None:
    alone = draws_for(40, 3, 7, 3, PLAIN, SHIFT)
    torch.manual_seed(99)
    after = [draws_for(step, 3, 7, 3, PLAIN, SHIFT) for step in range(1, 41)][-1]
    assert alone == after
    assert alone != draws_for(40, 3, 7, 4, PLAIN, SHIFT)
    assert len({draw.noise for draw in alone}) == 3
    shape = latent_shape(FORM.frames, FORM.raster, FORM.rate)
    assert torch.equal(noise_of(alone[0], shape).audio, noise_of(after[0], shape).audio)


def test_levels_are_normal_in_their_logit_about_the_shift() -> None:
    logits = [_logit(draw.level) for draw in _many(replace(PLAIN, spread=0.5))]
    assert abs(fmean(logits) - SHIFT) < 0.04
    assert abs(fmean((logit - SHIFT) ** 2 for logit in logits) ** 0.5 - 0.5) < 0.03


def test_a_share_of_the_levels_is_even() -> None:
    narrow = replace(PLAIN, spread=0.01, uniform=0.3)
    far = Counter(abs(_logit(draw.level) - SHIFT) > 0.1 for draw in _many(narrow))
    assert 0.25 < far[True] / 2_000 < 0.33
    levels = [draw.level for draw in _many(Timesteps(distribution=Distribution.UNIFORM))]
    assert abs(median(levels) - 0.5) < 0.03
    assert min(levels) >= 1e-3


def test_the_shift_is_that_of_the_models_own_schedule() -> None:
    """Unstretched, the sampler's middle level is where a level of a half is bent to."""
    model = replace(ShiftSettings(), terminal=0.0)
    for tokens in (468, 1_024, 4_992):
        middle = noise_levels(SamplingSettings(steps=4), tokens, model)[2]  # of 1, 3/4, 1/2, 1/4
        even = 1 - 2 * (1 - 1 / 4) / 3
        assert _logit(middle) - _logit(even) == pytest.approx(time_shift(tokens, model), abs=1e-5)
    assert shift_of(PLAIN, 468, model) == pytest.approx(0.95 - (1_024 - 468) * 1.1 / 3_072)
    assert shift_of(replace(PLAIN, shift=1.5), 468, model) == 1.5
