"""Footage as cameras and other programs write it. Frame n is black on the left and of the level 20 + 8 n on the right."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

FRAMES = 24
RATE = Fraction(24)


def level(number: int) -> int:
    return 20 + 8 * number


def halves(number: int, width: int = 320, height: int = 180) -> NDArray[np.uint8]:
    """`[rows, columns, 3]` full-range R'G'B'."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, width // 2 :] = level(number)
    return picture


def write_footage(
    path: Path,
    *,
    frames: int = FRAMES,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    picture: Callable[[int], NDArray[np.uint8]] = halves,
    milliseconds: Sequence[int] = (),
    options: dict[str, str] | None = None,
    rotation: int = 0,
    colour: tuple[int, int, int] = (1, 1, 1),
) -> Path:
    """Writes it without sound.

    Args:
        path: Of the file.
        frames: How many.
        codec: Encoder.
        pixels: Format.
        picture: Of each frame.
        milliseconds: When each frame is shown; empty: 24 a second.
        options: Of the encoder.
        rotation: Degrees counter-clockwise by which stored frames are turned to stand upright.
        colour: Primaries, transfer and matrix, as H.273 numbers them.
    """
    with av.open(str(path), "w") as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=RATE, options=options or {"crf": "4"}))
        stream.height, stream.width = picture(0).shape[:2]
        stream.pix_fmt, context = pixels, stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = colour
        context.color_range = 1
        if milliseconds:
            context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        for number in range(frames):
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture(number)), "rgb24").reformat(
                format=pixels, dst_colorspace=context.colorspace, dst_color_range=1
            )
            frame.color_primaries, frame.color_trc, frame.colorspace = colour
            frame.color_range = 1
            shown = (milliseconds[number], Fraction(1, 1000)) if milliseconds else (number, 1 / RATE)
            frame.pts, frame.time_base = shown
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
