"""What a take is judged by: its own sound. What is held beside its region is somebody else's line, heard once more."""

import numpy as np

from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import SAMPLE_RATE, Span

_EDGE = SAMPLE_RATE // 100  # 10 ms, inside: no click where silence begins


class OwnSound:
    """A file's sound, silent outside a span of it.

    Attributes:
        length_samples: Of the file.
    """

    def __init__(self, reader: SoundReader, own: Span) -> None:
        self._reader, self._own = reader, own
        self.length_samples = reader.length_samples

    def read(self, span: Span) -> Sound:
        """The sound over `span`, `[2, samples]`.

        Raises:
            InputError: The file is damaged there.
        """
        sound = self._reader.read(span)
        if self._own.contains(span.common(Span(0, self.length_samples)) or span):
            return sound
        at = np.arange(span.start, span.end)
        rising = np.clip((at - self._own.start + 1) / _EDGE, 0, 1) if self._own.start > 0 else 1.0
        falling = np.clip((self._own.end - at) / _EDGE, 0, 1) if self._own.end < self.length_samples else 1.0
        return (sound * (rising * falling)).astype(np.float32)


def heard_of(reader: SoundReader, job: RenderJob) -> SoundReader | OwnSound:
    """What of a take's sound is listened to: all of it, unless something is held beside its region."""
    return reader if job.context is None and job.gating is None else OwnSound(reader, job.own_samples)
