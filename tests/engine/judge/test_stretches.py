"""Speech between silences: found to some hundredths of a second, over any floor."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from sottovoce_engine.judge.stretches import speech_stretches
from sottovoce_engine.timing import SAMPLE_RATE, Span

from .spoken_lines import noise, spoken

NEAR = SAMPLE_RATE * 12 // 100


def found(sound: NDArray[np.float32]) -> tuple[Span, ...]:
    return speech_stretches(lambda span: sound[:, span.start : span.end], sound.shape[1])


def bursts(at: list[tuple[float, float]], length: float, floor: float, level: float = 0.1) -> NDArray[np.float32]:
    """Noise of `level` over (start, end) seconds, on a floor of noise."""
    sound = noise(length, floor)
    for start, end in at:
        sound[:, round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)] = noise(end - start, level)
    return sound


@pytest.mark.parametrize("floor", [0.00001, 0.0003, 0.005])
def test_stretches_are_found_over_any_floor(floor: float) -> None:
    places = [(1.0, 2.0), (3.0, 3.6), (38.0, 41.0)]
    spans = found(bursts(places, 43.0, floor))
    assert len(spans) == 3
    for span, (start, end) in zip(spans, places, strict=True):
        assert abs(span.start - start * SAMPLE_RATE) < NEAR
        assert abs(span.end - end * SAMPLE_RATE) < NEAR


def test_short_pauses_belong_to_the_line_and_clicks_are_none() -> None:
    spans = found(bursts([(1.0, 2.0), (2.2, 3.0), (5.0, 5.02)], 7.0, 0.0003))
    assert len(spans) == 1
    assert abs(spans[0].end - 3.0 * SAMPLE_RATE) < NEAR


def test_a_whisper_is_speech() -> None:
    whisper = spoken("Close your eyes and listen to me.", "whisper")
    sound = np.concatenate([noise(1.5, 0.0002), whisper, noise(1.5, 0.0002)], axis=1)
    spans = found(sound)
    assert spans[0].start > 1.2 * SAMPLE_RATE
    assert sum(span.length for span in spans) > whisper.shape[1] / 2


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros((2, 0), np.float32),
        np.zeros((2, 3 * SAMPLE_RATE), np.float32),
        np.full((1, 3 * SAMPLE_RATE), np.nan, np.float32),
        noise(3.0, 0.0003),
        noise(0.001),
    ],
    ids=["nothing", "zeros", "no numbers", "floor", "one millisecond"],
)
def test_where_nobody_speaks_nothing_is_found(sound: NDArray[np.float32]) -> None:
    assert found(sound) == ()


def test_its_library_warns_of_nothing() -> None:
    """It warns of audioop's end when it is imported, and of a missing ffmpeg where there is none."""
    code = "import sottovoce_engine.judge.stretches"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, env={"PATH": ""}, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
