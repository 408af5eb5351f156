"""The lowest and highest samples of a sound file, measured once and then known at every zoom.

level 0   |..|..|..|..|..|..|..|..|     5 ms each
level 1   |..........|............|     8 of them, and so on: a column of pixels asks a few of one level
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.media.kept import kept_array
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.timing import SAMPLE_RATE, Span

FORMAT = 1
BUCKET = 240  # samples at 48 kHz: 5 ms
_FACTOR = 8
_BLOCK = BUCKET * 2_000  # 10 s
STAGE = "waveforms"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoundPeaks:
    """Of both channels together, level by level; `[buckets, 2]` int8, 127 is full scale."""

    levels: tuple[NDArray[np.int8], ...]

    def at(self, starts: NDArray[np.float64], seconds: float) -> NDArray[np.float32]:
        """`[len(starts), 2]` in ±1: lowest and highest from each start (seconds) on; NaN outside the sound."""
        per_bucket = seconds * SAMPLE_RATE / BUCKET
        level = 0
        while per_bucket >= _FACTOR and level + 1 < len(self.levels):
            per_bucket, level = per_bucket / _FACTOR, level + 1
        buckets = self.levels[level]
        width = BUCKET * _FACTOR**level / SAMPLE_RATE
        first = np.floor(starts / width).astype(np.int64)
        last = np.maximum(np.ceil((starts + seconds) / width).astype(np.int64), first + 1)
        found = np.full((len(starts), 2), np.nan, np.float32)
        if not len(buckets):
            return found
        for step in range(int((last - first).max(initial=0))):
            index = first + step
            inside = (index >= 0) & (index < len(buckets)) & (index < last)
            here = buckets[np.clip(index, 0, len(buckets) - 1)].astype(np.float32) / 127
            here[~inside] = np.nan
            found[:, 0] = np.fmin(found[:, 0], here[:, 0])
            found[:, 1] = np.fmax(found[:, 1], here[:, 1])
        return found


def peaks_of(path: Path, job: Job) -> SoundPeaks:
    """The peaks of a file's sound.

    Raises:
        InputError: It is missing, damaged, or holds no sound.
        JobCancelled: Cancelling was asked for.
    """
    with SoundReader(path) as reader:
        blocks = [np.zeros((0, 2), np.int8), *_measured(reader, path, job)]
    return _from_finest(np.concatenate(blocks))


def kept_peaks(path: Path, folder: Path, job: Job) -> SoundPeaks:
    """The peaks of a file, measured once as long as it stays as it is.

    Args:
        path: The sound.
        folder: Where they are kept; a damaged or missing record is made again.
        job: Told of the measuring.

    Raises:
        InputError, JobCancelled: As `peaks_of`.
    """
    finest = kept_array(path, folder, str(FORMAT), 2, lambda: peaks_of(path, job).levels[0])
    return _from_finest(finest)


def _from_finest(finest: NDArray[np.int8]) -> SoundPeaks:
    levels = [finest]
    while len(levels[-1]) > _FACTOR:
        levels.append(_coarser(levels[-1]))
    return SoundPeaks(levels=tuple(levels))


def _measured(reader: SoundReader, path: Path, job: Job) -> Iterator[NDArray[np.int8]]:
    total = -(-reader.length_samples // _BLOCK)
    for number in range(total):
        job.step(STAGE, number, total, about=path.name)
        span = Span(number * _BLOCK, min((number + 1) * _BLOCK, reader.length_samples))
        sound = reader.read(span)
        missing = -span.length % BUCKET
        if missing:
            sound = np.pad(sound, ((0, 0), (0, missing)), mode="edge")
        parts = sound.reshape(sound.shape[0], -1, BUCKET)
        low, high = parts.min(axis=(0, 2)), parts.max(axis=(0, 2))
        yield np.clip(np.rint(np.stack([low, high], axis=1) * 127), -127, 127).astype(np.int8)


def _coarser(finer: NDArray[np.int8]) -> NDArray[np.int8]:
    """Eight buckets in one."""
    padded = np.pad(finer, ((0, -len(finer) % _FACTOR), (0, 0)), mode="edge").reshape(-1, _FACTOR, 2)
    return np.stack([padded[:, :, 0].min(axis=1), padded[:, :, 1].max(axis=1)], axis=1)
