"""The small pictures that the panel asks the application for."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from sottovoce.reading import Reading
from sottovoce.scene_desk import SceneDesk
from sottovoce.settings import Settings
from sottovoce_engine.progress import Job, JobCancelled
from sottovoce_engine.registers import register_table


def test_a_thumbnail_is_as_wide_as_its_footage_and_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "tall.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=24)
        stream.width, stream.height, stream.pix_fmt = 180, 320, "yuvj422p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((320, 180, 3), 90, np.uint8), format="rgb24")))
        container.mux(stream.encode())
    desk = SceneDesk(Reading(settings=Settings(judge=False), registers=register_table()))
    picture = desk.thumbnail(path, Fraction(0), Job())
    assert picture.shape == (72, 40, 3)
    assert abs(int(picture[36, 20, 1]) - 90) < 6
    job = Job()
    job.cancel()
    with pytest.raises(JobCancelled):
        desk.thumbnail(path, Fraction(0), job)
