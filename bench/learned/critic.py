"""Who hears whether a sound was made: a small discriminator over spectra of three resolutions.

Source: Défossez et al. (2022), High Fidelity Neural Audio Compression, section 3.4: a discriminator of complex spectra with
hinge loss and features matched; the spectra's magnitudes are pressed together, so that a whisper is seen as well.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, relu

_FFTS = (256, 512, 1024)
_WIDTH = 24
_PRESSED = 0.3
_LOWEST_POWER = 1e-8


class Critic(nn.Module):
    """Sounds `[rows, samples]` to scores and the features behind them, for each resolution."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(_Part(fft) for fft in _FFTS)

    def forward(self, sound: Tensor) -> list[list[Tensor]]:
        """For each resolution the features of each layer; the last one's are the scores."""
        return [part(sound) for part in self.parts]


class _Part(nn.Module):
    def __init__(self, fft: int) -> None:
        super().__init__()
        self._fft = fft
        widths = (2, _WIDTH, _WIDTH, _WIDTH, _WIDTH)
        self.layers = nn.ModuleList(
            nn.Conv2d(
                before, after, (9, 3), (2, 1), padding=(4, 2**depth if depth else 1), dilation=(1, max(1, 2**depth))
            )
            for depth, (before, after) in enumerate(pairwise(widths))
        )
        self.last = nn.Conv2d(_WIDTH, 1, 3, padding=1)

    def forward(self, sound: Tensor) -> list[Tensor]:
        window = torch.hann_window(self._fft, device=sound.device)
        spectrum = torch.stft(sound, self._fft, self._fft // 4, window=window, return_complex=True)
        real, imaginary = spectrum.real, spectrum.imag
        pressing = (real.square() + imaginary.square() + _LOWEST_POWER) ** ((_PRESSED - 1) / 2)
        seen = torch.stack((real * pressing, imaginary * pressing), dim=1)
        features = []
        for layer in self.layers:
            seen = leaky_relu(layer(seen), 0.2)
            features.append(seen)
        return [*features, self.last(seen)]


def critic_loss(made: list[list[Tensor]], real: list[list[Tensor]]) -> Tensor:
    """What the critic learns by."""
    each = [relu(1 + ours[-1]).mean() + relu(1 - theirs[-1]).mean() for ours, theirs in zip(made, real, strict=True)]
    return torch.stack(each).mean()


def convincing_loss(made: list[list[Tensor]], real: list[list[Tensor]]) -> tuple[Tensor, Tensor]:
    """What the generator learns by: how little the critic is convinced, and how unlike its features are."""
    unconvinced = torch.stack([-ours[-1].mean() for ours in made]).mean()
    unlike = [
        (layer - wanted.detach()).abs().mean() / wanted.detach().abs().mean().clamp(min=1e-4)
        for ours, theirs in zip(made, real, strict=True)
        for layer, wanted in zip(ours[:-1], theirs[:-1], strict=True)
    ]
    return unconvinced, torch.stack(unlike).mean()
