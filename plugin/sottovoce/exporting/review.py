"""The review movie: the spliced scene with timecode, register, voice and line burnt in.

    |                                      |
    |               picture                |
    |                                      |
    | 01:00:04:12   ANNA · whisper · SC12  |   a strip over the lowest quarter
    | close your eyes                      |   what is said there; both where two speak

moviepy lays captions and timecode over each other. Frames are read and written by our own code: moviepy
cannot open a movie with a timecode track, and rounds rates to hundredths, which moves 23.976 by a frame in
four minutes.
"""

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from moviepy import CompositeVideoClip, VideoClip
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sottovoce.exporting.values import Export
from sottovoce_engine.errors import InputError
from sottovoce_engine.media.frames import frame_from_rgb
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.scratch.lettering import Box, set_in
from sottovoce_engine.scene import Region, Scene
from sottovoce_engine.timing import Span, samples_of, timecode
from sottovoce_otio.placing import new_file

_STRIP_SHARE = Fraction(1, 4)  # of the picture's height
_LEAST_ROWS, _SMALLEST = 24, 6  # pixels
_INK, _QUIET = "#f4f0e8", "#b9bec8"
_SHINES_THROUGH = 0.28  # how much of the picture is seen under the strip
_INSIDE = Fraction(1, 8)  # of a frame: a time safely inside it, as floats count


def write_review_movie(export: Export, path: Path, job: Job) -> tuple[str, ...]:
    """The finished movie as H.264 and AAC, as long as the scene, with its timecode track."""
    scene, movie = export.scene, export.spliced.movie
    if not movie.is_file():
        raise InputError(
            f"The spliced movie '{movie}' is gone. Splice the scene again: sottovoce splice TIMELINE -o DIR."
        )
    strip = strip_of(scene)
    with (
        new_file(path, "review movie") as staged,
        PictureReader(movie, scene.raster) as pictures,
        SoundReader(movie) as sound,
        MovieWriter(
            staged,
            raster=scene.raster,
            rate=scene.rate,
            flavour="mp4",
            start_frame=scene.start_frame,
            drop_frame=scene.drop_frame,
        ) as writer,
    ):
        for frame in range(scene.length_frames):
            job.step("review", frame, scene.length_frames)
            writer.write_sound(sound.read(samples_of(Span(frame, frame + 1), scene.rate)))
            shown = np.asarray(pictures.frame(frame / scene.rate).to_ndarray(format="rgb24"), np.uint8)
            written = strip.get_frame(float((frame + _INSIDE) / scene.rate))
            writer.write_frame(frame_from_rgb(_under(shown, written)))
        job.step("review", scene.length_frames, scene.length_frames)
    return ()


def strip_of(scene: Scene) -> Any:
    """The strip as a clip, light on black: the timecode of every frame, and the captions over their regions."""
    height = max(_LEAST_ROWS, int(scene.raster.height * _STRIP_SHARE)) // 2 * 2
    seconds = float(scene.length_frames / scene.rate)
    head = (scene.raster.width // 3, height // 3)

    def clock(time: float) -> NDArray[np.uint8]:
        return _timecode(scene, int(time * scene.rate), head)

    spoken = _Spoken(scene, height)
    clips = [VideoClip(frame, duration=seconds) for frame in (spoken.at, clock)]
    return CompositeVideoClip(clips, size=(scene.raster.width, height)).with_duration(seconds)


class _Spoken:
    """The captions of a scene, each drawn when it comes up."""

    def __init__(self, scene: Scene, height: int) -> None:
        self._rate, self._size = scene.rate, (scene.raster.width, height)
        self._stretches = list(_stretches(scene.regions))
        self._drawn: tuple[int, NDArray[np.uint8]] = (-1, _caption((), *self._size))

    def at(self, time: float) -> NDArray[np.uint8]:
        """`[rows, columns, 3]`: what is said at a time, in seconds."""
        frame = int(time * self._rate)
        index = bisect_right(self._stretches, frame, key=lambda stretch: stretch[0].start) - 1
        if index >= 0 and frame >= self._stretches[index][0].end:
            index = -1
        if index != self._drawn[0]:
            regions = self._stretches[index][1] if index >= 0 else ()
            self._drawn = index, _caption(regions, *self._size)
        return self._drawn[1]


def _under(picture: NDArray[np.uint8], strip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`[rows, columns, 3]` R'G'B': the picture with the strip over its lowest part."""
    rows = strip.shape[0]
    below = (picture[-rows:] * _SHINES_THROUGH).astype(np.uint8)
    return np.concatenate([picture[:-rows], np.maximum(below, strip.astype(np.uint8))])


def _stretches(regions: Sequence[Region]) -> Iterator[tuple[Span, list[Region]]]:
    """Every stretch of frames over which the same people speak."""
    edges = sorted({edge for region in regions for edge in (region.span.start, region.span.end)})
    waiting = sorted(regions, key=lambda region: region.span.start, reverse=True)
    speaking: list[Region] = []
    for start, end in itertools.pairwise(edges):
        while waiting and waiting[-1].span.start <= start:
            speaking.append(waiting.pop())
        speaking = [region for region in speaking if region.span.end > start]
        if speaking:
            yield Span(start, end), speaking


def _caption(regions: Sequence[Region], width: int, height: int) -> NDArray[np.uint8]:
    """`[height, width, 3]`: who says what in which register."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    margin = width // 40
    head = Box(left=margin + width // 3, top=0, right=width - margin, bottom=height // 3)
    body = Box(left=margin, top=height // 3, right=width - margin, bottom=height)
    said = (" · ".join(filter(None, (region.voice, region.register, region.cue))) for region in regions)
    _write(draw, " / ".join(said), head, height, _QUIET)
    _write(draw, " / ".join(region.line for region in regions), body, height, _INK)
    return np.asarray(image)


def _timecode(scene: Scene, frame: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    image = Image.new("RGB", size)
    box = Box(left=scene.raster.width // 40, top=0, right=size[0], bottom=size[1])
    text = timecode(scene.start_frame + frame, scene.rate, drop=scene.drop_frame)
    _write(ImageDraw.Draw(image), text, box, 3 * size[1], _INK)
    return np.asarray(image)


def _write(draw: ImageDraw.ImageDraw, text: str, box: Box, strip_height: int, colour: str) -> None:
    """As large as fits, up to a quarter of the strip; nothing where the picture is a stamp."""
    lettering = set_in(text, box, max(_SMALLEST, strip_height // 4), _SMALLEST)
    if lettering is not None:
        lettering.draw(draw, box, colour)
