"""The vocoder's activations in a form that compiles into two kernels each, with the same numbers.

Every activation of the vocoder works at twice the rate: upsampled with 12 taps, activated, downsampled with 12 taps.
diffusers does so with grouped convolutions over padded copies, which takes most of a vocoder's time. Here the taps
that meet stuffed zeros are left out, and each step is a sum of shifted slices:

    signal     x0      x1      x2      x3
    doubled    e0  o0  e1  o1  e2  o2  e3  o3      ej from x[j-3 .. j+2], oj from x[j-2 .. j+3]
    back       y0      y1      y2      y3          yj from the twelve doubled samples around ej and oj

Source: AntiAliasAct1d of diffusers, which follows BigVGAN (Lee et al. 2023, section 3.2).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from diffusers.pipelines.ltx2.vocoder import AntiAliasAct1d, SnakeBeta
from torch import Tensor, nn
from torch.nn.functional import pad

_TAPS = 12
_REACH = 3  # samples on either side that a doubled sample is made of
_BEFORE, _AFTER = 5, 6  # doubled samples around one that comes back


def doubled(signal: Tensor, taps: Tensor, alpha: Tensor, beta: Tensor) -> Tensor:
    """A signal at twice its rate, through a snake: `[rows, channels, 2 * samples]`.

    Args:
        signal: `[rows, channels, samples]`.
        taps: Of either phase: `[7, 2]`.
        alpha: Frequency of each channel.
        beta: One over the amplitude of each channel.
    """
    wide, samples = pad(signal, (_REACH, _REACH), mode="replicate"), signal.shape[-1]
    phases = wide[..., :samples, None] * taps[0]
    for shift in range(1, len(taps)):
        phases = phases + wide[..., shift : shift + samples, None] * taps[shift]
    alpha, beta = alpha[:, None, None], beta[:, None, None]
    return (phases + (1.0 / beta) * torch.sin(phases * alpha).pow(2)).flatten(2)


def halved(signal: Tensor, taps: Tensor) -> Tensor:
    """A signal at half its rate, `[rows, channels, samples / 2]`.

    Args:
        signal: `[rows, channels, samples]`.
        taps: `[12]`.
    """
    wide, samples = pad(signal, (_BEFORE, _AFTER), mode="replicate"), signal.shape[-1]
    total = wide[..., 0:samples:2] * taps[0]
    for shift in range(1, len(taps)):
        total = total + wide[..., shift : shift + samples : 2] * taps[shift]
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The two functions, as they are or compiled: apart, so that what is doubled is computed once."""

    doubled: Callable[..., Tensor] = doubled
    halved: Callable[..., Tensor] = halved


PLAIN = Rates()


class PhaseSnake(nn.Module):
    """In the place of one of a vocoder's activations."""

    def __init__(self, plain: AntiAliasAct1d, rates: Rates) -> None:
        """Takes over a plain one's layers, which keep their names.

        Args:
            plain: A usual one around a snake.
            rates: As they are, or compiled.
        """
        super().__init__()
        self.upsample, self.act, self.downsample = plain.upsample, plain.act, plain.downsample
        self._rates = rates

    def forward(self, signal: Tensor) -> Tensor:
        """`[rows, channels, samples]`, as many as went in."""
        snake = self.act
        alpha, beta = snake.alpha, snake.beta if snake.use_beta else snake.alpha
        if snake.logscale:
            alpha, beta = alpha.exp(), beta.exp()
        wide = self._rates.doubled(signal, _phases(self.upsample.filter.view(-1)), alpha, beta + snake.eps)
        return self._rates.halved(wide, self.downsample.filter.view(-1))


def phases_apart(vocoder: nn.Module, rates: Rates = PLAIN) -> None:
    """Puts these activations in the place of a vocoder's own, where they are the usual ones."""
    for owner in list(vocoder.modules()):
        for name, child in list(owner.named_children()):
            if isinstance(child, AntiAliasAct1d) and _is_usual(child):
                setattr(owner, name, PhaseSnake(child, rates))


def _is_usual(activation: Any) -> bool:
    samplers = (activation.upsample, activation.downsample)
    return isinstance(activation.act, SnakeBeta) and all(
        sampler.ratio == 2 and sampler.kernel_size == _TAPS and sampler.padding_mode == "replicate"
        for sampler in samplers
    )


def _phases(taps: Tensor) -> Tensor:
    """What even and odd samples take of seven around them, gain included: `[7, 2]`."""
    even, odd = taps[1::2].flip(0), taps[0::2].flip(0)
    return 2 * torch.stack((pad(even, (0, 1)), pad(odd, (1, 0))), dim=1)
