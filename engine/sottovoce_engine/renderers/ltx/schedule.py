"""The noise levels of a run: how noisy the latents are at each step, from 1 down to 0."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import SetupError
from sottovoce_engine.renderers.ltx.sampling_settings import SamplingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSettings:
    """How a checkpoint's scheduler bends the levels towards noise: the more tokens, the further."""

    base_tokens: int = 1024
    max_tokens: int = 4096
    base_shift: float = 0.95
    max_shift: float = 2.05
    terminal: float = 0.1  # the last level before 0


def shift_settings(folder: Path) -> ShiftSettings:
    """What a checkpoint's `scheduler/scheduler_config.json` says.

    Raises:
        SetupError: It is missing or damaged.
    """
    path = folder / "scheduler" / "scheduler_config.json"
    try:
        config = json.loads(path.read_bytes())
        return ShiftSettings(
            base_tokens=int(config.get("base_image_seq_len", 1024)),
            max_tokens=int(config.get("max_image_seq_len", 4096)),
            base_shift=float(config.get("base_shift", 0.95)),
            max_shift=float(config.get("max_shift", 2.05)),
            terminal=float(config.get("shift_terminal") or 0.0),
        )
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SetupError(f"'{path}' cannot be read: {error}. Fetch the checkpoint again.") from error


def noise_levels(settings: SamplingSettings, video_tokens: int, shift: ShiftSettings) -> tuple[float, ...]:
    """One level for each step and a final 0. Fixed levels are taken as they are.

    Computed in float32, as the model's own scheduler does.

    Source: FlowMatchEulerDiscreteScheduler and LTX2Pipeline of diffusers: exponential time shift, then stretched
    so that the last level is `terminal`.
    """
    if settings.sigmas:
        levels = np.array(settings.sigmas, np.float32)
    else:
        even = np.linspace(1.0, 1.0 / settings.steps, settings.steps).astype(np.float32)
        levels = _stretched(_shifted(even, video_tokens, shift), shift.terminal)
    return (*(float(level) for level in levels), 0.0)


def time_shift(video_tokens: int, shift: ShiftSettings) -> float:
    """How far so many tokens bend the levels towards noise: what is added to a level's logit, log(level / (1 - level)).

    It goes on in a straight line below `base_tokens` and above `max_tokens`, as the model's own scheduler has it.
    """
    slope = (shift.max_shift - shift.base_shift) / (shift.max_tokens - shift.base_tokens)
    return video_tokens * slope + shift.base_shift - slope * shift.base_tokens


def _shifted(levels: NDArray[np.float32], video_tokens: int, shift: ShiftSettings) -> NDArray[np.float32]:
    bend = math.exp(time_shift(video_tokens, shift))
    return np.asarray(bend / (bend + (1 / levels - 1)), np.float32)


def _stretched(levels: NDArray[np.float32], terminal: float) -> NDArray[np.float32]:
    if not terminal or levels[-1] == 1.0:
        return levels
    missing = 1 - levels
    return np.asarray(1 - missing / (missing[-1] / (1 - terminal)), np.float32)
