"""Timelines whose dialogue is spoken by a synthesiser, for what listens to it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import opentimelineio as otio
from numpy.typing import NDArray
from tests.engine.judge.spoken_lines import noise

from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.timing import SAMPLE_RATE

RATE = 24
LINE = "The rain in Spain stays mainly in the plain."


def silence(seconds: float) -> NDArray[np.float32]:
    """The floor of a quiet room."""
    return noise(seconds, level=0.0003)


def recording(path: Path, parts: Sequence[NDArray[np.float32]]) -> list[tuple[float, float]]:
    """Writes the parts one after the other; (start, end) of each in seconds."""
    sound = np.concatenate(parts, axis=1)
    with WavWriter(path, channels=1) as file:
        file.write(sound + 0.0003 * np.random.default_rng(3).standard_normal(sound.shape).astype(np.float32))
    ends = np.cumsum([part.shape[1] for part in parts]) / SAMPLE_RATE
    return [(float(end - part.shape[1] / SAMPLE_RATE), float(end)) for end, part in zip(ends, parts, strict=True)]


def timeline_over(
    media: Path,
    seconds: float,
    marks: Sequence[tuple[str, int, int]] = (),
    track: str = "DIALOGUE",
    others: Sequence[Path] = (),
) -> Path:
    """A timeline whose dialogue is a recording that begins one second into its file; `others` lie on tracks below."""
    timeline = otio.schema.Timeline("scene")
    timeline.metadata["sottovoce"] = {"raster": "320x180"}
    for number, file in enumerate((media, *others), 1):
        dialogue = otio.schema.Track(track if number == 1 else f"{track} {number}", kind=otio.schema.TrackKind.Audio)
        reference = otio.schema.ExternalReference(file.as_uri(), _range(0, round((seconds + 1) * RATE)))
        dialogue.append(otio.schema.Clip(f"take {number}", reference, _range(RATE, round(seconds * RATE))))
        timeline.tracks.append(dialogue)
    for text, start, length in marks:
        timeline.tracks.markers.append(otio.schema.Marker(name=text, marked_range=_range(start, length)))
    path = media.with_name("scene.otio")
    otio.adapters.write_to_file(timeline, str(path))
    return path


def _range(start: int, length: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, RATE), otio.opentime.RationalTime(length, RATE))
