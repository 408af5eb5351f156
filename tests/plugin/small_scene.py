"""A scene small enough to be rendered in every test: two lines, 320x180, four seconds."""

from pathlib import Path

import opentimelineio as otio

RATE = 24
LENGTH_FRAMES = 96
MARKS = (("Anna whisper: close your eyes", 6, 40), ("Ben (man, shouting): stay there", 52, 36))


def write_small_scene(path: Path, marks: tuple[tuple[str, int, int], ...] = MARKS) -> Path:
    """An `.otio` without any media, its marks typed as an editor would: (text, start frame, length)."""
    timeline = otio.schema.Timeline(path.stem)
    timeline.metadata["sottovoce"] = {"raster": "320x180"}
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Gap(source_range=_range(0, LENGTH_FRAMES)))
    timeline.tracks.append(track)
    for text, start, length in marks:
        timeline.tracks.markers.append(otio.schema.Marker(name=text, marked_range=_range(start, length)))
    otio.adapters.write_to_file(timeline, str(path))
    return path


def _range(start: int, length: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, RATE), otio.opentime.RationalTime(length, RATE))
