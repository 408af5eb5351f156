"""What the editor's own timeline is written with so that every host reads it alike.

Rates    23.976 becomes 24000/1001: Kdenlive compares rates for equality, and our own tracks have the exact one
markers  "range" beside "marked_range": see `region_marks`
"""

from collections.abc import Iterator
from functools import lru_cache

from sottovoce_engine.errors import InputError
from sottovoce_otio.layout import schema_of
from sottovoce_otio.plain import Plain
from sottovoce_otio.times import exact_clock


def make_exact(timeline: Plain) -> None:
    """Gives every time of a timeline its exact rate, and every marker its range twice; metadata stay as they are.

    Args:
        timeline: Plain JSON; changed. What a rate stands for is decided as in reading.
    """
    for found in _objects(timeline):
        if "rate" in found and schema_of(found) == "RationalTime":
            found["rate"] = _exact(found["rate"])
        elif "marked_range" in found and schema_of(found) == "Marker":
            found.setdefault("range", found["marked_range"])


def _objects(timeline: Plain) -> Iterator[Plain]:
    """Every OTIO object in a timeline, none in metadata."""
    stack: list[object] = [timeline]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            if "OTIO_SCHEMA" in value:
                yield value
            stack += (inner for key, inner in value.items() if key != "metadata" and isinstance(inner, dict | list))


@lru_cache(maxsize=64)
def _exact(rate: float) -> float:
    try:
        exact = exact_clock(rate)
    except InputError:  # of a time that the scene does not use
        return rate
    return exact.numerator / exact.denominator
