"""Reading a recipe's TOML file: an unknown key is an error that names the nearest, and so is a value of a wrong kind."""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.places import place_from
from sottovoce_engine.registers import Register, RegisterTable, registers_from
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import rate_in
from sottovoce_engine.training.recipe import Recipe

FORMAT = 1

T = TypeVar("T")

_COLOURS = ("#A58BD8", "#D88BB4", "#8BB8D8", "#B8D88B", "#D8B48B", "#8BD8C4")
_NEW_ORDER, _NEW_LOUDNESS_LUFS = 3, -30.0
_RASTER = "192x192"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeFile:
    """A recipe, and every register that its clips may be labelled with."""

    recipe: Recipe
    registers: RegisterTable


def recipe_example() -> str:
    """The whole recipe as a file, with what each line means."""
    return resources.files("sottovoce_engine.training").joinpath("recipe.toml").read_text(encoding="utf-8")


def read_recipe(path: Path | None, known: RegisterTable) -> RecipeFile:
    """The recipe of a file, or the card's own where there is none.

    Args:
        path: The file; its `[register.NAME]` tables are laid over `known`.
        known: The registers there are.

    Raises:
        InputError: The file cannot be read, or holds an unknown key or a value that cannot be.
    """
    if path is None:
        return RecipeFile(recipe=Recipe(), registers=known)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The recipe '{path}' cannot be read: {error}. Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"The recipe '{path}' is not valid TOML: {error}. Mend that line.") from error
    version = document.pop("format", FORMAT)
    if version != FORMAT:
        raise InputError(f"'{path}' has format = {version!r}; this version reads format {FORMAT}. Update Sottovoce.")
    tables = document.pop("register", {})
    try:
        recipe = _table(document, Recipe, "")
        return RecipeFile(recipe=recipe, registers=_with_new(tables, recipe, known, path))
    except InputError as error:
        raise InputError(f"In '{path}': {error}") from error


def _with_new(tables: object, recipe: Recipe, known: RegisterTable, path: Path) -> RegisterTable:
    """The registers with the recipe's own over them. Of a new one, the manner words are enough."""
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise InputError("'register' must hold tables named [register.NAME].")
    found = {register.name: register for register in known.registers}
    for number, (name, table) in enumerate(tables.items()):
        defaults: dict[str, Any] = {} if name in found else _defaults(name, number, recipe, found)
        own = registers_from({name: {**defaults, **table}}, str(path), found)[name]
        found[name] = replace(own, lora_file=place_from(path.parent, own.lora_file))
    return RegisterTable(registers=tuple(sorted(found.values(), key=lambda register: (register.order, register.name))))


def _defaults(name: str, number: int, recipe: Recipe, found: Mapping[str, Register]) -> dict[str, Any]:
    taken = {register.letter.casefold() for register in found.values()}
    letters = (letter for letter in f"{name}abcdefghijklmnopqrstuvwxyz0123456789" if letter.isalnum())
    return {
        "letter": next((letter.upper() for letter in letters if letter not in taken), "?"),
        "colour": _COLOURS[number % len(_COLOURS)],
        "order": _NEW_ORDER,
        "suffix": recipe.clips.trigger,
        "lora": 1.0,
        "loudness_lufs": _NEW_LOUDNESS_LUFS,
    }


def _table(given: Mapping[str, Any], kind: type[T], where: str) -> T:
    """A dataclass from a table; what the table leaves out is as the recipe has it by itself."""
    kinds = _kinds(cast(type, kind))
    values = {}
    for key, value in given.items():
        if key not in kinds:
            at = f"[{where}]" if where else "the recipe"
            raise InputError(f"{at} has the unknown key '{key}'. {nearest(key, [*kinds, *_beside(where)])}")
        values[key] = _value(value, kinds[key], f"{where}.{key}".lstrip("."))
    missing = [
        field.name
        for field in dataclasses.fields(cast(Any, kind))
        if field.name not in values
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise InputError(f"'{where}' lacks {', '.join(missing)}. Add it, as in `sottovoce train --recipe-example`.")
    return kind(**values)


def _beside(where: str) -> tuple[str, ...]:
    return () if where else ("format", "register")


@cache
def _kinds(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _value(value: Any, kind: Any, name: str) -> Any:
    if kind is Raster:
        return _raster(value, name)
    if kind is Fraction:
        _check(isinstance(value, int | float | str) and not isinstance(value, bool), name, value, "24 or '24000/1001'")
        return rate_in(str(value))
    if get_origin(kind) is tuple:
        return _values(value, get_args(kind), name)
    if dataclasses.is_dataclass(kind):
        _check(isinstance(value, dict), name, value, f"a table: [{name}]")
        return _table(value, cast(type, kind), name)
    if kind is float:
        _check(isinstance(value, int | float) and not isinstance(value, bool), name, value, "a number")
        return float(value)
    if issubclass(kind, StrEnum):
        if value not in list(kind):
            raise InputError(f"{name} = {value!r} is not known. {nearest(str(value), list(kind))}")
        return kind(value)
    meant = {str: "text", int: "a whole number", bool: "true or false"}[kind]
    _check(type(value) is kind, name, value, meant)
    return value


def _values(value: Any, kinds: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    _check(isinstance(value, list), name, value, "a list: [ … ]")
    if kinds[-1] is not Ellipsis:
        _check(len(value) == len(kinds), name, value, f"{len(kinds)} values")
    return tuple(_value(each, kinds[0], name) for each in value)


def _raster(value: Any, name: str) -> Raster:
    width, _, height = value.partition("x") if isinstance(value, str) else ("", "", "")
    _check(width.isdecimal() and height.isdecimal(), name, value, f"width and height, such as '{_RASTER}'")
    return Raster(width=int(width), height=int(height))


def _check(right: bool, name: str, value: object, meant: str) -> None:
    if not right:
        raise InputError(f"{name} = {value!r}; it must be {meant}.")
