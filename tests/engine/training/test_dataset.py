from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Raster
from sottovoce_engine.timing import Span
from sottovoce_engine.training.captioning import taught_registers
from sottovoce_engine.training.dataset import dataset_of
from sottovoce_engine.training.recipe import Recipe, Validation, ValidationLine
from sottovoce_engine.training.values import Clip, Measured, Origin, Split

TABLE = register_table()
GENDERS = {"Anna": Gender.WOMAN, "Vera": Gender.WOMAN, "Ben": Gender.MAN, "Otto": Gender.MAN}


def _clip(voice: str, register: str, number: int = 1) -> Clip:
    return Clip(
        name=f"{voice}/{register}/{number}.wav",
        movie=f"/clips/{voice} {register} {number}.mov",
        content=f"{voice} {register} {number}",
        frames=97,
        rate=Fraction(24),
        raster=Raster(width=192, height=192),
        has_picture=False,
        recording=f"/recordings/{voice}/{register}/{number}.wav",
        span=Span(0, 48_000),
        speech=Span(24_000, 72_000),
        voice=voice,
        gender=GENDERS[voice],
        register=register,
        transcript=f"Line {number} of {voice}.",
        origin=Origin.WRITTEN,
        caption=f'({GENDERS[voice]}, {register}): "Line {number} of {voice}.", intimate ASMR',
        split=Split.TRAIN,
        measured=Measured(verdict="whisper", v=0.4, nearest="", fits=True, why=()),
    )


def _clips(
    *voices: str, registers: Sequence[str] = ("whisper", "soft"), counts: dict[str, int] | None = None
) -> list[Clip]:
    return [
        _clip(voice, register, number)
        for voice in voices
        for register in registers
        for number in range((counts or {}).get(voice, 2))
    ]


def _recipe(**validation: object) -> Recipe:
    return replace(Recipe(), validation=replace(Validation(), **validation))  # type: ignore[arg-type]


def test_the_voice_of_the_fewest_clips_that_can_be_spared_is_held_out() -> None:
    clips = _clips("Anna", "Vera", "Ben", "Otto", counts={"Anna": 3, "Vera": 4, "Ben": 2, "Otto": 5})
    dataset, note = dataset_of(clips, Recipe(), TABLE)
    assert {clip.voice for clip in dataset.held_out} == {"Ben"}
    assert len(dataset.train) == len(clips) - 4
    assert note == ""


def test_a_voice_that_alone_shows_something_is_not_held_out() -> None:
    clips = [*_clips("Anna", "Vera", counts={"Anna": 1}), _clip("Anna", "loud")]
    dataset, _ = dataset_of(clips, Recipe(), TABLE)
    assert {clip.voice for clip in dataset.held_out} == {"Vera"}


@pytest.mark.parametrize(("voices", "why"), [(("Anna",), "there is one voice"), (("Anna", "Ben"), "lack women or men")])
def test_nothing_is_held_out_where_it_would_be_missed(voices: tuple[str, ...], why: str) -> None:
    dataset, note = dataset_of(_clips(*voices), Recipe(), TABLE)
    assert dataset.held_out == ()
    assert why in note


def test_the_recipe_says_who_is_held_out() -> None:
    clips = _clips("Anna", "Vera", "Ben")
    dataset, _ = dataset_of(clips, _recipe(voices=("anna", "Ben")), TABLE)
    assert {clip.voice for clip in dataset.train} == {"Vera"}
    assert dataset_of(clips, _recipe(hold_out=False), TABLE)[0].held_out == ()
    for voices, said in ((("Ana",), "Did you mean 'Anna'"), (("Anna", "Vera", "Ben"), "every voice")):
        with pytest.raises(InputError, match=said):
            dataset_of(clips, _recipe(voices=voices), TABLE)


def test_what_is_rendered_is_of_each_register_a_line_of_women_and_of_men() -> None:
    clips = [*_clips("Anna", "Vera", "Ben", registers=("whisper", "soft", "normal"))]
    dataset, _ = dataset_of(clips, Recipe(), TABLE)
    assert [(asked.register, asked.gender) for asked in dataset.validation] == [
        ("soft", "man"),
        ("soft", "woman"),
        ("whisper", "man"),
        ("whisper", "woman"),
    ]
    (held_out,) = {clip.voice for clip in dataset.held_out}
    assert all(held_out in asked.line for asked in dataset.validation if asked.gender is GENDERS[held_out])


def test_the_recipe_says_what_is_rendered() -> None:
    line = ValidationLine(register="whisper", gender=Gender.MAN, line='Say "no".', look="a man at a desk")
    dataset, _ = dataset_of(_clips("Anna"), _recipe(lines=(line,)), TABLE)
    (asked,) = dataset.validation
    assert asked.caption == "a man at a desk, (man, whispering quietly): \"Say 'no'.\", intimate ASMR"
    with pytest.raises(InputError, match="Did you mean 'whisper'"):
        dataset_of(_clips("Anna"), _recipe(lines=(replace(line, register="whispr"),)), TABLE)


def test_normal_is_taught_only_where_nothing_else_is() -> None:
    assert taught_registers(["normal", "whisper", "soft", "whisper"]) == ("soft", "whisper")
    assert taught_registers(["normal"]) == ("normal",)


def test_a_digest_is_of_what_is_learnt_and_of_nothing_else() -> None:
    clips = _clips("Anna", "Ben")
    digest = dataset_of(clips, Recipe(), TABLE)[0].digest
    moved = [replace(clip, movie=f"/elsewhere/{clip.name}.mov", recording="", name="x") for clip in reversed(clips)]
    assert dataset_of(moved, Recipe(), TABLE)[0].digest == digest
    for change in ({"caption": "other"}, {"content": "other"}):
        changed = [replace(clips[0], **change), *clips[1:]]  # type: ignore[arg-type]
        assert dataset_of(changed, Recipe(), TABLE)[0].digest != digest
    assert dataset_of(clips, _recipe(voices=("Ben",)), TABLE)[0].digest != digest


def test_without_a_clip_there_is_nothing_to_train_on() -> None:
    with pytest.raises(InputError, match="No clip is left"):
        dataset_of([], Recipe(), TABLE)
