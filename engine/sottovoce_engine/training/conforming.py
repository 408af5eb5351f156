"""A segment of a recording as a clip's movie: always of one length, the speech in its middle.

    recording      ...~~~|####### ##|~~~...
    around              |~####### ##~|
    sound       rrrrrrrr~####### ##~rrrrrrrrr      r: the recording's own room, made to any length
    picture     00000000|0 1 2 3 4 |444444444      stands still where the sound is not the recording's own

The picture fills the raster: what sticks out on two sides is cropped. A recording without one gets plain grey.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import repeat
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from sottovoce_engine.media.frames import black_frame, planes_of
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.scene import Raster
from sottovoce_engine.splice.tone import bed_loop
from sottovoce_engine.timing import SAMPLE_RATE, Span, sample_at
from sottovoce_engine.training.cutting import Segment
from sottovoce_engine.training.listening import Block
from sottovoce_engine.training.recipe import ClipForm

_FADE = SAMPLE_RATE // 50
_GREY = 126  # luma of middle grey in limited range
_BESIDE = SAMPLE_RATE // 10  # of room that a clip has at least on both sides of the speech


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a segment lies in its clip."""

    real: Span  # samples of the recording that are heard and seen in the clip
    offset: int  # sample of the clip at which `real` begins
    speech: Span  # samples of the clip


def clip_samples(form: ClipForm) -> int:
    """How long a clip's sound is."""
    return sample_at(form.frames, form.rate)


def longest_speech(form: ClipForm) -> int:
    """Samples of speech that a clip can hold."""
    return clip_samples(form) - 2 * _BESIDE


def placed_in_clip(segment: Segment, length: int) -> Placed:
    """The segment in the middle of a clip of `length` samples, with as much of what lies around it as fits."""
    lead = (length - segment.speech.length) // 2
    window = Span(segment.speech.start - lead, segment.speech.start - lead + length)
    real = window.common(segment.around) or segment.speech
    return Placed(real=real, offset=real.start - window.start, speech=Span(lead, lead + segment.speech.length))


def clip_sound(block: Block, placed: Placed, length: int, seed: str) -> Sound:
    """The clip's sound, `[2, length]`: the recording's own, and its room before and after; silence where it has none.

    The same `seed` makes the same room.
    """
    real = block.sound_over(placed.real)
    if real.shape[1] == length:
        return real
    bed = np.zeros((2, length), np.float32)
    if block.room is not None:
        loop = bed_loop(block.room.spectrum, block.room.level_dbfs, seed)
        bed = loop[:, np.arange(length) % loop.shape[1]]
    weight = np.zeros(length, np.float32)
    place = slice(placed.offset, placed.offset + real.shape[1])
    weight[place] = _weight(real.shape[1], placed, length)
    sound = bed * np.sqrt(1.0 - weight)  # nothing in common with the recording: equal power
    sound[:, place] += real * np.sqrt(weight[place])
    return np.asarray(sound, np.float32)


def write_clip(path: Path, recording: Path, sound: Sound, placed: Placed, form: ClipForm) -> bool:
    """Writes the clip's movie; True where the recording has a picture.

    Raises:
        InputError: The picture is damaged.
        SetupError: The disk is full.
    """
    with ExitStack() as stack:
        own = _frames(recording, placed, form, stack)
        writer = stack.enter_context(MovieWriter(path, raster=form.raster, rate=form.rate))
        for frame in own if own is not None else repeat(_grey(form.raster), form.frames):
            writer.write_frame(frame)
        writer.write_sound(sound)
    return own is not None


def _weight(samples: int, placed: Placed, length: int) -> NDArray[np.float32]:
    """Of the recording over its own place: it fades in and out beside the speech, where room lies there."""
    weight = np.ones(samples, np.float32)
    before = min(_FADE, placed.speech.start - placed.offset) if placed.offset > 0 else 0
    ends = placed.offset + samples
    after = min(_FADE, ends - placed.speech.end) if ends < length else 0
    weight[:before] = (np.arange(before) + 0.5) / max(1, before)
    weight[samples - after :] = 1.0 - (np.arange(after) + 0.5) / max(1, after)
    return weight


def _frames(recording: Path, placed: Placed, form: ClipForm, stack: ExitStack) -> Iterator[VideoFrame] | None:
    """The frames of the clip; None where the recording has no picture."""
    picture = probe(recording).picture
    if picture is None:
        return None
    cover = _covering(picture.raster, form.raster)
    reader = stack.enter_context(PictureReader(recording, cover, watched=True))
    return (_cropped(reader.frame(_time(index, placed, form)), form.raster) for index in range(form.frames))


def _time(frame: int, placed: Placed, form: ClipForm) -> Fraction:
    """Of the recording, at which a frame of the clip is looked up."""
    sample = sample_at(frame, form.rate) - placed.offset + placed.real.start
    return Fraction(min(max(sample, placed.real.start), placed.real.end - 1), SAMPLE_RATE)


def _covering(picture: Raster, raster: Raster) -> Raster:
    """The smallest raster of the picture's shape that covers the clip's."""
    scale = max(Fraction(raster.width, picture.width), Fraction(raster.height, picture.height))
    width, height = (2 * round(side * scale / 2) for side in (picture.width, picture.height))
    return Raster(width=max(width, raster.width), height=max(height, raster.height))


def _cropped(frame: VideoFrame, raster: Raster) -> VideoFrame:
    """The middle of a frame in the engine's form."""
    if (frame.width, frame.height) == (raster.width, raster.height):
        return frame
    result = black_frame(raster)
    left, top = (frame.width - raster.width) // 4 * 2, (frame.height - raster.height) // 2
    for index, (out, plane) in enumerate(zip(planes_of(result), planes_of(frame), strict=True)):
        column = left if index == 0 else left // 2
        out[:] = plane[top : top + out.shape[0], column : column + out.shape[1]]
    return result


def _grey(raster: Raster) -> VideoFrame:
    frame = black_frame(raster)
    planes_of(frame)[0][:] = _GREY
    return frame
