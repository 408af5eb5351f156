"""The functions of a block that sound over a picture that stays is sampled with: as they are, or compiled."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from sottovoce_engine.renderers.ltx.locked_sound import Answers, answers, sound_rows
from sottovoce_engine.renderers.ltx.locked_states import picture_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFunctions:
    """Each takes a block and what goes through it."""

    answers: Callable[..., Answers] = answers
    rows: Callable[..., Tensor] = sound_rows
    picture: Callable[..., tuple[Tensor, Tensor]] = picture_rows


EAGER = LockedFunctions()
