"""Looking at sound that takes may be held to: whether it can be read, what tells it from others, whether it is silent."""

from pathlib import Path

import numpy as np

from sottovoce_engine.media.looking import content_of, remembered
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.timing import Span

SILENT_DBFS = -60.0  # RMS; a voice that is quieter is none


def sound_content(path: Path | str) -> str:
    """What tells a sound file from others and from itself after a change. Of one that has not, it is remembered.

    Raises:
        InputError: The file is missing, damaged, or holds no sound.
    """
    return _looked_at(path)


def sound_length(path: Path | str) -> int:
    """Samples, 48 kHz.

    Raises:
        InputError: The file is missing, damaged, or holds no sound.
    """
    with SoundReader(path) as reader:
        return reader.length_samples


def is_silent(path: Path | str, span: Span) -> bool:
    """Whether nothing is to be heard over a span of a file, in samples at 48 kHz.

    Raises:
        InputError: The file is missing, damaged there, or holds no sound.
    """
    with SoundReader(path) as reader:
        sound = reader.read(span)
    return sound.size == 0 or float(np.mean(sound.astype(np.float64) ** 2)) < 10 ** (SILENT_DBFS / 10)


@remembered
def _looked_at(path: Path, size: int) -> str:
    sound_length(path)  # a file without sound is told of here
    return content_of(path, size)
