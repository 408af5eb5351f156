"""Test footage: movies whose every frame says which file and which frame it is, and whose sound is one sine.

column     0 ...  7 8 ... 15
row 0      frame number            16 bits, white is 1, highest first
row 1      source id   check       8 bits each; check = both bytes of the number and the id, xor 0x5A
below      name and frame number in letters
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sottovoce_engine.media.movie import Flavour, MovieWriter
from sottovoce_engine.media.picture import frame_from_rgb
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import SAMPLE_RATE, sample_at

COLUMNS, ROWS = 16, 2
BARS_SHARE = Fraction(2, 3)  # of the picture's height; the letters have the rest

_GROUNDS = ((44, 52, 84), (84, 52, 44), (44, 84, 60), (76, 44, 84))


def cells_for(source_id: int, number: int) -> NDArray[np.bool_]:
    """`[2, 16]`: the bars of a frame, True where white."""
    check = (number >> 8) ^ (number & 0xFF) ^ source_id ^ 0x5A
    rows = (number, source_id << 8 | check)
    return np.array([[bool(row >> (COLUMNS - 1 - column) & 1) for column in range(COLUMNS)] for row in rows])


def numbered_picture(source_id: int, number: int, raster: Raster, label: str = "") -> NDArray[np.uint8]:
    """`[rows, columns, 3]` R'G'B' of one frame."""
    ground = _GROUNDS[source_id % len(_GROUNDS)]
    image = Image.new("RGB", (raster.width, raster.height), ground)
    bars = int(raster.height * BARS_SHARE)
    cells = Image.fromarray(cells_for(source_id, number).astype(np.uint8) * 255)
    image.paste(cells.resize((raster.width, bars), Image.Resampling.NEAREST), (0, 0))
    below = raster.height - bars
    font = ImageFont.load_default(size=max(6, below // 2))
    ImageDraw.Draw(image).text((raster.width // 20, bars + below // 5), f"{label} {number:04}".strip(), font=font)
    return np.asarray(image)


def sine(hz: float, span_start: int, length: int, level: float = 0.1) -> NDArray[np.float32]:
    """`[2, length]` of a sine that is 0 and rising at sample 0, from sample `span_start` on."""
    at = np.arange(span_start, span_start + length, dtype=np.float64)
    one = (level * np.sin(2 * np.pi * hz * at / SAMPLE_RATE)).astype(np.float32)
    return np.stack([one, one])


def write_numbered_movie(
    path: Path,
    *,
    source_id: int,
    frames: int,
    rate: Fraction,
    raster: Raster,
    sine_hz: float | None,
    label: str = "",
    flavour: Flavour = "mov",
    start_frame: int = 0,
) -> None:
    """Writes a movie of numbered frames; `sine_hz` None leaves the sound track out.

    Raises:
        InputError: The file cannot be written there.
        SetupError: The disk is full.
    """
    with MovieWriter(
        path, raster=raster, rate=rate, flavour=flavour, sound=sine_hz is not None, start_frame=start_frame
    ) as movie:
        for number in range(frames):
            movie.write_frame(frame_from_rgb(numbered_picture(source_id, number, raster, label)))
            if sine_hz is not None:
                start = sample_at(number, rate)
                movie.write_sound(sine(sine_hz, start, sample_at(number + 1, rate) - start))
