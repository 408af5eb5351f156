"""HDR pictures in a standard range, at the standards' own reference levels."""

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from sottovoce_engine.media.standard_range import HLG, PQ, in_standard_range

# ITU-R BT.2408-7 table 1: reference white, 203 cd/m², is 58 % in PQ and 75 % in HLG.
WHITES = [(PQ, 0.58), (HLG, 0.75)]


def shown(transfer: int, *signal: float) -> NDArray[np.int64]:
    """The R'G'B' that a picture of one colour comes out as."""
    picture = np.full((32, 64, 3), [round(65535 * value) for value in signal], np.uint16)
    frame = VideoFrame.from_ndarray(picture, "rgb48le").reformat(
        format="yuv444p10le", dst_colorspace=9, dst_color_range=1
    )
    frame.color_trc, frame.colorspace, frame.color_range = transfer, 9, 1
    found = in_standard_range(VideoReformatter(), frame, 64, 32).to_ndarray()
    assert found.std(axis=(0, 1)).max() == 0
    colour: NDArray[np.int64] = found[0, 0].astype(np.int64)
    return colour


@pytest.mark.parametrize(("transfer", "white"), WHITES)
def test_reference_white_is_light_and_black_is_black(transfer: int, white: float) -> None:
    np.testing.assert_allclose(shown(transfer, white, white, white), 194, atol=4)
    np.testing.assert_allclose(shown(transfer, 0, 0, 0), 0, atol=3)


@pytest.mark.parametrize(("transfer", "white"), WHITES)
def test_what_is_brighter_stays_brighter(transfer: int, white: float) -> None:
    steps = [shown(transfer, *([white * share] * 3))[1] for share in (0.3, 0.6, 0.9, 1.0, 1.15, 1.29)]
    assert steps == sorted(steps)
    assert len(set(steps)) == len(steps)


def test_colours_keep_their_hue_and_gain_strength() -> None:
    """BT.2020's primaries lie further out: the same light is a larger share of BT.709's."""
    red, green, blue = shown(PQ, 0.5, 0.45, 0.45)
    grey = shown(PQ, 0.45, 0.45, 0.45)[0]
    assert red > grey > green
    assert red - max(green, blue) > 30
    assert abs(green - blue) < 15
