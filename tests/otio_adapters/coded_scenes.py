"""A timeline as `render` hands it back, over media that say what they are; 100 frames, one region, two takes.

File 1 is the source, 2 and 3 are the takes of the region over 30-70, 3 is chosen. The takes' timecode starts
at 0, as their files' does.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from sottovoce_engine.take import Take
from sottovoce_otio.scene_timeline import scene_timeline
from sottovoce_otio.timeline import LoadedTimeline

from .coded_media import HEIGHT, WIDTH, write_coded_movie, write_tone
from .spliced_scenes import REGISTERS, loaded_timeline, mark, spliced_of, spliced_region, time_range

SOURCE, CHOSEN = 1, 3
HERTZ = {SOURCE: 440.0, 2: 880.0, CHOSEN: 1760.0}
TONE_HERTZ = 200.0
LENGTH = 100


def coded_scene(folder: Path, rate: Fraction) -> Any:
    """The timeline, its media written into `folder`."""
    loaded = _marked(folder, rate)
    region = spliced_region(loaded.scene.regions[0], loaded.scene, folder, takes=2, picture=True, handle=30)
    takes = [_with_media(take, folder, file) for file, take in enumerate(_takes(region), start=2)]
    placed = replace(region.placed, take=takes[-1][0], path=takes[-1][1], alternatives=((takes[0][0], takes[0][1]),))
    spliced = spliced_of(loaded.scene, folder, (replace(region, placed=placed),))
    write_tone(spliced.tone_stem, seconds=float(LENGTH / rate), hertz=TONE_HERTZ)
    return scene_timeline(loaded, spliced, REGISTERS)


def expected(frame: int) -> tuple[int, int]:
    """(file, its frame) that the scene shows: the take's first frame lies at the scene's."""
    return (CHOSEN, frame) if 30 <= frame < 70 else (SOURCE, frame + 10)


def _marked(folder: Path, rate: Fraction) -> LoadedTimeline:
    movie = write_coded_movie(folder / "street 1.mov", file=SOURCE, frames=120, rate=rate, hertz=HERTZ[SOURCE])
    timeline = otio.schema.Timeline("night")
    timeline.metadata["sottovoce"] = {"raster": f"{WIDTH}x{HEIGHT}"}
    for name, kind in (("V1", "Video"), ("Dialogue", "Audio")):
        track = otio.schema.Track(name, kind=kind)
        media = otio.schema.ExternalReference(movie.as_uri(), time_range(0, 120, float(rate)))
        track.append(otio.schema.Clip("street", media, time_range(10, LENGTH, float(rate))))
        timeline.tracks.append(track)
    mark(timeline, "ANNA whisper: close your eyes", 30, 40, rate)
    return loaded_timeline(timeline, folder)


def _takes(region: Any) -> list[Take]:
    return [*(take for take, _ in region.placed.alternatives), region.placed.take]


def _with_media(take: Take, folder: Path, file: int) -> tuple[Take, str]:
    path = write_coded_movie(
        folder / f"take {file}.mov", file=file, frames=take.length_frames, rate=take.job.rate, hertz=HERTZ[file]
    )
    return take, str(path)
