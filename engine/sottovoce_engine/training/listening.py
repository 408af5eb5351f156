"""Where somebody speaks in a recording of any length, a stretch of it in memory at a time.

sound    ~~~####~~##~~~~~~~###~~|~####~~~     ~ floor, # above it
pieces      |--|  ||       |-|     |--|       pauses of 150 ms and more lie between them
blocks   |---------------------||--------     they end in pauses, so that no piece lies in two
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sottovoce_engine.judge.stretches import speech_stretches
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.splice.tone import PAUSE_HOP, Spectrum, hop_powers, level_dbfs, quietest_pause, spectrum_of
from sottovoce_engine.timing import SAMPLE_RATE, Span

_BLOCK = 60 * SAMPLE_RATE  # 23 MB of stereo
_PAUSE_MS = 150  # longer than the stops inside words
_LOUDEST = 8.0  # of a sample; what is beyond is no sound
_OFF_EDGES = SAMPLE_RATE // 50  # of a pause: words ring out and begin there
_SHORTEST_ROOM, _LONGEST_ROOM = SAMPLE_RATE // 10, 4 * SAMPLE_RATE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Room:
    """How a recording sounds where nobody speaks."""

    spectrum: Spectrum
    level_dbfs: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """A stretch of a recording."""

    span: Span  # samples of the recording
    sound: Sound  # of that span
    pieces: tuple[Span, ...]  # samples of the recording
    room: Room | None  # None: no pause is long enough to tell, in this block and those before

    def sound_over(self, span: Span) -> Sound:
        """The sound over samples of the recording that lie in this block."""
        return self.sound[:, span.start - self.span.start : span.end - self.span.start]


def blocks_of(reader: SoundReader, whole: Sequence[Span] = (), *, block_samples: int = _BLOCK) -> Iterator[Block]:
    """The whole recording, block by block.

    A piece that fills a block without a pause, as music does, is cut where the block ends: no clip is that long.

    Args:
        reader: The recording.
        whole: Spans of it that no two blocks share, as far as they fit into one.
        block_samples: The longest block.

    Raises:
        InputError: The file is damaged.
    """
    start, room = 0, None
    while start < reader.length_samples:
        read = Span(start, min(start + block_samples, reader.length_samples))
        sound = _finite(reader.read(read))
        pieces = [piece.shifted(start) for piece in _pieces(sound)]
        end = read.end if read.end == reader.length_samples else _end(read, pieces, whole)
        span, sound = Span(start, end), sound[:, : end - start]
        pieces = [piece for piece in pieces if piece.start < end]
        room = _room(sound, span, pieces) or room
        yield Block(span=span, sound=sound, pieces=tuple(pieces), room=room)
        start = end


def _end(read: Span, pieces: Sequence[Span], whole: Sequence[Span]) -> int:
    """Where the block ends: in a pause, and in no span that is to stay whole; where there is no such place, as it was read."""
    goes_on = bool(pieces) and pieces[-1].end > read.end - SAMPLE_RATE  # perhaps, and is heard whole in the next block
    end = pieces[-1].start if goes_on else read.end
    while end > read.start:
        shared = [span.start for span in whole if span.start < end < span.end]
        cut = [piece.start for piece in pieces if piece.start < end < piece.end]
        if not shared and not cut:
            before = max((piece.end for piece in pieces if piece.end <= end), default=read.start)
            after = min((piece.start for piece in pieces if piece.start >= end), default=end)
            middle = (before + after + 1) // 2
            inside = any(span.start < middle < span.end for span in whole)
            return end if inside or end == read.end else middle
        end = min(shared + cut)
    return read.end


def _pieces(sound: Sound) -> tuple[Span, ...]:
    return speech_stretches(
        lambda span: sound[:, span.start : span.end],
        sound.shape[1],
        shortest_pause_ms=_PAUSE_MS,
        shortest_speech_ms=1,
    )


def _finite(sound: Sound) -> Sound:
    return np.clip(np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0), -_LOUDEST, _LOUDEST)


def _room(sound: Sound, span: Span, pieces: list[Span]) -> Room | None:
    """The room in the longest pause, where it is quietest and steady."""
    edges = [span.start, *(edge for piece in pieces for edge in (piece.start, piece.end)), span.end]
    pauses = [Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    longest = max(pauses, key=lambda pause: pause.length)
    if longest.length < _SHORTEST_ROOM + 2 * _OFF_EDGES:
        return None
    inside = longest.grown(-_OFF_EDGES, -_OFF_EDGES).shifted(-span.start)
    pause = sound[:, inside.start : inside.end]
    quietest = quietest_pause(hop_powers(pause))
    if quietest is not None:
        pause = pause[:, quietest.start * PAUSE_HOP : quietest.end * PAUSE_HOP]
    pause = pause[:, :_LONGEST_ROOM]
    return Room(spectrum=spectrum_of(pause), level_dbfs=level_dbfs(pause))
