"""Small timelines made in a line, written, and read back as scenes."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_otio.timeline import LoadedTimeline, ReadOptions, read_timeline

REGISTERS = register_table()
NTSC_24, NTSC_30, NTSC_60 = Fraction(24_000, 1001), Fraction(30_000, 1001), Fraction(60_000, 1001)
RATES = (
    NTSC_24, Fraction(24), Fraction(25), NTSC_30, Fraction(30), Fraction(48), Fraction(50), NTSC_60, Fraction(60),
    Fraction(120_000, 1001),
)  # fmt: skip


def time(value: float, rate: Fraction | float = 24) -> RationalTime:
    return RationalTime(float(value), float(rate))


def span(start: float, length: float, rate: Fraction | float = 24) -> TimeRange:
    return TimeRange(time(start, rate), time(length, rate))


def clip(
    name: str,
    start: float,
    length: float,
    *,
    rate: Fraction | float = 24,
    url: str | None = None,
    available: tuple[float, float] | None = (0, 10_000),
    markers: Iterable[Any] = (),
    **metadata: Any,
) -> Any:
    """A clip over frames of `<name>.mov`."""
    reference = otio.schema.ExternalReference(
        target_url=f"{name}.mov" if url is None else url,
        available_range=None if available is None else span(*available, rate),
    )
    return otio.schema.Clip(name, reference, span(start, length, rate), metadata=metadata, markers=list(markers))


def gap(length: float, rate: Fraction | float = 24) -> Any:
    return otio.schema.Gap(source_range=span(0, length, rate))


def transition(before: float, after: float, rate: Fraction | float = 24, kind: str = "SMPTE_Dissolve") -> Any:
    return otio.schema.Transition("", kind, time(before, rate), time(after, rate))


def track(name: str, *items: Any, kind: str = "Video", **rest: Any) -> Any:
    made = otio.schema.Track(name, kind=kind, **rest)
    made.extend(items)
    return made


def sound(name: str, *items: Any, **rest: Any) -> Any:
    return track(name, *items, kind="Audio", **rest)


def marker(text: str, start: float, length: float, rate: Fraction | float = 24, **rest: Any) -> Any:
    return otio.schema.Marker(name=text, marked_range=span(start, length, rate), **rest)


def timeline(*tracks: Any, marks: Iterable[Any] = (), start: Any = None, **metadata: Any) -> Any:
    made = otio.schema.Timeline("built", global_start_time=start, metadata=metadata)
    made.tracks.extend(tracks)
    made.tracks.markers.extend(marks)
    return made


def read(
    made: Any, folder: Path, options: ReadOptions | None = None, registers: RegisterTable = REGISTERS
) -> LoadedTimeline:
    """What `made` reads as after it was written to a file, which reading must not touch."""
    path = folder / "built.otio"
    made.to_json_file(str(path))
    before = path.read_bytes()
    loaded = read_timeline(path, registers, options)
    assert path.read_bytes() == before
    assert loaded.timeline.is_equivalent_to(otio.adapters.read_from_file(str(path)))
    return loaded
