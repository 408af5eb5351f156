from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.media_making import (
    cells_for,
    cells_of,
    decoded_frames,
    dominant_hz,
    frame_number,
    sine,
    write_numbered_movie,
)

from sottovoce.examples.numbered import numbered_picture
from sottovoce_engine.media.frames import frame_from_rgb, mixed
from sottovoce_engine.media.probe import probe
from sottovoce_engine.scene import Raster

RASTER = Raster(width=320, height=180)


@given(source_id=st.integers(0, 255), number=st.integers(0, 65_535), width=st.sampled_from((96, 320, 768)))
def test_a_frame_says_its_number(source_id: int, number: int, width: int) -> None:
    raster = Raster(width=width, height=width * 9 // 16 // 2 * 2)
    picture = frame_from_rgb(numbered_picture(source_id, number, raster))
    assert frame_number(picture) == (source_id, number)


def test_a_mixture_of_two_frames_is_no_frame() -> None:
    one, other = (frame_from_rgb(numbered_picture(1, number, RASTER)) for number in (5, 100))
    both = mixed(one, other, 0.5)
    with pytest.raises(ValueError, match="no numbered frame"):
        frame_number(both)
    expected = (cells_for(1, 5).astype(float) + cells_for(1, 100)) / 2
    assert np.abs(cells_of(both) - expected).max() < 0.02


@pytest.mark.parametrize(
    ("flavour", "raster"),
    [
        ("mov", Raster(width=256, height=144)),
        ("mov", Raster(width=96, height=64)),
        ("mp4", Raster(width=160, height=90)),
    ],
)
def test_numbers_survive_every_codec(flavour: str, raster: Raster, tmp_path: Path) -> None:
    path = tmp_path / f"movie.{flavour}"
    write_numbered_movie(
        path,
        source_id=200,
        frames=12,
        rate=Fraction(30_000, 1001),
        raster=raster,
        sine_hz=None,
        flavour="mp4" if flavour == "mp4" else "mov",
    )
    assert [frame_number(frame) for frame in decoded_frames(path)] == [(200, number) for number in range(12)]
    assert probe(path).sound is None


@given(hz=st.floats(60, 8000), start=st.integers(0, 10**7))
def test_a_sine_is_heard_at_its_frequency(hz: float, start: int) -> None:
    assert dominant_hz(sine(hz, start, 24_000)) == pytest.approx(hz, abs=1)
    assert dominant_hz(0 * sine(hz, start, 2400)) == 0
