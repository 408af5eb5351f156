from fractions import Fraction

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.media.frames import Conformer, black_frame, frame_from_rgb, mixed, planes_of
from sottovoce_engine.scene import Raster

RASTER = Raster(width=64, height=32)


def plain(luma: int, blue: int = 128, red: int = 128) -> VideoFrame:
    frame = black_frame(RASTER)
    for plane, value in zip(planes_of(frame), (luma, blue, red), strict=True):
        plane[:] = value
    return frame


def values(frame: VideoFrame) -> list[int]:
    return [int(plane[7, 5]) for plane in planes_of(frame)]


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_rgb_becomes_bt709_in_limited_range(red: int, green: int, blue: int) -> None:
    """Source: ITU-R BT.709-6, items 3.2 to 3.5."""
    frame = frame_from_rgb(np.full((32, 64, 3), (red, green, blue), np.uint8))
    luma = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
    expected = (16 + 219 * luma, 128 + 224 * (blue / 255 - luma) / 1.8556, 128 + 224 * (red / 255 - luma) / 1.5748)
    assert values(frame) == pytest.approx(expected, abs=0.6)


def test_a_frame_of_ours_says_so() -> None:
    for frame in (black_frame(RASTER), frame_from_rgb(np.zeros((32, 64, 3), np.uint8)), mixed(plain(1), plain(2), 0.5)):
        assert (frame.format.name, frame.width, frame.height) == ("yuv422p", 64, 32)
        assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)


def test_rgb_need_not_lie_in_one_piece() -> None:
    wide = np.random.default_rng(1).integers(0, 256, (32, 128, 3), dtype=np.uint8)
    cut = planes_of(frame_from_rgb(wide[:, ::2]))
    copied = planes_of(frame_from_rgb(wide[:, ::2].copy()))
    assert all(np.array_equal(a, b) for a, b in zip(cut, copied, strict=True))


@given(st.floats(0, 1), st.integers(0, 255), st.integers(0, 255))
def test_a_dissolve_weighs_both_frames(weight: float, luma: int, other: int) -> None:
    result = mixed(plain(luma, 100, 30), plain(other, 200, 30), weight)
    assert values(result) == pytest.approx([luma + (other - luma) * weight, 100 + 100 * weight, 30], abs=0.51)


def test_a_dissolve_begins_and_ends_exactly() -> None:
    rng = np.random.default_rng(5)
    a, b = (frame_from_rgb(rng.integers(0, 256, (32, 64, 3), dtype=np.uint8)) for _ in range(2))
    for weight, same in ((0.0, a), (1.0, b)):
        assert all(np.array_equal(x, y) for x, y in zip(planes_of(mixed(a, b, weight)), planes_of(same), strict=True))


def test_a_dissolve_leaves_its_frames_alone() -> None:
    a, b = plain(50), plain(200)
    mixed(a, b, 0.5)
    assert (values(a)[0], values(b)[0]) == (50, 200)


def test_a_frame_of_ours_is_not_converted() -> None:
    frame = plain(99)
    assert Conformer(RASTER).conformed(frame) is frame


@pytest.mark.parametrize("size", [(64, 30), (62, 32), (63, 32)])
def test_a_frame_a_pixel_or_two_off_fills_the_raster(size: tuple[int, int]) -> None:
    """Even sizes and odd pixel shapes round; a black line at the edge would show it."""
    frame = VideoFrame(*size, "yuv444p")
    for plane, value in zip(planes_of(frame), (150, 128, 128), strict=True):
        plane[:] = value
    frame.colorspace = frame.color_range = 1
    luma = planes_of(Conformer(RASTER).conformed(frame, Fraction(1)))[0]
    assert luma.min() >= 149
