"""Writing WAV files as sound comes in."""

import wave
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.samples import Sound, pcm24
from sottovoce_engine.timing import SAMPLE_RATE


class WavWriter:
    """A 48 kHz PCM WAV file. Closed whole, or removed when the body raises.

    Attributes:
        clipped: Samples so far that lay beyond ±1.
    """

    def __init__(self, path: Path, channels: int = 2, bits: int = 24) -> None:
        if bits not in (16, 24):
            raise ValueError(f"WAV files are written with 16 or 24 bits, not {bits}")
        self._path, self._channels, self._bits = Path(path), channels, bits
        self.clipped = 0

    def __enter__(self) -> Self:
        """Creates the file.

        Raises:
            InputError, SetupError: It cannot be written there.
        """
        try:
            self._bytes = self._path.open("wb")
        except OSError as error:
            raise write_error(self._path, error) from error
        self._wave = wave.open(self._bytes, "wb")
        self._wave.setparams((self._channels, self._bits // 8, SAMPLE_RATE, 0, "NONE", ""))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._wave.close()
            self._bytes.close()
        except OSError as failed:
            self._path.unlink(missing_ok=True)
            raise write_error(self._path, failed) from failed
        if error is not None:
            self._path.unlink(missing_ok=True)

    def write(self, block: Sound) -> None:
        """Appends `[channels, samples]`.

        Raises:
            SetupError: The disk is full.
        """
        if block.shape[0] != self._channels:
            raise ValueError(f"{block.shape[0]} channels were given to a file of {self._channels}")
        values, clipped = pcm24(block)
        self.clipped += clipped
        packed = np.ascontiguousarray(values.T, "<i4").view(np.uint8).reshape(-1, 4)
        try:
            self._wave.writeframes(packed[:, (24 - self._bits) // 8 : 3].tobytes())
        except OSError as error:
            raise write_error(self._path, error) from error
