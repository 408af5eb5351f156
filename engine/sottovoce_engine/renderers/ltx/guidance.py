"""Guidance: the good prediction, pushed away from worse ones of the same moment."""

from collections.abc import Mapping
from enum import StrEnum

from torch import Tensor

from sottovoce_engine.renderers.ltx.sampling_settings import Guidance, SamplingSettings


class Pass(StrEnum):
    """The predictions a step may need."""

    POSITIVE = "positive"  # the caption
    NEGATIVE = "negative"  # the negative caption
    PERTURBED = "perturbed"  # the caption; some blocks' self-attention shortcut to the values (STG)
    ISOLATED = "isolated"  # the caption; picture and sound do not attend to each other


def passes_for(settings: SamplingSettings) -> tuple[Pass, ...]:
    """The passes every step needs, the good one first."""
    wanted = (
        (Pass.POSITIVE, True),
        (Pass.NEGATIVE, settings.needs_negative),
        (Pass.PERTURBED, settings.needs_perturbed),
        (Pass.ISOLATED, settings.needs_isolated),
    )
    return tuple(kind for kind, needed in wanted if needed)


def guided(predictions: Mapping[Pass, Tensor], guidance: Guidance) -> Tensor:
    """The guided prediction of the clean latents, of picture or of sound.

    Args:
        predictions: Of the clean latents, `[takes, tokens, channels]`, one for each pass that was made.
        guidance: The scales of this modality.

    Source: LTX2Pipeline of diffusers; rescaling: Lin et al. 2023, "Common Diffusion Noise Schedules and Sample
    Steps are Flawed", section 3.4.
    """
    good = predictions[Pass.POSITIVE]
    pushed = good
    for kind, scale in (
        (Pass.NEGATIVE, guidance.caption - 1.0),
        (Pass.PERTURBED, guidance.perturbation),
        (Pass.ISOLATED, guidance.modality - 1.0),
    ):
        if kind in predictions and scale:
            pushed = pushed + scale * (good - predictions[kind])
    if not guidance.rescale or pushed is good:
        return pushed
    rescaled = pushed * (_deviation(good) / _deviation(pushed))
    return guidance.rescale * rescaled + (1.0 - guidance.rescale) * pushed


def _deviation(latents: Tensor) -> Tensor:
    """Of each take by itself: batch-mates must not change it."""
    return latents.std(dim=(1, 2), keepdim=True)
