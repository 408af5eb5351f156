"""What a step learns from: which clip, at which noise level, under which noise.

All of it follows from the recipe's seed and the step's number, so that a run that was broken off and goes on draws
what it would have drawn. Picture and sound have one level and noise of their own.

    level     1 ─────────────── 0           state  = level · noise + (1 - level) · clean
              noise         clean           target = noise - clean, which the model calls velocity

Source: levels are normal in their logit, shifted by the number of video tokens as the model's own schedule is, and
drawn evenly now and then: "shifted_logit_normal" in the documentation of Lightricks' trainer. One level for both: the
documentation of NVIDIA's NeMo Automodel for LTX-2.3 ("the SAME per-sample sigma, independent noise draw").
"""

import hashlib
import math
from dataclasses import dataclass

import torch

from sottovoce_engine.renderers.ltx.latent_shape import LatentShape
from sottovoce_engine.renderers.ltx.latents import Latents, noise_for
from sottovoce_engine.renderers.ltx.schedule import ShiftSettings, time_shift
from sottovoce_engine.training.recipe import Distribution, Timesteps

_LEAST = 1e-3  # at level 0 nothing is left to learn, and the model was never asked there


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One clip of one step."""

    clip: int  # its number among the clips
    level: float  # above 0, up to 1
    noise: int  # the seed of the noise


def draws_for(step: int, batch: int, clips: int, seed: int, timesteps: Timesteps, shift: float) -> tuple[Draw, ...]:
    """What a step, counted from 1, learns from: every clip once before any comes again, in another order each time.

    Args:
        step: From 1.
        batch: Clips in a step.
        clips: How many there are.
        seed: Of the whole run.
        timesteps: How levels are drawn.
        shift: Of the levels' logit; see `shift_of`.
    """
    draws = []
    for place in range((step - 1) * batch, step * batch):
        generator = _generator(seed, "level", place)
        draws.append(
            Draw(
                clip=_clip(place, clips, seed),
                level=_level(timesteps, shift, generator),
                noise=_number(seed, "noise", place),
            )
        )
    return tuple(draws)


def shift_of(timesteps: Timesteps, video_tokens: int, model: ShiftSettings) -> float:
    """The recipe's own, or the model's for so many tokens."""
    return timesteps.shift or time_shift(video_tokens, model)


def noise_of(draw: Draw, shape: LatentShape) -> Latents:
    """float32 on the CPU: the same on every machine."""
    return noise_for(draw.noise, shape)


def _clip(place: int, clips: int, seed: int) -> int:
    turn, nth = divmod(place, clips)
    return int(torch.randperm(clips, generator=_generator(seed, "order", turn))[nth])


def _level(timesteps: Timesteps, shift: float, generator: torch.Generator) -> float:
    even, which = (float(value) for value in torch.rand(2, generator=generator, dtype=torch.float64))
    normal = float(torch.randn((), generator=generator, dtype=torch.float64))
    if timesteps.distribution is Distribution.UNIFORM or which < timesteps.uniform:
        return max(_LEAST, even)
    return max(_LEAST, 1 / (1 + math.exp(-(timesteps.spread * normal + shift))))


def _generator(seed: int, what: str, number: int) -> torch.Generator:
    return torch.Generator().manual_seed(_number(seed, what, number))


def _number(seed: int, what: str, number: int) -> int:
    """63 bits that no other use or place shares."""
    return int.from_bytes(hashlib.sha256(f"{seed} {what} {number}".encode()).digest()[:8], "big") >> 1
