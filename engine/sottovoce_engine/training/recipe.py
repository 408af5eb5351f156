"""How a LoRA is trained, as a value. `recipe.toml` is all of it as a file, with what each line means.

    [lora]        rank, alpha, modules              [steps]       how many, learning rate, AdamW, checkpoints
    [clips]       frames, rate, raster, trigger     [timesteps]   which noise levels are learnt at
    [validation]  what is held out and rendered     [register.…]  a register that is new, as in a registers file

Source of the defaults: the model card of the whisper & soft-spoken LoRA.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.names import file_name
from sottovoce_engine.scene import Gender, Raster

MODULES = ("audio_attn1", "audio_attn2", "video_to_audio_attn")
PROJECTIONS = ("to_q", "to_k", "to_v", "to_out.0")
DTYPES = ("bfloat16", "float32")

_SMALL = Raster(width=192, height=192)


class Distribution(StrEnum):
    """How noise levels are drawn."""

    SHIFTED_LOGIT_NORMAL = "shifted-logit-normal"
    UNIFORM = "uniform"


class Schedule(StrEnum):
    """How the learning rate goes on after it has risen."""

    LINEAR = "linear"  # down to 0 at the last step
    CONSTANT = "constant"  # so a run may be made longer afterwards


class Loss(StrEnum):
    """What of the model's prediction counts."""

    SOUND = "sound"
    BOTH = "both"  # picture and sound


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraShape:
    """Which weights are learnt."""

    rank: int = 32
    alpha: int = 32
    modules: tuple[str, ...] = MODULES
    projections: tuple[str, ...] = PROJECTIONS

    def __post_init__(self) -> None:
        _check_range("lora.rank", self.rank, 1, 1024)
        _check_range("lora.alpha", self.alpha, 1, 4096)
        _check_names("lora.modules", self.modules, MODULES)
        _check_names("lora.projections", self.projections, PROJECTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipForm:
    """What every clip is made to be."""

    frames: int = 97  # 8k + 1
    rate: Fraction = Fraction(24)
    raster: Raster = _SMALL
    trigger: str = "intimate ASMR"  # the words after the line; "" leaves them out

    def __post_init__(self) -> None:
        _check_range("clips.frames", self.frames, 9, 8 * 64 + 1)
        if self.frames % 8 != 1:
            near = 8 * round((self.frames - 1) / 8) + 1
            raise InputError(f"clips.frames = {self.frames} in the recipe. The model makes 8k + 1: write {near}.")
        _check_range("clips.rate", self.rate, 1, 120)
        if self.raster.width % 32 or self.raster.height % 32:
            raise InputError(
                f"clips.raster = '{self.raster}' in the recipe. The model's pictures have sides in multiples of 32, such "
                "as '192x192'."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """How it is learnt."""

    count: int = 2000
    learning_rate: float = 1e-4
    warm_up: int = 50  # steps over which the learning rate rises
    schedule: Schedule = Schedule.LINEAR
    loss: Loss = Loss.SOUND
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.01
    largest_gradient: float = 1.0  # gradients of a larger norm are scaled down to it; 0: never
    batch: int = 1
    seed: int = 1
    dtype: str = "bfloat16"
    gradient_checkpointing: bool = True
    checkpoint_every: int = 250

    def __post_init__(self) -> None:
        for name, low, high in (
            ("count", 1, 1_000_000),
            ("warm_up", 0, 1_000_000),
            ("weight_decay", 0.0, 1.0),
            ("largest_gradient", 0.0, 1e6),
            ("batch", 1, 64),
            ("seed", 0, 2**31 - 1),
            ("checkpoint_every", 1, 1_000_000),
        ):
            _check_range(f"steps.{name}", getattr(self, name), low, high)
        if not 0.0 < self.learning_rate <= 0.1:
            raise InputError(
                f"steps.learning_rate = {self.learning_rate:g} in the recipe. Give more than 0 and up to 0.1."
            )
        for beta in self.betas:
            _check_range("steps.betas", beta, 0.0, 0.99999)
        _check_names("steps.dtype", (self.dtype,), DTYPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timesteps:
    """At which noise levels it is learnt."""

    distribution: Distribution = Distribution.SHIFTED_LOGIT_NORMAL
    spread: float = 1.0  # standard deviation of the normal
    shift: float = 0.0  # its mean; 0: from the number of video tokens, as the model's own schedule has it
    uniform: float = 0.1  # the share of clips whose level is drawn evenly all the same

    def __post_init__(self) -> None:
        _check_range("timesteps.spread", self.spread, 0.01, 10.0)
        _check_range("timesteps.shift", self.shift, -10.0, 10.0)
        _check_range("timesteps.uniform", self.uniform, 0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationLine:
    """A line that is rendered to hear how far the training has come."""

    register: str
    gender: Gender
    line: str
    look: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What is held out of the training, and what is rendered during it."""

    every: int = 500  # steps; 0: never
    hold_out: bool = True  # a voice, where there are two or more
    voices: tuple[str, ...] = ()  # that are held out; none: chosen
    lines: tuple[ValidationLine, ...] = ()  # none: those of clips

    def __post_init__(self) -> None:
        _check_range("validation.every", self.every, 0, 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All of it."""

    name: str = "my-registers"  # of the LoRA and of the registers file beside it
    lora: LoraShape = field(default_factory=LoraShape)
    clips: ClipForm = field(default_factory=ClipForm)
    steps: Steps = field(default_factory=Steps)
    timesteps: Timesteps = field(default_factory=Timesteps)
    validation: Validation = field(default_factory=Validation)

    def __post_init__(self) -> None:
        if not self.name or file_name(self.name) != self.name:
            raise InputError(f"name = '{self.name}' in the recipe. Give a name that a file can have, such as 'murmur'.")


def _check_range(name: str, value: float | Fraction, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise InputError(f"{name} = {float(value):g} in the recipe. Give {low:g} to {high:g}.")


def _check_names(name: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    for each in given:
        if each not in known:
            raise InputError(f"{name} has '{each}' in the recipe. {nearest(each, known)}")
    if not given or len(set(given)) < len(given):
        raise InputError(f"{name} is empty or says something twice in the recipe. Known: {', '.join(known)}.")
