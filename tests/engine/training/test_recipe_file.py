from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Raster
from sottovoce_engine.training.recipe import ClipForm, Distribution, Recipe
from sottovoce_engine.training.recipe_file import RecipeFile, read_recipe, recipe_example

MURMUR = '\n[register.murmur]\nmanner = { woman = "murmuring", man = "murmuring low" }\n'


def _read(tmp_path: Path, text: str) -> RecipeFile:
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path, register_table())


def test_the_example_says_every_value_of_the_card(tmp_path: Path) -> None:
    assert _read(tmp_path, recipe_example()).recipe == Recipe()
    for name in ("lora", "clips", "steps", "timesteps", "validation"):
        for field in type(getattr(Recipe(), name)).__dataclass_fields__:
            assert field in recipe_example(), f"{name}.{field} is not in the example"


def test_what_the_example_has_as_comments_can_be_read(tmp_path: Path) -> None:
    lines = recipe_example().replace("# lines", "lines").replace("\n#   {", "\n  {").replace("\n# ]", "\n]")
    register = lines.index("# [register.murmur]")
    uncommented = lines[:register] + "\n".join(line.removeprefix("# ") for line in lines[register:].splitlines())
    read = _read(tmp_path, uncommented)
    assert [line.gender for line in read.recipe.validation.lines] == [Gender.WOMAN, Gender.MAN]
    assert read.recipe.validation.lines[1].look == "a man at a desk"
    assert read.registers.get("murmur").loudness_lufs == -30.0


def test_a_recipe_keeps_what_it_does_not_say(tmp_path: Path) -> None:
    text = '[clips]\nframes = 49\nrate = "24000/1001"\nraster = "256x192"\n[timesteps]\ndistribution = "uniform"\n'
    recipe = _read(tmp_path, text).recipe
    assert recipe.clips == ClipForm(frames=49, rate=Fraction(24000, 1001), raster=Raster(width=256, height=192))
    assert recipe.timesteps.distribution is Distribution.UNIFORM
    assert replace(recipe, clips=ClipForm(), timesteps=Recipe().timesteps) == Recipe()


def test_a_new_register_needs_its_manner_words_only(tmp_path: Path) -> None:
    read = _read(tmp_path, '[clips]\ntrigger = "night voice"' + MURMUR)
    murmur = read.registers.get("murmur")
    assert (murmur.letter, murmur.suffix, murmur.lora) == ("M", "night voice", 1.0)
    assert set(read.registers.names) == {*register_table().names, "murmur"}


def test_a_new_register_gets_a_letter_that_is_free(tmp_path: Path) -> None:
    read = _read(tmp_path, MURMUR.replace("murmur]", "whsnlxq]"))
    assert read.registers.get("whsnlxq").letter not in [register.letter for register in register_table().registers]


def test_a_recipe_travels_as_json() -> None:
    text = to_json(Recipe(), format_version=1)
    assert from_json(text, Recipe, format_version=1, source="recipe") == Recipe()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[lora]\nrnk = 3", "Did you mean 'rank'"),
        ('[lora]\nrank = "a"', "must be a whole number"),
        ("[lora]\nmodules = []", "lora.modules is empty"),
        ('[lora]\nmodules = ["attn1"]', "Did you mean 'audio_attn1'"),
        ("[clips]\nframes = 96", "8k \\+ 1: write 97"),
        ('[clips]\nraster = "200x200"', "multiples of 32"),
        ("[clips]\nraster = 192", "width and height"),
        ("[clips]\nrate = true", "must be 24"),
        ('[steps]\ndtype = "fp8"', "Known: bfloat16, float32"),
        ("[steps]\nlearning_rate = nan", "more than 0"),
        ("[steps]\nbetas = [0.9]", "2 values"),
        ("[steps]\nbatch = 0", "1 to 64"),
        ('[timesteps]\ndistribution = "logit"', "shifted-logit-normal"),
        ("lora = 3", r"a table: \[lora\]"),
        ('[[validation.lines]]\nregister = "whisper"', "lacks gender, line"),
        ("regster = 1", "Did you mean 'register'"),
        ("register = 1", "must hold tables"),
        ('[register.murmur]\nletter = "M"', "lacks manner"),
        ('name = "a/b"', "a name that a file can have"),
        ("format = 2", "Update Sottovoce"),
        ("[lora", "not valid TOML"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        _read(tmp_path, text)


def test_a_recipe_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml", register_table())
