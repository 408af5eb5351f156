"""Writing WAV files as sound comes in."""

import struct
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.samples import Sound, pcm
from sottovoce_engine.timing import SAMPLE_RATE

_PCM = 1
_LONGEST = 2**32 - 2**16  # bytes; sizes are 32 bits wide, and chunks before the samples count


class WavWriter:
    """A 48 kHz PCM WAV file. Closed whole, or removed when the body raises.

    Attributes:
        clipped: Samples so far that lay beyond ±1.
    """

    def __init__(self, path: Path, channels: int = 2, bits: int = 24, chunks: bytes = b"") -> None:
        """`chunks` are whole RIFF chunks; they stand before the samples."""
        if bits not in (16, 24):
            raise ValueError(f"WAV files are written with 16 or 24 bits, not {bits}")
        self._path, self._channels, self._bits = Path(path), channels, bits
        self._chunks = chunks
        self._length = 0  # bytes
        self.clipped = 0

    def __enter__(self) -> Self:
        """Creates the file.

        Raises:
            InputError, SetupError: It cannot be written there.
        """
        try:
            self._file = self._path.open("wb")
            self._file.write(self._header())
        except OSError as error:
            raise write_error(self._path, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._abandon()
            return
        try:
            self._file.write(b"\0" * (self._length % 2))
            self._file.seek(0)
            self._file.write(self._header())
            self._file.close()
        except OSError as failed:
            self._abandon()
            raise write_error(self._path, failed) from failed

    def write(self, block: Sound) -> None:
        """Appends `[channels, samples]`.

        Raises:
            SetupError: The disk is full.
            InputError: The file would be longer than WAV allows: four hours of stereo.
        """
        if block.shape[0] != self._channels:
            raise ValueError(f"{block.shape[0]} channels were given to a file of {self._channels}")
        if block.any():
            values, clipped = pcm(block, self._bits)
            self.clipped += clipped
            packed = _packed(np.ascontiguousarray(values.T, "<i4"), self._bits // 8)
        else:  # most of most stems
            packed = bytes(block.size * self._bits // 8)
        if self._length + len(packed) > _LONGEST:
            raise InputError(f"{self._path} would be longer than a WAV file can be (4 GB). Split the timeline.")
        try:
            self._file.write(packed)
        except OSError as error:
            raise write_error(self._path, error) from error
        self._length += len(packed)

    def _header(self) -> bytes:
        """Source: Microsoft, Multimedia Programming Interface and Data Specifications 1.0, WAVE."""
        frame = self._channels * self._bits // 8
        form = struct.pack("<HHIIHH", _PCM, self._channels, SAMPLE_RATE, SAMPLE_RATE * frame, frame, self._bits)
        size = 4 + 8 + len(form) + len(self._chunks) + 8 + self._length + self._length % 2
        return b"".join(
            (
                struct.pack("<4sI4s", b"RIFF", size, b"WAVE"),
                struct.pack("<4sI", b"fmt ", len(form)) + form,
                self._chunks,
                struct.pack("<4sI", b"data", self._length),
            )
        )

    def _abandon(self) -> None:
        with suppress(OSError):
            self._file.close()
        if self._path.is_file():  # never a device
            self._path.unlink()


def _packed(values: NDArray[np.int32], width: int) -> bytes:
    """The lowest `width` bytes of each value, one value after the other."""
    flat = values.reshape(-1)
    if width == 3 and flat.size % 4 == 0:  # four values into three words: a quarter of the time of picking bytes
        a, b, c, d = (flat.view("<u4") & 0xFFFFFF).reshape(-1, 4).T
        return np.stack([a | b << 24, b >> 8 | c << 16, c >> 16 | d << 8], axis=1).astype("<u4").tobytes()
    return flat.view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
