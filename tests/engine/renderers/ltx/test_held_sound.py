"""Sound of which a part is given: the fast path equals the stock transformer, and what is given stays to the bit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from diffusers import LTX2Pipeline
from torch import Tensor

from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.ltx.denoising import Conditions, Denoiser, PassByPass
from sottovoce_engine.renderers.ltx.guidance import Pass, passes_for
from sottovoce_engine.renderers.ltx.latents import KeptAudio, Latents, noise_for, stacked
from sottovoce_engine.renderers.ltx.locked import LockedDenoiser
from sottovoce_engine.renderers.ltx.locked_states import picture_states
from sottovoce_engine.renderers.ltx.row_denoising import RowDenoiser
from sottovoce_engine.renderers.ltx.sampling import sampled
from sottovoce_engine.renderers.ltx.sampling_settings import FAST, Guidance, SamplingSettings
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, noise_levels

from .deaf_picture import Deaf
from .locked_sampling import SOME_PASSES, WHOLE, conditions_for, states_of
from .stock_sampling import NEGATIVE, SHAPE, relative_error

DEV = SamplingSettings(
    steps=3, video=Guidance(), audio=Guidance(caption=7.0), perturbed_blocks=(1,), negative_caption=NEGATIVE
)
EVERY_PASS = SOME_PASSES[-1]
ENDS = (0, 1, SHAPE.audio - 1)  # tokens that are held: two at the start, one at the end
Kind = Callable[[Any, Conditions, tuple[Pass, ...]], Denoiser]


def held(*tokens: int, share: float = 1.0) -> KeptAudio:
    shares = torch.zeros(SHAPE.audio)
    shares[list(tokens)] = share
    return KeptAudio(share=shares, clean=torch.where(shares[None, :, None] > 0, noise_for(60, SHAPE).audio, 0.0))


def fast(transformer: Any, conditions: Conditions, passes: tuple[Pass, ...]) -> Denoiser:
    return LockedDenoiser(transformer, conditions, passes, picture_states(transformer, conditions, passes, Job()))


@pytest.mark.parametrize(
    "audio",
    [held(*ENDS), held(0, share=0.6), held(*range(SHAPE.audio))],
    ids=["ends", "a share of one", "all"],
)
@torch.inference_mode()
def test_over_a_locked_picture_it_equals_the_stock_transformer(audio: KeptAudio, stock: LTX2Pipeline) -> None:
    conditions, states = replace(conditions_for(stock, 2), kept_audio=audio), states_of(1, 2)
    for level in (1.0, 0.725, 0.1):
        found = fast(stock.transformer, conditions, EVERY_PASS).velocities(states, level)
        expected = Deaf(stock.transformer, conditions, EVERY_PASS).velocities(states, level)
        for kind in EVERY_PASS:
            assert relative_error(found[kind].audio, expected[kind].audio) <= 1e-5, (kind, level)


class Watched:
    """A denoiser that remembers the sound it was shown at every step."""

    def __init__(self, denoiser: Denoiser) -> None:
        self.denoiser = denoiser
        self.seen: list[Tensor] = []

    def velocities(self, latents: Latents, level: float) -> Mapping[Pass, Latents]:
        self.seen.append(latents.audio.clone())
        return self.denoiser.velocities(latents, level)


def made_by(kind: Kind, stock: LTX2Pipeline, settings: SamplingSettings, audio: KeptAudio | None) -> list[Tensor]:
    """The sound's state at every step, the final one last."""
    conditions = replace(conditions_for(stock, 2), kept_audio=audio)
    denoiser = Watched(kind(stock.transformer, conditions, passes_for(settings)))
    noise = stacked([noise_for(seed, SHAPE) for seed in (1, 2)])
    levels = noise_levels(settings, SHAPE.video_tokens, ShiftSettings())
    made = sampled(denoiser, noise, levels, settings, Job(), kept=WHOLE, kept_audio=audio)
    return [*denoiser.seen, made.audio]


@pytest.mark.parametrize("settings", [DEV, FAST], ids=["dev", "fast"])
@pytest.mark.parametrize("kind", [fast, RowDenoiser, PassByPass])
def test_held_tokens_are_unchanged_to_the_bit_at_every_step(
    kind: Kind, settings: SamplingSettings, stock: LTX2Pipeline
) -> None:
    audio = held(*ENDS)
    states = made_by(kind, stock, settings, audio)
    assert len(states) == settings.step_count + 1
    for state in states:
        assert torch.equal(state[:, ENDS], audio.clean[:, ENDS].expand(2, -1, -1))
    sampled_tokens = [token for token in range(SHAPE.audio) if token not in ENDS]
    assert (states[-1][:, sampled_tokens] - states[0][:, sampled_tokens]).abs().amin(dim=(0, 2)).min() > 0


def test_what_is_held_is_heard_in_what_is_sampled(stock: LTX2Pipeline) -> None:
    middle = slice(2, SHAPE.audio - 1)
    with_context, without = (made_by(fast, stock, FAST, audio)[-1] for audio in (held(*ENDS), None))
    assert relative_error(with_context[:, middle], without[:, middle]) > 1e-3
