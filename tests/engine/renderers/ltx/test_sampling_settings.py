from typing import Any

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.sampling_settings import BEST, FAST, NO_GUIDANCE, Guidance, SamplingSettings


def test_the_presets_are_the_models_own_defaults() -> None:
    assert (BEST.step_count, BEST.video.caption, BEST.audio.caption, BEST.perturbed_blocks) == (30, 3.0, 7.0, (28,))
    assert (BEST.needs_negative, BEST.needs_perturbed, BEST.needs_isolated) == (True, True, True)
    assert FAST.step_count == 8
    assert (FAST.needs_negative, FAST.needs_perturbed, FAST.needs_isolated) == (False, False, False)


def test_a_pass_is_needed_when_either_modality_wants_it() -> None:
    settings = SamplingSettings(video=NO_GUIDANCE, audio=Guidance(caption=2.0, perturbation=0.0, modality=1.0))
    assert (settings.needs_negative, settings.needs_perturbed, settings.needs_isolated) == (True, False, False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"caption": 0.5}, r"caption guidance is 0.5. Give a number from 1 to 30"),
        ({"perturbation": -1.0}, r"perturbation guidance is -1"),
        ({"modality": 100.0}, r"modality guidance is 100"),
        ({"rescale": 1.1}, r"rescale guidance is 1.1. Give a number from 0 to 1"),
        ({"rescale": float("nan")}, r"rescale guidance is nan"),
    ],
)
def test_guidance_out_of_range_is_refused(given: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Guidance(**given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"steps": 0}, "0 steps were asked for"),
        ({"steps": 201}, "201 steps were asked for"),
        ({"sigmas": (1.0, 0.5, 0.5)}, "noise levels are 1, 0.5, 0.5. Give them falling"),
        ({"sigmas": (1.5, 0.5)}, "noise levels are 1.5, 0.5"),
        ({"sigmas": (1.0, float("nan"))}, "noise levels are 1, nan"),
        ({"sigmas": (1.0, 0.0)}, "leave out the final 0"),
        ({"perturbed_blocks": ()}, "needs a block to perturb"),
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SamplingSettings(**given)
