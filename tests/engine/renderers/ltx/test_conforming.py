import numpy as np
import pytest
from av.video.frame import VideoFrame

from sottovoce_engine.media.frames import planes_of
from sottovoce_engine.renderers.ltx.conforming import conformed_frames, is_black
from sottovoce_engine.scene import Raster


def grey(rows: int, columns: int, frames: int = 2) -> np.ndarray:
    return np.full((frames, rows, columns, 3), 128, np.uint8)


def luma(frame: VideoFrame) -> np.ndarray:
    return planes_of(frame)[0].copy()


@pytest.mark.parametrize(
    ("model", "scene"),
    [
        ((448, 768), Raster(width=1920, height=1080)),
        ((512, 768), Raster(width=1920, height=804)),
        ((768, 448), Raster(width=1080, height=1920)),
        ((512, 512), Raster(width=720, height=576)),
        ((32, 64), Raster(width=640, height=480)),
    ],
)
def test_the_picture_fills_the_scenes_raster_without_black_edges(model: tuple[int, int], scene: Raster) -> None:
    for frame in conformed_frames(grey(*model), scene, 1):
        assert (frame.width, frame.height) == (scene.width, scene.height)
        assert int(luma(frame).min()) > 110


def test_the_middle_stays_in_the_middle() -> None:
    pictures = np.zeros((1, 64, 128, 3), np.uint8)
    pictures[:, 28:36, 60:68] = 255
    (frame,) = conformed_frames(pictures, Raster(width=640, height=360), 1)
    rows, columns = np.nonzero(luma(frame) > 128)
    assert abs(rows.mean() - 179.5) < 1.5
    assert abs(columns.mean() - 319.5) < 1.5


@pytest.mark.parametrize("divisor", [1, 2, 3])
def test_every_frame_is_repeated_by_the_divisor(divisor: int) -> None:
    pictures = np.stack([np.full((32, 32, 3), level, np.uint8) for level in (40, 120, 200)])
    shown = [int(luma(frame)[0, 0]) for frame in conformed_frames(pictures, Raster(width=32, height=32), divisor)]
    assert len(shown) == 3 * divisor
    assert [shown[index * divisor : (index + 1) * divisor] for index in range(3)] == [
        [level] * divisor for level in sorted(set(shown))
    ]


def test_black_is_told_from_a_night() -> None:
    night = np.zeros((3, 32, 32, 3), np.uint8)
    assert is_black(night)
    night[1, 5, 5] = 60
    assert not is_black(night)
