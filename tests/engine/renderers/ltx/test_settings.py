from pathlib import Path

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.ltx.sampling_settings import BEST, DISTILLED_SIGMAS, FAST, SECOND_STAGE, Guidance
from sottovoce_engine.renderers.ltx.settings import (
    DEFAULT_MODEL,
    DISTILLED_MODEL,
    OVER_VARIABLE,
    VARIABLE,
    LtxSettings,
    ltx_settings,
    over_line,
)
from sottovoce_engine.scene import Raster

HD = Raster(width=1920, height=1080)


def read(tmp_path: Path, text: str, *over: str) -> LtxSettings:
    (path := tmp_path / "ltx.toml").write_text(text)
    return ltx_settings({VARIABLE: str(path), OVER_VARIABLE: "\n".join(over_line(given) for given in over)})


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


def test_the_second_stage_has_values_of_its_own(tmp_path: Path) -> None:
    assert read(tmp_path, 'preset = "best"').second_stage == SECOND_STAGE
    found = read(
        tmp_path, "[sampling]\nsteps = 20\n[second_stage]\nsigmas = [0.7, 0.3]\naudio.caption = 2"
    ).second_stage
    assert (found.sigmas, found.audio.caption, found.video) == ((0.7, 0.3), 2.0, SECOND_STAGE.video)


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
        ("second_stage = 3", r"second_stage = 3. Write a table: \[second_stage\]"),
        ("[second_stage]\nsteps = 4", r"second stage begins at noise level 1.*leaves nothing of the first.*`sigmas`"),
        ("[second_stage]\nsigmas = [1.0, 0.5]", r"begins at noise level 1"),
        ("second_lora_strength = 3", r"second_lora_strength = 3 in the LTX settings. Give up to 2"),
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


def test_a_preset_brings_its_model_unless_one_is_named(tmp_path: Path) -> None:
    assert read(tmp_path, 'preset = "best"').model == DEFAULT_MODEL
    assert read(tmp_path, 'preset = "fast"').model == DISTILLED_MODEL
    assert read(tmp_path, 'preset = "fast"\nmodel = "/m"').model == "/m"


def test_a_table_of_a_presets_own_holds_with_that_preset_alone(tmp_path: Path) -> None:
    text = 'model = "/dev"\n[fast]\nmodel = "/distilled"\nsampling.steps = 6\n[sampling]\nvideo.caption = 2'
    best, fast = read(tmp_path, text), read(tmp_path, text, "preset=fast")
    assert (best.model, best.sampling.steps) == ("/dev", BEST.steps)
    assert (fast.model, fast.sampling.step_count) == ("/distilled", 6)
    assert best.sampling.video.caption == fast.sampling.video.caption == 2.0


def test_places_are_taken_from_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "soft.safetensors").touch()
    found = read(tmp_path, 'lora = "soft.safetensors"\n[best]\nmodel = "./dev"\ntext_model = "some/one"')
    assert found.lora == str(tmp_path / "soft.safetensors")
    assert (found.model, found.text_model) == (str(tmp_path / "dev"), "some/one")


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("pixels=200000", "pixels = 200000"),
        (" compiled = true ", "compiled = true"),
        ("preset=fast", 'preset = "fast"'),
        ("model=/a b/ü=1", 'model = "/a b/ü=1"'),
        ('lora=""', 'lora = ""'),
        ("sampling.sigmas=[1.0, 0.5]", "sampling.sigmas = [1.0, 0.5]"),
        ("raster=768x512", 'raster = "768x512"'),
        ('model=a"b', 'model = "a\\"b"'),
    ],
)
def test_an_option_becomes_a_line_that_is_laid_over_the_file(given: str, line: str) -> None:
    assert over_line(given) == line


@pytest.mark.parametrize("given", ["pixels", "=3", "pixels=", "a b=3", "pixels=1\nformat=2"])
def test_an_option_without_key_or_value_is_refused(given: str) -> None:
    with pytest.raises(InputError, match=r"cannot be read. Write KEY=VALUE"):
        over_line(given)


def test_options_win_over_the_file_and_the_last_over_the_first(tmp_path: Path) -> None:
    text = "pixels = 100000\n[sampling]\naudio.caption = 5\naudio.rescale = 0.5"
    found = read(tmp_path, text, "pixels=150000", "pixels=200000", "sampling.audio.caption=6")
    assert found.pixels == 200_000
    assert found.sampling.audio == Guidance(caption=6.0, rescale=0.5)
    assert ltx_settings({OVER_VARIABLE: "pixels = 50000"}).pixels == 50_000


def test_steps_asked_for_on_the_command_line_replace_the_files_fixed_levels(tmp_path: Path) -> None:
    text = "[sampling]\nsigmas = [1.0, 0.5]"
    assert read(tmp_path, text, "sampling.steps=7").sampling.step_count == 7
    assert read(tmp_path, text, "sampling.video.caption=2").sampling.sigmas == (1.0, 0.5)


@pytest.mark.parametrize(
    ("text", "over", "message"),
    [
        ("", "pixles=3", r"--ltx has the unknown key 'pixles'. Did you mean 'pixels'"),
        ("", "preset=fats", r"preset = 'fats' is not known.*Did you mean 'fast'"),
        ("", "pixels=many", r"--ltx has pixels = 'many'"),
        ("pixles = 3", "pixels=5000", r"ltx.toml' has the unknown key 'pixles'"),
        ("[fast]\nmodle = 'x'", "preset=best", r"ltx.toml' has the unknown key 'modle'"),
        ("fast = 3", "preset=best", r"fast = 3. Write a table: \[fast\]"),
        ("preset = 3", "pixels=5000", r"preset = 3. Write it as 'best' is written"),
    ],
)
def test_what_is_wrong_is_said_of_where_it_was_written(text: str, over: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text, over)


def test_a_damaged_variable_is_said_so() -> None:
    with pytest.raises(InputError, match=r"SOTTOVOCE_LTX_OVER has the line 'pixels ='"):
        ltx_settings({OVER_VARIABLE: "pixels ="})


def test_a_raster_takes_the_place_of_pixels() -> None:
    assert LtxSettings(raster="768x512").raster_for(HD) == Raster(width=768, height=512)
    assert LtxSettings(raster="768x512", upscaled=True).raster_for(HD) == Raster(width=768, height=512)
    followed = LtxSettings(upscaled=True).raster_for(HD)
    assert (followed.width % 64, followed.height % 64) == (0, 0)


@pytest.mark.parametrize(
    ("raster", "upscaled", "message"),
    [
        ("700x500", False, r"multiples of 32, up to 4096. The nearest is '704x512'"),
        ("736x480", True, r"multiples of 64 where they are upscaled, up to 4096. The nearest is '768x512'"),
        ("0x32", False, r"The nearest is '32x32'"),
        ("99999x32", False, r"The nearest is '4096x32'"),
        ("wide", False, r"raster = 'wide' in the LTX settings. Write width and height, such as '768x512'"),
    ],
)
def test_a_raster_the_model_cannot_make_is_refused_with_the_nearest(raster: str, upscaled: bool, message: str) -> None:
    with pytest.raises(InputError, match=message):
        LtxSettings(raster=raster, upscaled=upscaled)
