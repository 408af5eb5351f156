from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.thumbnail import thumbnail_of


@pytest.fixture
def two_colours(tmp_path: Path) -> Path:
    """A second of red, a second of blue; 320×180 at 24 a second."""
    path = tmp_path / "two.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuvj422p"
        for number in range(48):
            picture = np.zeros((180, 320, 3), np.uint8)
            picture[:, :, 0 if number < 24 else 2] = 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(("at", "channel"), [(Fraction(0), 0), (Fraction(3, 2), 2), (Fraction(90), 2)])
def test_it_shows_what_the_file_shows_there(two_colours: Path, at: Fraction, channel: int) -> None:
    picture = thumbnail_of(two_colours, at, 36)
    assert picture.shape == (36, 64, 3)
    assert int(picture[18, 32].argmax()) == channel
    assert picture[18, 32, channel] > 150


def test_a_file_without_a_picture_is_told(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), layout="mono")
        sound.sample_rate = 48_000
        container.mux(stream.encode(sound))
    with pytest.raises(InputError, match="holds no picture"):
        thumbnail_of(tmp_path / "a.wav", Fraction(0), 36)
