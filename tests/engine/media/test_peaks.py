from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.peaks import BUCKET, SoundPeaks, kept_peaks, peaks_of
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.timing import SAMPLE_RATE

SECONDS = 23


@pytest.fixture(scope="module")
def sound() -> NDArray[np.float32]:
    rng = np.random.default_rng(3)
    loudness = np.repeat(rng.uniform(0.05, 0.9, SECONDS * 10), SAMPLE_RATE // 10)
    return (rng.uniform(-1, 1, (2, SECONDS * SAMPLE_RATE)) * loudness).astype(np.float32)


@pytest.fixture
def path(tmp_path: Path, sound: NDArray[np.float32]) -> Path:
    with WavWriter(tmp_path / "a.wav") as writer:
        writer.write(sound)
    return tmp_path / "a.wav"


@pytest.mark.parametrize("seconds", [0.005, 0.013, 0.1, 0.77, 4.0, 30.0])
def test_peaks_are_the_lowest_and_highest_samples_of_about_that_stretch(
    path: Path, sound: NDArray[np.float32], seconds: float
) -> None:
    found = peaks_of(path, Job()).at(np.arange(0, SECONDS, seconds), seconds)
    near = max(0.005, seconds)  # a bucket of the level asked is never longer than the stretch itself
    for number, (low, high) in enumerate(found):
        start, end = number * seconds, (number + 1) * seconds
        inside = sound[:, round(start * SAMPLE_RATE) : max(1, round(end * SAMPLE_RATE))]
        around = sound[:, max(0, round((start - near) * SAMPLE_RATE)) : round((end + near) * SAMPLE_RATE)]
        assert around.min() - 0.01 <= low <= inside.min() + 0.01
        assert inside.max() - 0.01 <= high <= around.max() + 0.01


def test_there_is_nothing_outside_the_sound(path: Path) -> None:
    found = peaks_of(path, Job()).at(np.array([-5.0, SECONDS + 1.0, 1.0]), 0.02)
    assert np.isnan(found[:2]).all()
    assert np.isfinite(found[2]).all()
    assert np.isnan(SoundPeaks(levels=(np.zeros((0, 2), np.int8),)).at(np.array([0.0]), 1.0)).all()


def test_a_file_is_measured_once_until_it_changes(path: Path, tmp_path: Path, sound: NDArray[np.float32]) -> None:
    steps: list[Progress] = []
    first = kept_peaks(path, tmp_path / "kept", Job(steps.append))
    assert steps
    steps.clear()
    again = kept_peaks(path, tmp_path / "kept", Job(steps.append))
    assert not steps
    for one, other in zip(first.levels, again.levels, strict=True):
        np.testing.assert_array_equal(one, other)
    with WavWriter(path) as writer:
        writer.write(sound[:, : 10 * BUCKET] * np.float32(0.1))
    assert len(kept_peaks(path, tmp_path / "kept", Job(steps.append)).levels[0]) == 10
    assert steps


def test_a_damaged_record_is_made_again_and_a_missing_file_told(path: Path, tmp_path: Path) -> None:
    kept_peaks(path, tmp_path / "kept", Job())
    (record,) = (tmp_path / "kept").iterdir()
    record.write_bytes(b"damaged")
    assert len(kept_peaks(path, tmp_path / "kept", Job()).levels[0]) == SECONDS * SAMPLE_RATE // BUCKET
    with pytest.raises(InputError, match="cannot be read"):
        kept_peaks(tmp_path / "none.wav", tmp_path / "kept", Job())
