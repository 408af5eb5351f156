from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.footage_look import footage_look
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import frame_from_rgb
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.scene import Raster

RASTER = Raster(width=64, height=48)


def movie(path: Path, frames: int) -> Path:
    with MovieWriter(path, raster=RASTER, rate=Fraction(24), sound=False) as writer:
        for number in range(frames):
            writer.write_frame(frame_from_rgb(np.full((RASTER.height, RASTER.width, 3), 9 * number, np.uint8)))
    return path


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff"])
def test_an_image_is_a_still(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"still.{suffix}"
    Image.new("RGB", (64, 48), (200, 40, 90)).save(path)
    assert footage_look(path).still


def test_a_movie_of_one_frame_is_a_still_and_others_move(tmp_path: Path) -> None:
    assert footage_look(movie(tmp_path / "one.mov", 1)).still
    assert not footage_look(movie(tmp_path / "two.mov", 2)).still


def test_content_is_told_from_other_content_wherever_it_lies(tmp_path: Path) -> None:
    path = movie(tmp_path / "a.mov", 3)
    content = footage_look(path).content
    copy = tmp_path / "elsewhere" / "b.mov"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    assert footage_look(copy).content == content
    assert footage_look(movie(tmp_path / "c.mov", 4)).content != content
    copy.write_bytes(path.read_bytes() + b"\0")
    assert footage_look(copy).content != content, "it changed since it was looked at"


def test_both_ends_and_the_size_of_a_large_file_count(tmp_path: Path) -> None:
    path = movie(tmp_path / "a.mov", 3)
    large = path.read_bytes() + bytes(3 << 20)
    contents = set()
    for changed in (large, large[:-1] + b"x", large + b"\0", large.replace(b"qt  ", b"mp42", 1)):
        path.write_bytes(changed)
        contents.add(footage_look(path).content)
    assert len(contents) == 4


def test_what_cannot_be_looked_at_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.mov does not exist"):
        footage_look(tmp_path / "gone.mov")
    with WavWriter(tmp_path / "sound.wav") as wav:
        wav.write(np.zeros((2, 4800), np.float32))
    with pytest.raises(InputError, match=r"sound\.wav holds no picture"):
        footage_look(tmp_path / "sound.wav")
    (tmp_path / "text.mov").write_text("no movie")
    with pytest.raises(InputError, match=r"text\.mov cannot be read as sound or picture"):
        footage_look(tmp_path / "text.mov")
