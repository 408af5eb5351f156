"""A spliced scene over media that say what they are: what every format and every program is tried on.

scene frames   0        20        45   54~~66   75        105  120
V2                                              |== take 4 ==|          Ben's own picture
V1             |======= street (1) =======X======= kitchen (2) =====|   ~ dissolve, cut at 60
A1 dialogue    |== 1 ===|- - - - -|=== 1 ==|=====2=|- - - - -|= 2 ==|   - disabled
A2 music       |===================== tone (500 Hz) ================|
A3 ANNA                 |= take 3 =|
A4 BEN                                          |== take 5 ==|
A5 room tone   |===================== tone (200 Hz) ================|

The files' timecode starts elsewhere than at 0, as a camera's does. Two takes each; the second is chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
from tests.otio_adapters.coded_media import HEIGHT, WIDTH, write_coded_movie, write_tone
from tests.otio_adapters.spliced_scenes import (
    REGISTERS,
    loaded_timeline,
    mark,
    spliced_of,
    spliced_region,
    time_range,
)

from sottovoce.exporting.values import Export
from sottovoce_engine.splice.values import SplicedRegion
from sottovoce_engine.take import Take

LENGTH = 120
STREET, KITCHEN, ANNA, BEN = 1, 2, 4, 6  # files; the takes not chosen are one below
CUT, DISSOLVE = 60, (54, 66)
ANNA_SPAN, BEN_SPAN = (20, 45), (75, 105)
HERTZ: Mapping[int, float] = {STREET: 440.0, KITCHEN: 660.0, 3: 880.0, ANNA: 1100.0, 5: 1540.0, BEN: 1760.0}
MUSIC_HERTZ, TONE_HERTZ = 500.0, 200.0
GAIN_DB = -2.5
FIRST_CODE = 1000  # frames of the media's timecode before their first frame
HANDLE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a frame of the scene shows: one file's frame, or a mix of two."""

    file: int
    frame: int
    over: tuple[int, int] | None = None  # the outgoing file and frame
    share: float = 1.0  # of the incoming


def numbered_export(folder: Path, rate: Fraction, *, first_code: int = FIRST_CODE) -> Export:
    """The scene, its media written into `folder`; `first_code` is the timecode of the footage's first frame."""
    street, kitchen = (
        write_coded_movie(folder / f"{name}.mov", file=file, frames=120, rate=rate, hertz=HERTZ[file])
        for name, file in (("street 100%", STREET), ("kitchen", KITCHEN))
    )
    music = write_tone(folder / "music.wav", seconds=float((LENGTH + 20) / rate), hertz=MUSIC_HERTZ, level=0.05)
    timeline = otio.schema.Timeline("night")
    timeline.global_start_time = otio.opentime.RationalTime(86400, float(rate))
    timeline.metadata["sottovoce"] = {"raster": f"{WIDTH}x{HEIGHT}"}
    timeline.metadata["studio"] = {"episode": 7}
    for name, kind, dissolves in (("V1", "Video", True), ("Dialogue", "Audio", False)):
        timeline.tracks.append(_track(name, kind, (street, kitchen), rate, first_code, dissolves=dissolves))
    timeline.tracks.append(_music(music, rate))
    timeline.tracks.markers.append(
        otio.schema.Marker("grade me", time_range(10, 1, float(rate)), color="PINK", comment="warmer")
    )
    mark(timeline, "SC12-034 ANNA whisper: close your eyes", ANNA_SPAN[0], ANNA_SPAN[1] - ANNA_SPAN[0], rate)
    mark(timeline, "BEN (man, shouting): stay <there> & wait", BEN_SPAN[0], BEN_SPAN[1] - BEN_SPAN[0], rate)
    loaded = loaded_timeline(timeline, folder)
    regions = tuple(
        _with_media(
            spliced_region(region, loaded.scene, folder, takes=2, picture=picture, handle=HANDLE, gain_db=GAIN_DB),
            folder,
            chosen,
        )
        for region, picture, chosen in zip(loaded.scene.regions, (False, True), (ANNA, BEN), strict=True)
    )
    spliced = spliced_of(loaded.scene, folder, regions)
    write_tone(spliced.tone_stem, seconds=float(LENGTH / rate), hertz=TONE_HERTZ)
    return Export(name="night", loaded=loaded, scene=loaded.scene, spliced=spliced, registers=REGISTERS)


def shown(frame: int) -> Shown:
    """What the scene shows at `frame`."""
    if BEN_SPAN[0] <= frame < BEN_SPAN[1]:
        return Shown(file=BEN, frame=frame - BEN_SPAN[0] + HANDLE)
    street, kitchen = (STREET, frame + 10), (KITCHEN, frame - CUT + 30)
    if frame < DISSOLVE[0]:
        return Shown(file=street[0], frame=street[1])
    if frame < DISSOLVE[1]:
        share = (frame - DISSOLVE[0]) / (DISSOLVE[1] - DISSOLVE[0])
        return Shown(file=kitchen[0], frame=kitchen[1], over=street, share=share)
    return Shown(file=kitchen[0], frame=kitchen[1])


def sounding(frame: int) -> frozenset[float]:
    """The sines heard at `frame`, away from the joins."""
    if ANNA_SPAN[0] <= frame < ANNA_SPAN[1]:
        dialogue = ANNA
    elif BEN_SPAN[0] <= frame < BEN_SPAN[1]:
        dialogue = BEN
    else:
        dialogue = STREET if frame < CUT else KITCHEN
    return frozenset({HERTZ[dialogue], MUSIC_HERTZ, TONE_HERTZ})


def _track(name: str, kind: str, movies: tuple[Path, Path], rate: Fraction, first_code: int, *, dissolves: bool) -> Any:
    number = float(rate)
    track = otio.schema.Track(name, kind=kind)
    for movie, first, link in zip(movies, (10, 30), (4, 5), strict=True):
        media = otio.schema.ExternalReference(movie.as_uri(), time_range(first_code, 120, number))
        clip = otio.schema.Clip(movie.stem, media, time_range(first_code + first, CUT, number))
        clip.metadata["Resolve_OTIO"] = {"Link Group ID": link}
        clip.metadata["studio"] = {"reel": movie.stem.upper()}
        track.append(clip)
    if dissolves:
        half = otio.opentime.RationalTime(CUT - DISSOLVE[0], number)
        track.insert(1, otio.schema.Transition("mix", "SMPTE_Dissolve", half, half))
    return track


def _music(file: Path, rate: Fraction) -> Any:
    track = otio.schema.Track("Music", kind="Audio")
    media = otio.schema.ExternalReference(file.as_uri(), time_range(0, LENGTH + 20, float(rate)))
    track.append(otio.schema.Clip("music", media, time_range(0, LENGTH, float(rate))))
    return track


def _with_media(region: SplicedRegion, folder: Path, chosen: int) -> SplicedRegion:
    placed = region.placed
    other = placed.alternatives[0][0]
    written = replace(
        placed,
        path=_movie(placed.take, folder, chosen),
        alternatives=((other, _movie(other, folder, chosen - 1)),),
    )
    return replace(region, placed=written)


def _movie(take: Take, folder: Path, file: int) -> str:
    path = folder / "takes" / take.media
    path.parent.mkdir(exist_ok=True)
    rate = take.job.rate
    write_coded_movie(path.with_suffix(".mov"), file=file, frames=take.length_frames, rate=rate, hertz=HERTZ[file])
    if path.suffix != ".mov":
        path.with_suffix(".mov").rename(path)  # named as sound, as such takes are; programs look inside
    return str(path)
