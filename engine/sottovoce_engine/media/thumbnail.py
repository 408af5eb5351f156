"""One small picture of a file, to tell clips apart by."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.probe import probe
from sottovoce_engine.scene import Raster

_WIDEST = 4  # times the height


def thumbnail_of(path: Path, at: Fraction, height: int) -> NDArray[np.uint8]:
    """`[height, width, 3]` RGB: the frame shown `at` seconds after the file's first one, as wide as its shape asks.

    Args:
        path: The file.
        at: Past the end, its last frame is meant.
        height: Even, 16 at least.

    Raises:
        InputError: The file is missing, damaged, or holds no picture.
    """
    picture = probe(path).picture
    if picture is None:
        raise InputError(f"'{path}' holds no picture. Choose a file with a picture.")
    shape = picture.raster
    width = min(max(height * shape.width // shape.height, 16), _WIDEST * height) // 2 * 2
    with PictureReader(path, Raster(width=width, height=height), watched=True) as reader:
        return np.asarray(reader.frame(at).to_ndarray(format="rgb24"))
