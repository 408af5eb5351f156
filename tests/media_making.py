"""Test media that say what they are, and reading that back from decoded frames and sound."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from sottovoce.examples.numbered import BARS_SHARE, COLUMNS, ROWS, cells_for, sine, write_numbered_movie
from sottovoce_engine.media.frames import planes_of
from sottovoce_engine.timing import SAMPLE_RATE

__all__ = ["cells_for", "cells_of", "decoded_frames", "dominant_hz", "frame_number", "sine", "write_numbered_movie"]

_BLACK, _WHITE = 16, 235


def frame_number(frame: VideoFrame) -> tuple[int, int]:
    """(source id, frame number) of a decoded frame of a numbered movie.

    Raises:
        ValueError: Its bars are none, or a mixture of two frames.
    """
    light = cells_of(frame)
    cells = light > 0.5
    number, second = (int("".join("1" if cell else "0" for cell in row), 2) for row in cells)
    source_id = second >> 8
    if np.abs(light - cells).max() > 0.25 or not np.array_equal(cells_for(source_id, number), cells):
        raise ValueError(f"no numbered frame: {light.round(2).tolist()}")
    return source_id, number


def cells_of(frame: VideoFrame) -> NDArray[np.float64]:
    """`[2, 16]`: how light each bar is, 0 black to 1 white. A dissolve of two frames mixes their bars."""
    if not frame.format.name.startswith(("yuv420p", "yuv422p", "yuv444p")) or frame.format.components[0].bits != 8:
        frame = frame.reformat(format="yuv422p")
    luma = planes_of(frame)[0]
    rows = np.linspace(0, int(luma.shape[0] * BARS_SHARE), ROWS + 1)
    columns = np.linspace(0, luma.shape[1], COLUMNS + 1)
    return np.array(
        [
            [_middle(luma, rows[row : row + 2], columns[column : column + 2]) for column in range(COLUMNS)]
            for row in range(ROWS)
        ]
    )


def decoded_frames(path: Path) -> Iterator[VideoFrame]:
    """Every frame of a movie, in order."""
    with av.open(str(path)) as container:
        yield from container.decode(video=0)


def dominant_hz(sound: NDArray[np.float32]) -> float:
    """The frequency of the strongest partial of `[channels, samples]`; 0 for silence."""
    mono: NDArray[np.float64] = sound.mean(axis=0, dtype=np.float64)
    if not mono.any():
        return 0.0
    power = np.abs(np.fft.rfft(mono * np.hanning(mono.size), 4 * mono.size))
    return float(power.argmax()) * SAMPLE_RATE / (4 * mono.size)


def _middle(luma: NDArray[np.uint8], rows: NDArray[np.float64], columns: NDArray[np.float64]) -> float:
    """The mean of the middle half of a cell, so that soft edges do not count."""
    inside = luma[_inner(*rows), _inner(*columns)]
    return float((inside.mean() - _BLACK) / (_WHITE - _BLACK))


def _inner(start: float, end: float) -> slice:
    first = int(start + (end - start) / 4)
    return slice(first, max(first + 1, int(end - (end - start) / 4)))
