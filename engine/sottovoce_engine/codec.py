"""Frozen values to JSON and back, strictly: an unknown key or a wrong type is an error, never a guess.

Fractions travel as "24000/1001". Every file of ours wraps its value as `{"format": n, "kind": …,
"value": …}`; a newer format is refused.
"""

import json
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

import cattrs

from sottovoce_engine.errors import InputError

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """`value` as dicts, lists, strings and numbers."""
    return _converter().unstructure(value)


def from_plain(plain: Any, kind: type[T], source: str) -> T:
    """The value of type `kind` that `plain` describes; `source` names the file in messages.

    Raises:
        InputError: A key is unknown or missing, or a value has the wrong type.
    """
    try:
        return _converter().structure(plain, kind)
    except InputError:
        raise
    except Exception as error:  # cattrs wraps whatever a field raised into groups of its own
        reasons = "; ".join(cattrs.transform_error(error, path=kind.__name__)[:3])
        raise InputError(
            f"{source} does not hold a {kind.__name__}: {reasons}. Restore the file or remove it."
        ) from error


def to_json(value: object, *, format_version: int) -> str:
    """`value` as one line of versioned JSON."""
    wrapped = {"format": format_version, "kind": type(value).__name__, "value": to_plain(value)}
    return json.dumps(wrapped, ensure_ascii=False, allow_nan=False)


def from_json(text: str | bytes, kind: type[T], *, format_version: int, source: str) -> T:
    """The value that `to_json` wrote.

    Raises:
        InputError: The text is not ours, is damaged, or was written by a newer version.
    """
    try:
        wrapped = json.loads(text)
    except ValueError as error:
        raise InputError(f"{source} is not valid JSON: {error}. Restore the file or remove it.") from error
    if not isinstance(wrapped, dict) or wrapped.get("kind") != kind.__name__ or "value" not in wrapped:
        raise InputError(f"{source} is not a Sottovoce {kind.__name__} record. Restore the file or remove it.")
    if not isinstance(wrapped.get("format"), int) or wrapped["format"] > format_version:
        raise InputError(
            f"{source} has format {wrapped.get('format')!r}; this version reads up to {format_version}. Update Sottovoce."
        )
    return from_plain(wrapped["value"], kind, source)


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_unstructure_hook(Fraction, str)
    converter.register_structure_hook(Fraction, lambda text, _: Fraction(text))
    for plain in (str, int, bool):
        converter.register_structure_hook(plain, _exactly(plain))
    converter.register_structure_hook(float, _number)
    return converter


def _exactly(kind: type[T]) -> Any:
    def structure(value: object, _: type[T]) -> T:
        if type(value) is not kind:
            raise ValueError(f"{value!r} is not a {kind.__name__}")
        return value

    return structure


def _number(value: object, _: type[float]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number")
    return float(value)
