"""Frozen values to JSON and back, strictly: an unknown key or a wrong type is an error, never a guess.

Fractions travel as "24000/1001". Every file of ours wraps its value as `{"format": n, "kind": …,
"value": …}`; a newer format is refused.
"""

import dataclasses
import json
import math
import re
import reprlib
from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from sottovoce_engine.errors import InputError, nearest

if TYPE_CHECKING:  # a window is shown before anything is written or read
    import cattrs

T = TypeVar("T")

_FRACTION = re.compile(r"-?[0-9]{1,40}(/[1-9][0-9]{0,39})?")
_KINDS = {str: "text", int: "a whole number", bool: "true or false"}


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
    except Exception as error:  # cattrs wraps whatever a field raised into groups of its own
        import cattrs

        reasons = "; ".join(cattrs.transform_error(error, path=kind.__name__, format_exception=_reason)[:3])
        raise InputError(
            f"{source} does not hold a {kind.__name__}: {reasons}. Restore the file or remove it."
        ) from error


def to_json(value: object, *, format_version: int) -> str:
    """`value` as one line of versioned JSON.

    Raises:
        ValueError: A number in it is infinite or none.
    """
    wrapped = {"format": format_version, "kind": type(value).__name__, "value": to_plain(value)}
    return json.dumps(wrapped, ensure_ascii=False, allow_nan=False)


def from_json(text: str | bytes, kind: type[T], *, format_version: int, source: str) -> T:
    """The value that `to_json` wrote.

    Raises:
        InputError: The text is not ours, is damaged, or was written by a newer version.
    """
    try:
        wrapped = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source} is not valid JSON: {error}. Restore the file or remove it.") from error
    if not isinstance(wrapped, dict) or wrapped.get("kind") != kind.__name__:
        raise InputError(f"{source} is not a Sottovoce {kind.__name__} record. Restore the file or remove it.")
    found = wrapped.get("format")
    if type(found) is int and found > format_version:
        raise InputError(f"{source} has format {found}; this version reads up to {format_version}. Update Sottovoce.")
    if type(found) is not int or found < 1 or wrapped.keys() != {"format", "kind", "value"}:
        raise InputError(f"{source} is a damaged {kind.__name__} record. Restore the file or remove it.")
    return from_plain(wrapped["value"], kind, source)


@cache
def _converter() -> "cattrs.Converter":
    import cattrs

    converter = cattrs.Converter(unstruct_collection_overrides={tuple: list})
    converter.register_unstructure_hook(Fraction, str)
    converter.register_structure_hook(Fraction, _fraction)
    converter.register_structure_hook(float, _number)
    for plain in _KINDS:
        converter.register_structure_hook(plain, _exactly)
    converter.register_structure_hook_factory(dataclasses.is_dataclass, _dataclass)
    converter.register_structure_hook_factory(_is_tuple, _tuple)
    return converter


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _exactly(value: object, kind: type[T]) -> T:
    # cattrs serves every StrEnum by the hook for str, and left plain strings they would never be `is` a member.
    if issubclass(kind, StrEnum):
        if not isinstance(value, str) or value not in list(kind):
            raise ValueError(f"{reprlib.repr(value)} is not one of {', '.join(kind)}")
        return kind(value)
    if type(value) is not kind:
        raise ValueError(f"{reprlib.repr(value)} is not {_KINDS[kind]}")
    return value


def _number(value: object, _: type[float]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise ValueError(f"{reprlib.repr(value)} is not a number")
    return float(value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def _fraction(value: object, _: type[Fraction]) -> Fraction:
    if not isinstance(value, str) or not _FRACTION.fullmatch(value):
        raise ValueError(f"{reprlib.repr(value)} is not a fraction such as '24000/1001'")
    return Fraction(value)


def _dataclass(kind: type[T], converter: "cattrs.Converter") -> Callable[[object, type[T]], T]:
    from cattrs.gen import make_dict_structure_fn

    structured = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)

    def structure(value: object, _: type[T]) -> T:
        if not isinstance(value, dict):
            raise ValueError(f"{reprlib.repr(value)} is not a table of fields")
        return structured(value, kind)

    return structure


def _tuple(kind: Any, converter: "cattrs.Converter") -> Callable[[object, Any], Any]:
    kinds = get_args(kind)

    def structure(value: object, _: Any) -> Any:
        if not isinstance(value, list):
            raise ValueError(f"{reprlib.repr(value)} is not a list")
        if kinds[-1] is Ellipsis:
            return tuple(converter.structure(value, list[kinds[0]]))  # type: ignore[valid-type]
        if len(value) != len(kinds):
            raise ValueError(f"{reprlib.repr(value)} does not hold {len(kinds)} values")
        return tuple(converter.structure(part, part_kind) for part, part_kind in zip(value, kinds, strict=True))

    return structure


def _reason(error: BaseException, _: type | None) -> str:
    import cattrs

    match error:
        case cattrs.ForbiddenExtraKeysError(extra_fields=extra, cl=kind):
            key = min(extra)
            return f"unknown key '{key}'. {nearest(key, [field.name for field in dataclasses.fields(kind)])}".rstrip(
                "."
            )
        case KeyError(args=(key,)):
            return f"'{key}' is missing"
        case _:
            return str(error).rstrip(".")
