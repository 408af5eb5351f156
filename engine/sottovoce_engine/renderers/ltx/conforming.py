"""The model's picture as the scene's, of its raster and at its rate; and the scene's as the model's.

model      |mm|############|mm|      m: cropped away, mirrored on the way back
scene         |############|
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from sottovoce_engine.media.frames import Conformer, rgb_from_frame
from sottovoce_engine.media.picture import frame_from_rgb
from sottovoce_engine.scene import Raster

_BLACK_LEVEL = 4  # of 255; a night scene's brightest pixels lie well above


def conformed_frames(pictures: NDArray[np.uint8], raster: Raster, divisor: int) -> Iterator[VideoFrame]:
    """Every model frame, filling the raster, repeated `divisor` times.

    What sticks out on two sides is cropped, so that no take has black edges where its neighbour has picture.

    Args:
        pictures: `[frames, rows, columns, 3]`.
        raster: The scene's.
        divisor: Scene frames to a model frame.
    """
    conformer = Conformer(raster)
    window = _cropped(pictures.shape[1], pictures.shape[2], raster)
    shape = Fraction(raster.width, raster.height)
    for picture in pictures:
        inner = picture[window]
        aspect = shape / Fraction(inner.shape[1], inner.shape[0])
        frame = conformer.conformed(frame_from_rgb(np.ascontiguousarray(inner)), aspect)
        for _ in range(divisor):
            yield frame


def model_picture(frame: VideoFrame, raster: Raster) -> NDArray[np.uint8]:
    """A frame of the scene as the model would have made it: `conformed_frames` shows it where it was.

    Args:
        frame: In the engine's form.
        raster: The model's.

    Returns:
        `[rows, columns, 3]` full-range R'G'B'. What the scene never shows mirrors what lies beside it.
    """
    rows, columns = _cropped(raster.height, raster.width, Raster(width=frame.width, height=frame.height))
    inner = rgb_from_frame(frame, columns.stop - columns.start, rows.stop - rows.start)
    around = ((rows.start, raster.height - rows.stop), (columns.start, raster.width - columns.stop), (0, 0))
    return np.pad(inner, around, mode="symmetric")


def is_black(pictures: NDArray[np.uint8]) -> bool:
    """Whether a whole take shows nothing: what a numerical failure decodes to."""
    return int(pictures.max()) <= _BLACK_LEVEL


def _cropped(rows: int, columns: int, raster: Raster) -> tuple[slice, slice]:
    """The middle of the picture that has the raster's shape, with even sides."""
    shape = Fraction(raster.width, raster.height)
    width = min(columns, _even(rows * shape))
    height = min(rows, _even(columns / shape))
    top, left = (rows - height) // 2, (columns - width) // 2
    return slice(top, top + height), slice(left, left + width)


def _even(length: Fraction) -> int:
    return max(2, 2 * round(length / 2))
