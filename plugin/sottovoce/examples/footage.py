"""Three lines over footage at 23.976: two cuts, a dissolve, dialogue and music. The footage is test media.

frames     0                   62 | 78                 144                       216
V1         |== street.mov ======|~~~|== kitchen.mp4 =====|== hall.mov =============|
Dialogue   |== street.mov ======|~~~|== kitchen.mp4 =====|== hall.mov =============|
Music      |========================= music.wav ==================================|
marks           [Anna, on the stack]    [Ben, on the track]  [Anna, on the clip]

Every frame shows its file's id and its number there, every file sounds one sine: so a rendered scene
says by itself what it was made of.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from sottovoce.examples.numbered import sine, write_numbered_movie
from sottovoce.examples.parts import empty_timeline, frames, marker, track
from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError
from sottovoce_engine.media.movie import Flavour
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.scene import Gender, Raster, Voice
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at
from sottovoce_otio.ours import FORMAT, KEY
from sottovoce_otio.placing import new_file

RATE = Fraction(24_000, 1001)
RASTER = Raster(width=320, height=180)
START_FRAME = 86_400  # 01:00:00:00
LENGTH_FRAMES = 216
MEDIA_FOLDER = "footage-media"
MUSIC, MUSIC_HZ, MUSIC_LEVEL = "music.wav", 110.0, 0.02
DISSOLVE = Span(62, 78)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of test footage, and where the timeline shows it."""

    id: int
    file: str
    frames: int
    start_frame: int  # timecode of its first frame, as a frame number
    sine_hz: float
    shown: Span  # scene frames, without the dissolve
    first: int  # the file's frame at the start of `shown`

    @property
    def flavour(self) -> Flavour:
        return "mp4" if self.file.endswith(".mp4") else "mov"


SOURCES = (
    Source(id=1, file="street.mov", frames=120, start_frame=86_400, sine_hz=220.0, shown=Span(0, 70), first=24),
    Source(id=2, file="kitchen.mp4", frames=110, start_frame=0, sine_hz=330.0, shown=Span(70, 144), first=16),
    Source(id=3, file="hall.mov", frames=110, start_frame=172_800, sine_hz=440.0, shown=Span(144, 216), first=30),
)
VOICES = (Voice(name="Anna", gender=Gender.WOMAN), Voice(name="Ben", gender=Gender.MAN))


def timeline(rate: Fraction = RATE) -> Any:
    """The edit as an editor marks it: one mark on the stack, one on a track, one on a clip."""
    made = empty_timeline("footage", START_FRAME, rate)
    made.metadata[KEY] = {"format": FORMAT, "voices": to_plain(VOICES)}
    picture = track("V1", "Video", _with_dissolve([_clip(source, rate) for source in SOURCES], rate))
    dialogue = track("Dialogue", "Audio", _with_dissolve([_clip(source, rate) for source in SOURCES], rate))
    length = frames(Span(0, LENGTH_FRAMES), rate)
    made.tracks.extend([picture, dialogue, track("Music", "Audio", [_media_clip(MUSIC, length, length)])])
    made.tracks.markers.append(marker('Anna (whispering): "Keep your eyes on the road."', Span(20, 60), rate))
    dialogue.markers.append(marker("Ben loud: Where did you put the keys?", Span(86, 130), rate))
    hall = SOURCES[2]
    on_clip = Span(152, 204).shifted(hall.start_frame + hall.first - hall.shown.start)
    dialogue[-1].markers.append(marker("Anna, speaking softly: I gave them to you this morning.", on_clip, rate))
    return made


def write_media(folder: Path, rate: Fraction = RATE) -> None:
    """Makes the files the timeline uses, each only where it is not there yet.

    Raises:
        InputError: The folder cannot be written to.
        SetupError: The disk is full.
    """
    media = folder / MEDIA_FOLDER
    try:
        media.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder '{media}' cannot be made: {error.strerror}. Choose another one.") from error
    for source in SOURCES:
        path = media / source.file
        if not path.exists():
            with new_file(path, "example footage") as staged:
                _write_source(source, staged, rate)
    music = media / MUSIC
    if not music.exists():
        with new_file(music, "example music") as staged, WavWriter(staged) as wav:
            length = sample_at(LENGTH_FRAMES, rate)
            for start in range(0, length, SAMPLE_RATE):
                wav.write(sine(MUSIC_HZ, start, min(SAMPLE_RATE, length - start), MUSIC_LEVEL))


def _write_source(source: Source, path: Path, rate: Fraction) -> None:
    write_numbered_movie(
        path,
        source_id=source.id,
        frames=source.frames,
        rate=rate,
        raster=RASTER,
        sine_hz=source.sine_hz,
        label=source.file,
        flavour=source.flavour,
        start_frame=source.start_frame,
    )


def _clip(source: Source, rate: Fraction) -> Any:
    shown = Span(source.first, source.first + source.shown.length).shifted(source.start_frame)
    there = Span(0, source.frames).shifted(source.start_frame)
    return _media_clip(source.file, frames(shown, rate), frames(there, rate))


def _media_clip(file: str, shown: Any, there: Any) -> Any:
    reference = otio.schema.ExternalReference(target_url=f"{MEDIA_FOLDER}/{file}", available_range=there)
    return otio.schema.Clip(file.rpartition(".")[0], media_reference=reference, source_range=shown)


def _with_dissolve(clips: list[Any], rate: Fraction) -> list[Any]:
    """The clips with the dissolve, or crossfade, between the first and the second."""
    cut = SOURCES[1].shown.start
    dissolve = otio.schema.Transition(
        "dissolve",
        transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
        in_offset=frames(Span(DISSOLVE.start, cut), rate).duration,
        out_offset=frames(Span(cut, DISSOLVE.end), rate).duration,
    )
    return [clips[0], dissolve, *clips[1:]]
