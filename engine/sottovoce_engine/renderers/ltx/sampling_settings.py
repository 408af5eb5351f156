"""How a window is sampled: steps, noise levels and guidance. Values only, no torch."""

import itertools
from dataclasses import dataclass

from sottovoce_engine.errors import InputError

# Source: DISTILLED_SIGMA_VALUES of diffusers' LTX-2 pipelines, after the official constants.
DISTILLED_SIGMAS = (1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875)
SECOND_STAGE_SIGMAS = DISTILLED_SIGMAS[-3:]  # STAGE_2_DISTILLED_SIGMA_VALUES there
# What a person would cut out of a scene: faults of picture, then of sound.
NEGATIVE_CAPTION = (
    "blurry, out of focus, overexposed, low contrast, noise, grain, flickering, distorted faces, extra limbs, "
    "on-screen text, subtitles, watermark, camera shake, robotic voice, echo, distorted voice, background music, "
    "clicks, mumbling, two voices at once"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """How far one of picture and sound is pushed away from worse predictions. The defaults are LTX-2.3 dev's."""

    caption: float = 3.0  # from the negative caption's prediction; 1 is off
    perturbation: float = 1.0  # from one with shortcut self-attention (STG); 0 is off
    modality: float = 3.0  # from one where picture and sound do not know of each other; 1 is off
    rescale: float = 0.7  # share of the deviation that is brought back to the unguided one's; 0 is off

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("caption", self.caption, 1.0, 30.0),
            ("perturbation", self.perturbation, 0.0, 10.0),
            ("modality", self.modality, 1.0, 30.0),
            ("rescale", self.rescale, 0.0, 1.0),
        ):
            if not low <= value <= high:
                raise InputError(f"The {name} guidance is {value:g}. Give a number from {low:g} to {high:g}.")


NO_GUIDANCE = Guidance(caption=1.0, perturbation=0.0, modality=1.0, rescale=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingSettings:
    """Everything that decides how noise becomes a take, beside the model and the caption."""

    steps: int = 30
    sigmas: tuple[float, ...] = ()  # fixed noise levels, the final 0 left out; empty: the model's own for `steps`
    video: Guidance = Guidance()
    audio: Guidance = Guidance(caption=7.0)
    perturbed_blocks: tuple[int, ...] = (28,)
    negative_caption: str = NEGATIVE_CAPTION

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 200:
            raise InputError(f"{self.steps} steps were asked for. Ask for 1 to 200.")
        levels = (*self.sigmas, 0.0)
        falling = all(before > after for before, after in itertools.pairwise(levels))
        if self.sigmas and not (falling and self.sigmas[0] <= 1.0):
            raise InputError(
                f"The noise levels are {', '.join(f'{sigma:g}' for sigma in self.sigmas)}. Give them falling, from 1 at "
                "most, and leave out the final 0."
            )
        if self.needs_perturbed and not self.perturbed_blocks:
            raise InputError("Perturbation guidance needs a block to perturb. Name one, such as 28, or set it to 0.")

    @property
    def step_count(self) -> int:
        return len(self.sigmas) or self.steps

    @property
    def needs_negative(self) -> bool:
        return max(self.video.caption, self.audio.caption) > 1.0

    @property
    def needs_perturbed(self) -> bool:
        return max(self.video.perturbation, self.audio.perturbation) > 0.0

    @property
    def needs_isolated(self) -> bool:
        return max(self.video.modality, self.audio.modality) > 1.0


BEST = SamplingSettings()
FAST = SamplingSettings(steps=len(DISTILLED_SIGMAS), sigmas=DISTILLED_SIGMAS, video=NO_GUIDANCE, audio=NO_GUIDANCE)
SECOND_STAGE = SamplingSettings(
    steps=len(SECOND_STAGE_SIGMAS), sigmas=SECOND_STAGE_SIGMAS, video=NO_GUIDANCE, audio=NO_GUIDANCE
)
