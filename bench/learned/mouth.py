"""The picture: a mouth on a plain card, open as far as the sound is loud. One token a frame for the transformer."""

import numpy as np
import torch
from bench.learned.corpus import FRAME_RATE, FRAMES, RATE, Clip
from numpy.typing import NDArray
from torch import Tensor

SIDE = 32
_QUIET_DB, _LOUD_DB = -50.0, -18.0
_CARDS = {"woman": (0.55, 0.35, 0.30), "man": (0.30, 0.40, 0.55)}
_MOUTH = (0.75, 0.15, 0.20)


def mouths_for(clips: list[Clip], sounds: NDArray[np.int16]) -> Tensor:
    """`[clips, 3, FRAMES, SIDE, SIDE]` in ±1, as the video VAE takes pictures."""
    pictures = [_picture(_CARDS[clip.gender], _openness(sound)) for clip, sound in zip(clips, sounds, strict=True)]
    return torch.from_numpy(np.stack(pictures)) * 2 - 1


def _openness(sound: NDArray[np.int16]) -> NDArray[np.float32]:
    """`[FRAMES]` from 0 to 1."""
    edges = np.round(np.arange(FRAMES + 1) / float(FRAME_RATE) * RATE).astype(int).clip(max=len(sound))
    squares = np.concatenate(([0.0], np.cumsum((sound / 32_768.0) ** 2)))
    power = (squares[edges[1:]] - squares[edges[:-1]]) / np.maximum(1, np.diff(edges))
    level = 10 * np.log10(power + 1e-9)
    open_ = np.clip((level - _QUIET_DB) / (_LOUD_DB - _QUIET_DB), 0.0, 1.0)
    return np.convolve(np.pad(open_, 1, mode="edge"), np.full(3, 1 / 3), mode="valid").astype(np.float32)


def _picture(card: tuple[float, float, float], openness: NDArray[np.float32]) -> NDArray[np.float32]:
    """`[3, FRAMES, SIDE, SIDE]`: an ellipse with soft edges, as wide as half the card."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) - (SIDE - 1) / 2
    height = 1.0 + openness[:, None, None] * SIDE / 4
    inside = 1.0 - np.sqrt((columns / (SIDE / 4)) ** 2 + (rows / height) ** 2)
    share = np.clip(0.5 + 3.0 * inside, 0.0, 1.0)
    colours = [own + (lips - own) * share for own, lips in zip(card, _MOUTH, strict=True)]
    return np.stack(colours).astype(np.float32)
