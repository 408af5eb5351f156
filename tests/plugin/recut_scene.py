"""Two movies with numbered frames, cut into a scene with two lines, and cut anew.

cut 1    V1, A1   |===== street 24-72 =====|===== kitchen 12-60 =====|       48 frames each; tc 01:00:00:00
regions                [## Anna 10-38 ##]      [## Ben 58-86 ##]
"""

import atexit
import shutil
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import opentimelineio as otio

from sottovoce.examples.numbered import write_numbered_movie
from sottovoce_engine.scene import Raster

RATE = Fraction(24)
FRAMES = 120
TAKEN_AT = {"street": 36_000 * 24, "kitchen": 14 * 3600 * 24}  # the timecode of each file's first frame
MARKS = (("Anna whisper: close your eyes", 10, 28), ("Ben (man, shouting): stay there", 58, 28))
FIRST_CUT = (("street", 24, 48), ("kitchen", 12, 48))

Shots = Sequence[tuple[str, int, int]]  # source ("" is a gap), its first frame, frames


def write_footage(folder: Path) -> None:
    """The two movies in `folder`."""
    shutil.copytree(_movies().name, folder, dirs_exist_ok=True)


def write_cut(path: Path, shots: Shots, footage: Path, marks: Sequence[tuple[str, int, int]] = ()) -> Path:
    """A timeline of picture and sound from these shots."""
    timeline = otio.schema.Timeline(path.stem, global_start_time=_time(86_400))
    for name, kind in (("V1", "Video"), ("A1", "Audio")):
        track = otio.schema.Track(name, kind=kind)
        track.extend(_item(*shot, footage) for shot in shots)
        timeline.tracks.append(track)
    timeline.tracks.markers.extend(
        otio.schema.Marker(name=text, marked_range=_range(start, length)) for text, start, length in marks
    )
    otio.adapters.write_to_file(timeline, str(path))
    return path


@cache
def _movies() -> "TemporaryDirectory[str]":
    """They are written once in this process."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    for number, name in enumerate(TAKEN_AT, start=1):
        write_numbered_movie(
            Path(folder.name) / f"{name}.mov",
            source_id=number,
            frames=FRAMES,
            rate=RATE,
            raster=Raster(width=320, height=180),
            sine_hz=200.0 * number,
            start_frame=TAKEN_AT[name],
        )
    return folder


def _item(source: str, first: int, frames: int, footage: Path) -> Any:
    if not source:
        return otio.schema.Gap(source_range=_range(0, frames))
    media = otio.schema.ExternalReference((footage / f"{source}.mov").as_uri(), _range(TAKEN_AT[source], FRAMES))
    return otio.schema.Clip(source, media, _range(TAKEN_AT[source] + first, frames))


def _time(frame: int) -> Any:
    return otio.opentime.RationalTime(frame, float(RATE))


def _range(start: int, length: int) -> Any:
    return otio.opentime.TimeRange(_time(start), _time(length))
