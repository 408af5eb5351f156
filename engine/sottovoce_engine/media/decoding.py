"""Decoding a file's sound at its own rate, from any of its samples on, without gaps."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import opened_media, picture_stream, read_only, sound_stream, stream_start
from sottovoce_engine.media.samples import Sound, float_samples, stereo

# Containers whose times are exact to the sample and whose seeking can be trusted. Others are read from their start.
_EXACT_FORMATS = {"mov", "wav", "w64", "aiff", "caf", "flac"}
_PREROLL = Fraction(1, 2)  # seconds; lapped codecs such as AAC settle within it
_CUT_SHORT = Fraction(1, 2)  # seconds; containers may say a packet more than there is
_RUN = 16_384  # samples put together before they are converted; PCM comes in thousands


class NativeSound:
    """A file's sound as stereo at its own rate. Positions count from its first sample.

    Attributes:
        rate: Samples a second.
        length: Samples.
        delay: Seconds from the first picture frame to the first sample; 0 where there is no picture.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._fresh: bool = True  # opened, and nothing read from it yet
        self._open()
        self.rate = self._stream.codec_context.sample_rate
        if self.rate <= 0:
            self.close()
            raise InputError(
                f"The sound of {path} has a sample rate of {self.rate}: its header is damaged. Export it again."
            )
        self._tick = self._stream.time_base or Fraction(1, self.rate)
        self._start = stream_start(self._stream)
        picture = picture_stream(self._container)
        self.delay = self._start - stream_start(picture) if picture is not None else Fraction(0)
        names = set(self._container.format.name.split(","))
        self._exact = bool(names & _EXACT_FORMATS) and self._tick * self.rate <= 1
        self._pcm = self._stream.codec_context.name.startswith("pcm_")  # can be entered anywhere, its start included
        self.length = self._length()

    def close(self) -> None:
        self._stack.close()

    def blocks(self, start: int) -> Iterator[Sound]:
        """Stereo blocks that follow each other without gaps, the first one beginning at sample `start`.

        A new call ends the one before.

        Raises:
            InputError: The file ends well before the length its header says.
        """
        position = start
        for at, sound in self._decoded(start):
            while at > position and position < self.length:  # a hole in the file is silence
                silence = min(at - position, self.rate)
                yield np.zeros((2, silence), np.float32)
                position += silence
            fresh = sound[:, max(0, position - at) :]
            if fresh.shape[1]:
                yield fresh
                position += fresh.shape[1]
        if self._exact and (self.length - position) > _CUT_SHORT * self.rate:
            raise InputError(
                f"The sound of {self._path} ends {(self.length - position) / self.rate:.1f} s before the time its header "
                "says: it was cut short. Copy or export it again."
            )

    def _decoded(self, start: int) -> Iterator[tuple[int, Sound]]:
        """Decoded sound with its positions, from `start` or a little before on."""
        for at, frames in self._runs(start):
            yield at, stereo(float_samples(frames), frames[0].layout)

    def _runs(self, start: int) -> Iterator[tuple[int, list[AudioFrame]]]:
        """Decoded frames of one format that follow each other without a gap, and where their first sample lies."""
        tolerance = 1 + int(2 * self._tick * self.rate)  # samples; clocks of milliseconds jitter by one
        run: list[AudioFrame] = []
        at = end = 0
        known = False  # whether any position has been told yet
        for frame in self._frames(start):
            position = self._position(frame)
            jumps = position is not None and (not known or abs(position - end) > tolerance)
            if run and (jumps or end - at >= _RUN or not _alike(run[0], frame)):
                yield at, run
                run = []
            if jumps and position is not None:
                end, known = position, True
            if not run:
                at = end
            run.append(frame)
            end += frame.samples
        if run:
            yield at, run

    def _frames(self, start: int) -> Iterator[AudioFrame]:
        """Frames from one that lies at `start` or before it on."""
        before = start - int(_PREROLL * self.rate)
        if self._exact and (before > 0 or (self._pcm and not self._fresh)):
            self._fresh = False
            before = max(before, 0)
            self._container.seek(int((self._start + Fraction(before, self.rate)) / self._tick), stream=self._stream)
            frames = self._container.decode(self._stream)
            first = next(frames, None)
            position = None if first is None else self._position(first)
            if first is not None and position is not None and position <= start:
                return itertools.chain([first], frames)
        if not self._fresh:
            self._open()  # from the start, where the file cannot be trusted to lead to a place within it
        self._fresh = False
        return self._container.decode(self._stream)

    def _position(self, frame: AudioFrame) -> int | None:
        if frame.pts is None:
            return None
        # In whole numbers, since it is asked for every packet: ticks * samples a tick, rounded.
        above = (frame.pts - (self._stream.start_time or 0)) * self._tick.numerator * self.rate
        below = self._tick.denominator
        return (2 * above + below) // (2 * below)

    def _open(self) -> None:
        self._stack.close()
        self._container: InputContainer = self._stack.enter_context(opened_media(self._path))
        stream = sound_stream(self._container)
        if stream is None:
            self._stack.close()
            raise InputError(f"{self._path} holds no sound. Relink the clip to a file with sound, or remove it.")
        read_only(stream)
        self._stream: AudioStream = stream
        self._fresh = True

    def _length(self) -> int:
        if self._exact and self._stream.duration is not None:
            return round(self._stream.duration * self._tick * self.rate)
        status = self._path.stat()
        return _counted_length(self._path, status.st_size, status.st_mtime_ns)


def _alike(first: AudioFrame, second: AudioFrame) -> bool:
    return first.format.name == second.format.name and first.layout.name == second.layout.name


@lru_cache(maxsize=256)
def _counted_length(path: Path, _size: int, _changed: int) -> int:
    """The length in samples, from the packets themselves."""
    with opened_media(path) as container:
        stream = sound_stream(container)
        if stream is None:
            return 0
        read_only(stream)
        tick, end = stream.time_base or Fraction(1), 0
        for packet in container.demux(stream):
            if packet.pts is not None:
                end = max(end, packet.pts + (packet.duration or 0))
        return max(0, round((end * tick - stream_start(stream)) * stream.codec_context.sample_rate))
