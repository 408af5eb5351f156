"""What a clip's effects do that a flattened piece does not: said in notes, or taken over where it is a gain.

Source: Resolve's own exports give every clip its whole rack of effects; those with no parameters stand at
their defaults and do nothing. Its clip volume is in dB.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sottovoce_otio.layout import Placed, Plain, schema_of
from sottovoce_otio.ours import own_entry

_RESOLVE_VOLUME = "volume"
_QUIETEST_DB, _LOUDEST_DB = -100.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """What becomes of an item's effects."""

    gain_db: float = 0.0  # taken over
    ignored: tuple[str, ...] = ()  # names of effects that are not


_NONE = Treatment()


def treatment_of(placed: Placed) -> Treatment:
    """What becomes of an item's own effects, and the gain we noted on it ourselves."""
    own = own_entry(placed.metadata, f"The {placed}")
    effects = placed.item.get("effects") or ()
    if own is None and not effects:
        return _NONE
    gain_db, ignored = _gain(None if own is None else own.get("gain_db")) or 0.0, []
    for effect in effects:
        if effect.get("enabled") is False or _stands_at_defaults(effect):
            continue
        volume = _resolve_volume(effect)
        if volume is not None:
            gain_db += volume
        else:
            ignored.append(_named(effect))
    return Treatment(gain_db=gain_db, ignored=tuple(ignored))


def _gain(value: Any) -> float | None:
    """`value` as a gain in dB; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if _QUIETEST_DB <= value <= _LOUDEST_DB else None


def _resolve(effect: Plain) -> Plain:
    found = (effect.get("metadata") or {}).get("Resolve_OTIO")
    return found if isinstance(found, Mapping) else {}


def _stands_at_defaults(effect: Plain) -> bool:
    if schema_of(effect) == "LinearTimeWarp":
        return effect.get("time_scalar") == 1
    resolve = _resolve(effect)
    return bool(resolve) and (resolve.get("Enabled") is False or not resolve.get("Parameters", True))


def _resolve_volume(effect: Plain) -> float | None:
    """The constant clip volume in dB, where that is all the effect does."""
    parameters = _resolve(effect).get("Parameters")
    if not isinstance(parameters, list) or len(parameters) != 1 or not isinstance(parameters[0], Mapping):
        return None
    found = parameters[0]
    if found.get("Parameter ID") != _RESOLVE_VOLUME or found.get("Key Frames"):
        return None
    return _gain(found.get("Parameter Value"))


def _named(effect: Plain) -> str:
    schema = schema_of(effect)
    if schema == "FreezeFrame":
        return "a freeze frame"
    if schema == "LinearTimeWarp":
        return f"a speed of {effect.get('time_scalar', 1) * 100:g} %"
    if schema == "TimeEffect":
        return "a change of speed"
    name = _resolve(effect).get("Effect Name") or effect.get("name") or effect.get("effect_name")
    return f"the effect '{name}'" if name else "an effect"
