"""Files with wrong bytes in them are read as far as they go, or refused in words: never anything else."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.frames import frame_from_rgb
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import Span

RASTER = Raster(width=256, height=120)
RATE = Fraction(24)


@pytest.mark.parametrize("name", ["take.mov", "review.mp4"])
@pytest.mark.parametrize("seed", range(6))
def test_damaged_media_are_read_or_refused(tmp_path: Path, numbered: Any, noise: Any, name: str, seed: int) -> None:
    path = tmp_path / name
    with MovieWriter(path, raster=RASTER, rate=RATE, flavour="mp4" if name.endswith("mp4") else "mov") as writer:
        for number in range(24):
            writer.write_frame(frame_from_rgb(numbered(number, 256, 120)))
        writer.write_sound(noise(48_000))
    content = np.frombuffer(path.read_bytes(), np.uint8).copy()
    rng = np.random.default_rng(seed)
    # The index, where a wrong byte does most harm, lies at one end of the file.
    index = len(content) - 2_000 if name.endswith("mov") else 0
    for place in (*rng.integers(index, index + 2_000, 1 + seed), *rng.integers(0, len(content), 10 * seed)):
        content[place] = rng.integers(0, 256)
    path.write_bytes(content[: len(content) - 500 * (seed % 2)].tobytes())
    with suppress(InputError):
        probe(path)
    with suppress(InputError), PictureReader(path, RASTER) as picture:
        for frame in (0, 20, 3, 60):
            assert picture.frame(frame / RATE).format.name == "yuv422p"
    with suppress(InputError), SoundReader(path) as sound:
        for start in (0, 40_000, 7):
            assert sound.read(Span(start, start + 1_000)).shape == (2, 1_000)
    with suppress(InputError), MovieWriter(tmp_path / "copy.mov", raster=RASTER, rate=RATE, sound=False) as writer:
        writer.copy_frames(path, Span(3, 9))
