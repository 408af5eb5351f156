"""Footage under a region whose picture is locked, and jobs over it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import frame_from_rgb
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import LockedPicture, RenderJob

from .render_jobs import SCENE_RASTER, render_job


def write_brightening(path: Path, frames: int = 24) -> Path:
    """A movie at 24 frames a second whose frames grow brighter, 8 steps of luma each."""
    with MovieWriter(path, raster=SCENE_RASTER, rate=Fraction(24), sound=False) as movie:
        for number in range(frames):
            level = np.full((SCENE_RASTER.height, SCENE_RASTER.width, 3), 20 + 8 * number, np.uint8)
            movie.write_frame(frame_from_rgb(level))
    return path


def locked_job(footage: Path, key: str, register: str = "whisper", *, start: int = 6, **more: Any) -> RenderJob:
    """A job whose region, two frames into its window, lies over the footage from frame `start` on."""
    watched = LockedPicture(path=str(footage), start=Fraction(start, 24), before=2, after=5, content="c")
    return replace(render_job(key, register, picture=PictureMode.LOCK, **more), locked_on=watched)
