"""Scenes as an editor brings them: a timeline over footage in which somebody speaks normally, and marks on every line.

frames     0       8            39      48      56           87      96
footage    |= head |#### line 1 ####| ==|= head |#### line 2 ####| ==|      a mouth that moves, and its sound
marks              | W: line 1      |           | S: line 2      |
windows    |------------ 49 frames -------------|
                                                |------------ 49 frames -------------|

With the smallest handles, a region of 24 to 31 frames is rendered in a window of 49, the only length that the small model
knows. Lines are those of the corpus's held-out ones that can be said in so much time. Captions begin with the speaker, as
those of the LoRA's recordings do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
import soxr
from bench.learned.corpus import FRAME_RATE, FRAMES, LEAD_FRAMES, RATE, Clip, read_clips
from bench.learned.mouth import mouths_for
from numpy.typing import NDArray

from sottovoce.examples.parts import empty_timeline, frames, marker, track
from sottovoce_engine.caption import caption_for
from sottovoce_engine.codec import to_plain
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import frame_from_rgb
from sottovoce_engine.plan import PlanSettings, plan_for
from sottovoce_engine.registers import RegisterTable, register_table
from sottovoce_engine.renderers.scratch.speech import speech_for
from sottovoce_engine.scene import Gender, Raster, Region, Scene, Voice
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at
from sottovoce_engine.windows import MIN_HANDLE_FRAMES, window_for
from sottovoce_otio.ours import FORMAT, KEY
from sottovoce_otio.writing import write_otio

RASTER = Raster(width=64, height=64)
REGION_FRAMES, APART_FRAMES = 31, FRAMES - 1  # APART_FRAMES from one region's start to the next one's


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One line, and how it is to be said."""

    line: str
    voice: Voice
    register: str
    look: str
    seed: int


def region_span(number: int) -> Span:
    """The frames of the region of that number, from 0."""
    start = LEAD_FRAMES + number * APART_FRAMES
    return Span(start, start + REGION_FRAMES)


def check_windows() -> None:
    """Makes sure that regions of that length are rendered in windows that the small model knows.

    Raises:
        ValueError: They are not.
    """
    window = window_for(region_span(0), FRAME_RATE, MIN_HANDLE_FRAMES)
    if window.model_frames != FRAMES or window.start != 0:
        raise ValueError(
            f"a region of {REGION_FRAMES} frames is rendered in {window}, and the model knows {FRAMES} frames"
        )


def held_clips(corpus: Path, most_frames: int = REGION_FRAMES) -> list[Clip]:
    """One clip for each line that is held out and can be said in so many frames."""
    clips = [clip for clip in read_clips(corpus) if clip.part == "held" and clip.register == "normal"]
    return [clip for clip in clips if speaking_seconds(clip.line) * FRAME_RATE <= most_frames]


def marked_lines(registers: Sequence[str], corpus: Path) -> list[Marked]:
    """A line for each register. Where there are more than lines held out, lines come again, with other seeds."""
    clips = islice(cycle(held_clips(corpus)), len(registers))
    return [
        marked(clip, register, number) for number, (clip, register) in enumerate(zip(clips, registers, strict=True))
    ]


def write_scene(name: str, marked: Sequence[Marked], registers: RegisterTable, folder: Path) -> Path:
    """The timeline with its footage beside it, in a folder that is made.

    Raises:
        FileExistsError: The folder is there: what was rendered in it would be taken for this scene's.
    """
    check_windows()
    folder.mkdir(parents=True)
    media = folder / f"{name} footage.mov"
    _write_footage(marked, media)
    timeline = empty_timeline(name, 0, FRAME_RATE)
    voices = tuple({one.voice.name: one.voice for one in marked}.values())
    timeline.metadata[KEY] = {"format": FORMAT, "raster": str(RASTER), "voices": to_plain(voices)}
    for title, kind in (("V1", "Video"), ("Dialogue", "Audio")):
        timeline.tracks.append(track(title, kind, [_clip(media, len(marked))]))
    for number, one in enumerate(marked):
        timeline.tracks.markers.append(marker(_mark(one, registers), region_span(number), FRAME_RATE))
    path = folder / f"{name}.otio"
    write_otio(timeline, path)
    return path


def marked(clip: Clip, register: str, number: int) -> Marked:
    """A held-out clip's line in that register; the seed follows from the number."""
    return Marked(
        line=clip.line,
        voice=Voice(name=clip.voice, gender=Gender(clip.gender)),
        register=register,
        look="",
        seed=1_000 + number,
    )


def _mark(one: Marked, registers: RegisterTable) -> str:
    """As an editor types it: `Voice 41: (woman, whispering): "Come here.", intimate ASMR`."""
    region = Region(id="", span=Span(0, 1), register=one.register, voice=one.voice.name, line=one.line, look=one.look)
    return f"{one.voice.name}: {caption_for(region, one.voice, registers.get(one.register))}"


def _clip(media: Path, lines_count: int) -> Any:
    whole = frames(Span(0, lines_count * APART_FRAMES), FRAME_RATE)
    reference = otio.schema.ExternalReference(target_url=media.name, available_range=whole)
    return otio.schema.Clip(media.stem, media_reference=reference, source_range=whole)


def _write_footage(marked: Sequence[Marked], path: Path) -> None:
    """Every line said normally by the synthetic voice, one after the other, and a mouth for each."""
    with MovieWriter(path, raster=RASTER, rate=FRAME_RATE) as movie:
        for one in marked:
            sound = speech_for(_said_normally(one), lambda: None).sound
            for frame in _mouth(one, sound)[:APART_FRAMES]:
                movie.write_frame(frame_from_rgb(frame))
            movie.write_sound(np.stack([sound, sound])[:, : sample_at(APART_FRAMES, FRAME_RATE)])


def _said_normally(one: Marked) -> RenderJob:
    """What the scratch renderer is asked for where the line is marked so."""
    region = Region(
        id="1f0c9a42", span=region_span(0), register="normal", voice=one.voice.name, line=one.line, look="a room"
    )
    scene = Scene(name="", rate=FRAME_RATE, length_frames=FRAMES, raster=RASTER, voices=(one.voice,), regions=(region,))
    settings = PlanSettings(seed=one.seed, handle_frames=MIN_HANDLE_FRAMES)
    plan = plan_for(scene, register_table(), settings, chosen={}, known={}, fingerprint=lambda register: register.name)
    return plan.jobs[0]


def _mouth(one: Marked, sound: NDArray[np.float32]) -> NDArray[np.uint8]:
    """`[FRAMES, rows, columns, 3]`: what the corpus's pictures are, at the scene's raster."""
    coarse = np.round(soxr.resample(sound, SAMPLE_RATE, RATE) * 32_767).astype(np.int16)
    clip = Clip(part="", line=one.line, gender=one.voice.gender, voice="", register="", caption="", seed=one.seed)
    pictures = ((mouths_for([clip], coarse[None]) + 1) * 127.5).round().byte()[0].permute(1, 2, 3, 0).numpy()
    factor = RASTER.width // pictures.shape[2]
    return np.ascontiguousarray(pictures.repeat(factor, axis=1).repeat(factor, axis=2))
