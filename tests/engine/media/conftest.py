"""Pictures and files whose content is known: the frame number as bars, colour bars, noise that shows its position."""

import json
import subprocess
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol, cast

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray
from tests.programs import need_program

from sottovoce_engine.media.frames import planes_of

_BITS = 12


def numbered_rgb(number: int, width: int = 320, height: int = 180) -> NDArray[np.uint8]:
    """A picture that shows `number` as bars, the highest bit on the left, a black bar before each."""
    picture = np.zeros((height, width, 3), np.uint8)
    step = width // _BITS
    for bit in range(_BITS):
        if number >> (_BITS - 1 - bit) & 1:
            picture[:, bit * step + step // 4 : (bit + 1) * step] = 255
    return picture


@pytest.fixture
def numbered() -> Callable[..., NDArray[np.uint8]]:
    return numbered_rgb


@pytest.fixture
def number_in() -> Callable[[VideoFrame], int]:
    """Reads the number of a frame at least 48 pixels wide."""

    def read(frame: VideoFrame) -> int:
        luma = planes_of(frame)[0]
        step = luma.shape[1] / _BITS
        row = luma[luma.shape[0] // 2]
        return sum(int(row[int((bit + 0.625) * step)] > 125) << (_BITS - 1 - bit) for bit in range(_BITS))

    return read


class Encode(Protocol):
    def __call__(
        self,
        path: Path,
        frames: Iterable[VideoFrame],
        *,
        codec: str,
        pixels: str,
        rate: Fraction,
        options: dict[str, str] | None = ...,
        first_pts: int = ...,
        rotation: int = ...,
        matrix: int = ...,
        full_range: bool = ...,
        pixel_aspect: Fraction | None = ...,
        sound: NDArray[np.float32] | None = ...,
        sound_codec: str = ...,
        sound_rate: int = ...,
        sound_layout: str = ...,
        first_sample: int = ...,
    ) -> Path: ...


@pytest.fixture
def encoded() -> Encode:
    """Writes a movie the way some other program would have: any codec, any tags, any start."""
    return _encoded


_EXACT = {"movie_timescale": "48000"}  # otherwise streams that start late do so on a whole millisecond


def _encoded(
    path: Path,
    frames: Iterable[VideoFrame],
    *,
    codec: str,
    pixels: str,
    rate: Fraction,
    options: dict[str, str] | None = None,
    first_pts: int = 0,
    rotation: int = 0,
    matrix: int = 1,
    full_range: bool = False,
    pixel_aspect: Fraction | None = None,
    sound: NDArray[np.float32] | None = None,
    sound_codec: str = "pcm_s16le",
    sound_rate: int = 48_000,
    sound_layout: str = "stereo",
    first_sample: int = 0,
) -> Path:
    frames = list(frames)
    with av.open(
        str(path), "w", container_options=_EXACT if path.suffix in (".mov", ".mp4", ".m4a") else {}
    ) as container:
        if frames:
            video = cast(VideoStream, container.add_stream(codec, rate=rate, options=options or {}))
            video.width, video.height, video.pix_fmt = frames[0].width, frames[0].height, pixels
            context = video.codec_context
            context.colorspace, context.color_range = matrix, 2 if full_range else 1
            context.color_primaries = context.color_trc = 1
            if pixel_aspect is not None:
                context.sample_aspect_ratio = pixel_aspect
            if rotation:
                video.set_display_rotation(rotation)
        if sound is not None:
            # Noise substitution depends on what was decoded before: no two readings would be the same.
            plain = {"aac_pns": "0", "aac_coder": "fast"} if sound_codec == "aac" else {}
            audio = cast(
                AudioStream, container.add_stream(sound_codec, rate=sound_rate, layout=sound_layout, options=plain)
            )
        for index, frame in enumerate(frames):
            frame.pts, frame.time_base = first_pts + index, 1 / rate
            frame.colorspace, frame.color_range = context.colorspace, context.color_range
            container.mux(video.encode(frame))
        if frames:
            container.mux(video.encode(None))
        if sound is not None:
            made = AudioFrame.from_ndarray(np.ascontiguousarray(sound), "fltp", sound_layout)
            made.sample_rate, made.pts, made.time_base = sound_rate, first_sample, Fraction(1, sound_rate)
            container.mux(audio.encode(made))
            container.mux(audio.encode(None))
    return path


@pytest.fixture
def ffprobe() -> Callable[..., dict[str, Any]]:
    """What ffprobe, a program we share no code with, says of a file."""
    need_program("ffprobe", "apt-get install ffmpeg")

    def ask(path: Path, *more: str) -> dict[str, Any]:
        done = subprocess.run(
            ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", *more, str(path)],
            check=True,
            stdout=subprocess.PIPE,
        )
        return cast(dict[str, Any], json.loads(done.stdout))

    return ask


@pytest.fixture
def noise() -> Callable[..., NDArray[np.float32]]:
    """Noise of a fixed seed, smooth enough to survive a lossy codec; each moment differs from every other."""

    def made(samples: int, channels: int = 2, seed: int = 1) -> NDArray[np.float32]:
        white = np.random.default_rng(seed).standard_normal((channels, samples + 64))
        smooth = np.apply_along_axis(lambda row: np.convolve(row, np.hanning(65) / 8, "valid"), 1, white)
        return (0.1 * smooth).astype(np.float32)

    return made
