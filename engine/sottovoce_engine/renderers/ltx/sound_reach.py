"""How far before a latent the sound already changes with it: a decoder has reach, and a fade has to cover it.

    latents        |  held  |  held  |sampled |sampled |
    heard                 ~~~~~~~~~~~|                       changes with what is sampled, though what is held does not
                          |<- reach->|

The VAE's decoder is causal; the reach is the vocoder's, and it depends on its weights: it is measured on those that
decode the takes.
"""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch

from sottovoce_engine.renderers.ltx.decoding import DecodingModels, decoded_sounds
from sottovoce_engine.renderers.ltx.latent_shape import CHANNELS
from sottovoce_engine.renderers.ltx.latents import Latents
from sottovoce_engine.renderers.ltx.sound_encoding import samples_for

HEARD_DB = -60.0  # of the loudest change; less is under any room's own tone

_BEFORE, _AFTER = 12, 4  # latents: at full size, with random weights, nothing at all changes 322 ms before
_MEASURED: WeakKeyDictionary[Any, int] = WeakKeyDictionary()  # by vocoder, as long as it is held


def reach_of(models: DecodingModels) -> int:
    """The reach in samples, 48 kHz; measured once for a vocoder."""
    if models.vocoder not in _MEASURED:
        _MEASURED[models.vocoder] = measured_reach(models)
    return _MEASURED[models.vocoder]


def measured_reach(models: DecodingModels) -> int:
    """The reach in samples: two sounds that part at one latent differ before it, by more than `HEARD_DB`, so far."""
    generator = torch.Generator("cpu").manual_seed(1)
    one = torch.randn((1, _BEFORE + _AFTER, CHANNELS), generator=generator)
    other = one.clone()
    other[:, _BEFORE:] = torch.randn((1, _AFTER, CHANNELS), generator=generator)
    sounds = decoded_sounds([Latents(video=one[:, :0], audio=audio) for audio in (one, other)], models)
    change = np.abs(sounds[0] - sounds[1]).max(axis=0)
    parting = samples_for(_BEFORE)
    heard = np.flatnonzero(change > change.max() * 10 ** (HEARD_DB / 20))
    return max(0, parting - int(heard[0])) if heard.size else 0
