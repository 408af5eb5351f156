from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.sampling_settings import BEST, DISTILLED_SIGMAS, FAST, Guidance
from sottovoce_engine.renderers.ltx.settings import VARIABLE, LtxSettings, ltx_settings


def read(tmp_path: Path, text: str) -> LtxSettings:
    (path := tmp_path / "ltx.toml").write_text(text)
    return ltx_settings({VARIABLE: str(path)})


def test_without_a_file_the_defaults_hold() -> None:
    assert ltx_settings({}) == LtxSettings()
    assert LtxSettings().sampling == BEST


def test_a_preset_brings_its_sampling(tmp_path: Path) -> None:
    assert read(tmp_path, 'preset = "fast"').sampling == FAST
    assert read(tmp_path, 'preset = "best"').sampling == BEST


def test_single_values_are_laid_over_the_preset(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        'format = 1\nmodel = "/m"\npixels = 36864\n[sampling]\nsteps = 20\nperturbed_blocks = [27, 28]\naudio.caption = 5\n',
    )
    assert (found.model, found.pixels, found.sampling.steps) == ("/m", 36_864, 20)
    assert found.sampling.perturbed_blocks == (27, 28)
    assert found.sampling.audio == Guidance(caption=5.0)
    assert found.sampling.video == BEST.video


def test_steps_asked_of_the_distilled_preset_replace_its_fixed_levels(tmp_path: Path) -> None:
    assert read(tmp_path, 'preset = "fast"\n[sampling]\nsteps = 12').sampling.step_count == 12
    assert read(tmp_path, 'preset = "fast"\n[sampling]\nvideo.caption = 2.0').sampling.sigmas == DISTILLED_SIGMAS
    assert read(tmp_path, "[sampling]\nsigmas = [1.0, 0.5]").sampling.sigmas == (1.0, 0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('preset = "fats"', r"preset = 'fats' is not known.*Did you mean 'fast'"),
        ('modle = "x"', r"unknown key 'modle'. Did you mean 'model'"),
        ("[sampling]\nsetps = 2", r"unknown key 'setps'. Did you mean 'steps'"),
        ("[sampling]\naudio.captoin = 2", r"unknown key 'captoin'. Did you mean 'caption'"),
        ("pixels = 1", r"pixels = 1 in the LTX settings. Give 4,096 to 4,000,000"),
        ('pixels = "many"', r"pixels = 'many'. Write it as 393216 is written"),
        ("pixels = true", r"pixels = True"),
        ("text_tokens = 1000", r"text_tokens = 1000 in the LTX settings. Give a multiple of 128"),
        ("takes_at_once = 0", r"takes_at_once = 0 in the LTX settings. Give 1 to 64"),
        ("sampling = 3", r"sampling = 3. Write a table"),
        ("[sampling]\naudio = 3", r"guidance 3. Write numbers such as audio.caption"),
        ('[sampling]\nsigmas = ["1"]', r"sigmas = \('1',\)"),
        ("[sampling]\nperturbed_blocks = [1.5]", r"perturbed_blocks = \(1.5,\)"),
        ("[sampling]\naudio.caption = 0.5", r"caption guidance is 0.5"),
        ("format = 2", r"has format = 2; this version reads format 1. Update"),
        ("pixels =", r"cannot be read: .*Mend the file or SOTTOVOCE_LTX"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_remedy(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_a_file_that_is_missing_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.toml' cannot be read"):
        ltx_settings({VARIABLE: str(tmp_path / "none.toml")})
