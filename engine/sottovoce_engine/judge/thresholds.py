"""The judge's thresholds as one data table: the shipped one, with a user's own file laid over it.

[register]
whisper_below = { value = 0.56, source = "where it comes from, what it was measured on" }
"""

import math
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from sottovoce_engine.errors import InputError, nearest

T = TypeVar("T")

FORMAT = 1

_SHIPPED = "thresholds.toml"
_KEYS = ("value", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One value that a measurement is compared with, and where it comes from."""

    value: float
    source: str


Tables = dict[str, dict[str, Threshold]]


def thresholds_of(table: str, kind: type[T], user_file: Path | None = None) -> T:
    """The thresholds of `[table]` as `kind`, a dataclass of floats; those of `user_file` replace the shipped ones.

    Raises:
        InputError: The file cannot be read, or holds an unknown table or key, or a value that is no number.
        ValueError: The shipped table does not hold exactly the fields of `kind`.
    """
    found = threshold_tables(user_file)[table]
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # any dataclass
    if names != found.keys():
        raise ValueError(f"[{table}] of {_SHIPPED} and {kind.__name__} differ in {sorted(names ^ found.keys())}")
    return kind(**{name: threshold.value for name, threshold in found.items()})


def threshold_tables(user_file: Path | None = None) -> Tables:
    """Every table with its thresholds and their sources, in the order of the shipped file.

    Raises:
        InputError: As for `thresholds_of`.
    """
    shipped = _shipped()
    given = given_tables(user_file) if user_file is not None else {}
    return {table: thresholds | given.get(table, {}) for table, thresholds in shipped.items()}


def given_tables(user_file: Path) -> Tables:
    """What a user's file says by itself.

    Raises:
        InputError: As for `thresholds_of`.
    """
    try:
        text = user_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The thresholds file '{user_file}' cannot be read: {error}. Check the path.") from error
    given, shipped = _tables_in(text, str(user_file)), _shipped()
    _check_keys(given, tuple(shipped), f"'{user_file}'")
    for table, thresholds in given.items():
        _check_keys(thresholds, tuple(shipped[table]), f"[{table}] in '{user_file}'")
    return given


@cache
def _shipped() -> Tables:
    text = resources.files("sottovoce_engine").joinpath("judge", _SHIPPED).read_text(encoding="utf-8")
    return _tables_in(text, _SHIPPED)


def _tables_in(text: str, source: str) -> Tables:
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{source}' is not valid TOML: {error}. Mend that line.") from error
    version = document.pop("format", FORMAT)
    if type(version) is not int or version < 1:
        raise InputError(f"'{source}' has format = {version!r}. Write format = {FORMAT}.")
    if version > FORMAT:
        raise InputError(f"'{source}' has format = {version}; this version reads format {FORMAT}. Update Sottovoce.")
    for table, entries in document.items():
        if not isinstance(entries, dict):
            raise InputError(f"'{source}' has {table} = {entries!r}; it must be a table, written [{table}].")
    return {
        table: {name: _threshold(entry, f"{name} of [{table}] in '{source}'") for name, entry in entries.items()}
        for table, entries in document.items()
    }


def _threshold(entry: object, where: str) -> Threshold:
    if not isinstance(entry, dict) or set(entry) != set(_KEYS):
        raise InputError(f'{where} is {entry!r}; write {{ value = 0.5, source = "where it comes from" }}.')
    value, source = entry["value"], entry["source"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise InputError(f"{where} has value = {value!r}; it must be a number.")
    if not isinstance(source, str) or not source.strip():
        raise InputError(f"{where} has source = {source!r}; say in a few words what the value was measured on.")
    return Threshold(value=float(value), source=source)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def _check_keys(given: dict[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in given:
        if key not in allowed:
            raise InputError(f"{where} has the unknown key '{key}'. {nearest(key, allowed)}")
