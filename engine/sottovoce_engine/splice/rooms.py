"""Which room tone each location gets: marked production sound, else its quietest pause, else synthetic noise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sottovoce_engine.scene import MediaRange, Region, ToneMark
from sottovoce_engine.splice.listening import Pause, quietest
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.splice.tone import Spectrum, level_dbfs, production_level, spectrum_of, synthetic_spectrum
from sottovoce_engine.splice.values import ToneOrigin
from sottovoce_engine.timing import SAMPLE_RATE, Span

ANYWHERE = "scene"

_LONGEST_SECONDS, _SHORTEST_SECONDS = 10, 0.2  # of a mark that a spectrum is taken from


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A location, and what is known that could tell how it sounds."""

    location: str
    production: Pause | None
    take: Pause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """What a location's bed is made of."""

    location: str
    origin: ToneOrigin
    level_dbfs: float
    spectrum: Spectrum
    source: MediaRange | None
    seconds: float


def location_of(region: Region, footage: str) -> str:
    """Where a region sounds from: its location, else its look, else the footage under it (a path, or "")."""
    return region.location.strip() or region.look.strip() or Path(footage).name or ANYWHERE


def tone_for(room: Room, marks: Sequence[ToneMark], usual_dbfs: float, sounds: OpenSounds) -> Tone:
    """The room's tone. A mark without a location serves every location that has none of its own.

    Production tone keeps its own level, within bounds; the others get the usual one.

    Raises:
        InputError: A marked file is missing, damaged or holds no sound.
    """
    mark = _mark(room.location, marks)
    if mark is not None:
        seconds = min(float(mark.seconds), _LONGEST_SECONDS)
        return _from_file(room, ToneOrigin.MARKED, mark.source, seconds, None, usual_dbfs, sounds)
    if room.production is not None:
        pause, origin, level = room.production, ToneOrigin.PRODUCTION, room.production.level_dbfs
        return _from_file(room, origin, pause.source, pause.seconds, level, usual_dbfs, sounds)
    if room.take is not None:
        pause, origin = room.take, ToneOrigin.TAKE
        return _from_file(room, origin, pause.source, pause.seconds, usual_dbfs, usual_dbfs, sounds)
    return Tone(
        location=room.location,
        origin=ToneOrigin.SYNTHETIC,
        level_dbfs=usual_dbfs,
        spectrum=synthetic_spectrum(),
        source=None,
        seconds=0.0,
    )


def rooms_with(
    locations: Iterable[tuple[str, Sequence[str], Pause | None]], production: Sequence[Pause]
) -> tuple[Room, ...]:
    """One room for each location, in order of first use.

    Args:
        locations: For each region its location, the production files under it, and its take's pause.
        production: The quietest pause of each production file.
    """
    by_path = {pause.source.path: pause for pause in production}
    rooms: dict[str, Room] = {}
    for location, paths, pause in locations:
        known = rooms.get(location)
        rooms[location] = Room(
            location=location,
            production=quietest([known.production if known else None, *(by_path.get(path) for path in paths)]),
            take=quietest([known.take if known else None, pause]),
        )
    return tuple(rooms.values())


def usable(mark: ToneMark) -> bool:
    """Whether a mark is long enough to take a spectrum from."""
    return mark.seconds >= _SHORTEST_SECONDS


def _mark(location: str, marks: Sequence[ToneMark]) -> ToneMark | None:
    def matches(name: str) -> ToneMark | None:
        return next((mark for mark in marks if mark.location.strip().casefold() == name and usable(mark)), None)

    return matches(location.casefold()) or matches("")


def _from_file(
    room: Room,
    origin: ToneOrigin,
    source: MediaRange,
    seconds: float,
    level: float | None,
    usual_dbfs: float,
    sounds: OpenSounds,
) -> Tone:
    """Tone from a stretch of a file, at `level` within bounds; None: the stretch's own."""
    start = round(source.start * SAMPLE_RATE)
    sound = sounds.sound(source.path, Span(start, start + round(seconds * SAMPLE_RATE)))
    return Tone(
        location=room.location,
        origin=origin,
        level_dbfs=production_level(level_dbfs(sound) if level is None else level, usual_dbfs),
        spectrum=spectrum_of(sound),
        source=source,
        seconds=seconds,
    )
