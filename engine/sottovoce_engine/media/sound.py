"""Reading sound by exact position, in the one form the engine works with: float32 stereo at 48 kHz."""

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soxr
from av.error import FFmpegError

from sottovoce_engine.media.container import read_error
from sottovoce_engine.media.decoding import NativeSound
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.timing import SAMPLE_RATE, Span

__all__ = ["SoundReader", "WavWriter"]

_AHEAD = 2 * SAMPLE_RATE  # decoding on is cheaper than seeking below that
_KEPT = SAMPLE_RATE  # crossfades read a little backwards
_SETTLING = SAMPLE_RATE // 4  # the resampler's filter has forgotten its start by then


class SoundReader:
    """Any span of a file's sound. Reading forwards streams; reading backwards seeks.

    Position 0 is where the file's first picture frame starts, or its first sample where it has no picture.

        picture        |0  |1  |2  |3  |
        sound            |~~~~~~~~~~~~~~~~|      a stream that starts later is silent until it does
        position       0 ^                ^ length_samples

    Attributes:
        length_samples: The position at which the sound ends.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)

    def __enter__(self) -> Self:
        """Opens the file.

        Raises:
            InputError: It is missing, damaged, or holds no sound.
        """
        self._native = NativeSound(self._path)
        self._delay = round(self._native.delay * SAMPLE_RATE)
        self._length = round(Fraction(self._native.length * SAMPLE_RATE, self._native.rate))
        self.length_samples = max(0, self._delay + self._length)
        self._held, self._held_start = np.zeros((2, 0), np.float32), 0
        self._blocks = self._from(0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._native.close()

    def read(self, span: Span) -> Sound:
        """The sound over `span` as `[2, samples]`; silence where the file has none.

        Raises:
            InputError: The file is damaged there, or ends before the time its header says.
        """
        out = np.zeros((2, span.length), np.float32)
        there = span.shifted(-self._delay).common(Span(0, self._length))
        if there is not None:
            try:
                self._hold(there)
            except (FFmpegError, OSError) as error:
                raise read_error(self._path, error) from error
            piece = self._held[:, there.start - self._held_start : there.end - self._held_start]
            at = there.start + self._delay - span.start
            out[:, at : at + piece.shape[1]] = piece
        return out

    def _hold(self, wanted: Span) -> None:
        """Decodes until `wanted` is held, and lets go of what lies well before it."""
        held_end = self._held_start + self._held.shape[1]
        if wanted.start < self._held_start or wanted.start > held_end + _AHEAD:
            self._blocks = self._from(wanted.start)
            self._held, self._held_start, held_end = np.zeros((2, 0), np.float32), wanted.start, wanted.start
        pieces = [self._held]
        while held_end < wanted.end:
            block = next(self._blocks, None)
            if block is None:
                break
            pieces.append(block)
            held_end += block.shape[1]
        held = np.concatenate(pieces, axis=1) if len(pieces) > 1 else self._held
        surplus = max(0, wanted.start - _KEPT - self._held_start)
        self._held, self._held_start = held[:, surplus:].copy() if surplus else held, self._held_start + surplus

    def _from(self, start: int) -> Iterator[Sound]:
        """Blocks at 48 kHz, the first one beginning at `start`, on one grid wherever reading began."""
        if self._native.rate == SAMPLE_RATE:
            return self._native.blocks(start)
        return self._resampled(start)

    def _resampled(self, start: int) -> Iterator[Sound]:
        common = math.gcd(self._native.rate, SAMPLE_RATE)
        step_in, step_out = self._native.rate // common, SAMPLE_RATE // common
        steps = max(0, start - _SETTLING) // step_out
        surplus = start - steps * step_out
        stream = soxr.ResampleStream(self._native.rate, SAMPLE_RATE, 2, dtype="float32", quality="VHQ")
        for block in self._native.blocks(steps * step_in):
            made = stream.resample_chunk(np.ascontiguousarray(block.T)).T
            yield made[:, surplus:]
            surplus = max(0, surplus - made.shape[1])
        yield stream.resample_chunk(np.zeros((0, 2), np.float32), last=True).T[:, surplus:]
