"""Pieces of speech put together to segments that fit a clip. Cuts lie in pauses; no word is cut.

pieces      |###| |####|   |##|  |###########|      |###|
segments    |--------------|--|  |-----------|      |---|
around     |----------------|---|--------------|----------|    what may be heard beside a segment: half the pauses
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.training.recordings import Cue

_APART = SAMPLE_RATE * 9 // 10  # a longer pause ends a line
_GOOD_PAUSE = 0.35  # seconds; a cut in a shorter one costs as much as an empty clip, in proportion
_SHORTEST = SAMPLE_RATE * 3 // 10  # of speech, to be a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Speech that makes a clip, in samples of its recording."""

    speech: Span
    around: Span  # up to the middle of the pauses on both sides
    text: str = ""  # what is said to be said there; "": not known yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What a block was cut into."""

    segments: tuple[Segment, ...]
    too_long: tuple[Span, ...]  # speech without a pause, longer than a clip


def segments_in(pieces: Sequence[Span], block: Span, longest: int) -> Cut:
    """Segments of up to `longest` samples, cut in the longest pauses that fill the clips best."""
    segments: list[Segment] = []
    for run in _runs(pieces, longest):
        for first, end in _parts(run, longest):
            speech = Span(run[first].start, run[end - 1].end)
            if sum(piece.length for piece in run[first:end]) >= _SHORTEST:
                segments.append(Segment(speech=speech, around=_around(speech, pieces, block)))
    return Cut(segments=tuple(segments), too_long=tuple(piece for piece in pieces if piece.length > longest))


def cue_segments_in(pieces: Sequence[Span], block: Span, cues: Sequence[Cue], longest: int) -> Cut:
    """A segment for each cue: the speech that lies mostly in it."""
    segments, too_long = [], []
    for cue in cues:
        mine = [piece for piece in pieces if _mostly(piece, cue.span, cues)]
        if sum(piece.length for piece in mine) < _SHORTEST:
            continue
        speech = Span(mine[0].start, mine[-1].end)
        if speech.length > longest:
            too_long.append(speech)
        else:
            segments.append(Segment(speech=speech, around=_around(speech, pieces, block), text=cue.text))
    return Cut(segments=tuple(segments), too_long=tuple(too_long))


def _mostly(piece: Span, span: Span, cues: Sequence[Cue]) -> bool:
    """Whether no other cue has more of the piece, and this one has half of it."""
    shared = _shared(piece, span)
    return 2 * shared >= piece.length and shared >= max(_shared(piece, cue.span) for cue in cues)


def _shared(piece: Span, span: Span) -> int:
    both = piece.common(span)
    return both.length if both is not None else 0


def _runs(pieces: Sequence[Span], longest: int) -> Iterator[list[Span]]:
    """Pieces that lie near each other; one that fits no clip ends a run."""
    run: list[Span] = []
    for piece in pieces:
        if run and (piece.start - run[-1].end > _APART or piece.length > longest):
            yield run
            run = []
        if piece.length <= longest:
            run.append(piece)
    if run:
        yield run


def _parts(run: Sequence[Span], longest: int) -> list[tuple[int, int]]:
    """The cheapest way to part a run: half-open ranges of its pieces. Empty clips and short pauses cost."""
    best: list[tuple[float, int]] = [(0.0, 0)]  # up to each piece: what it costs, and where its last part begins
    for end in range(1, len(run) + 1):
        choices = []
        for first in range(end - 1, -1, -1):
            length = run[end - 1].end - run[first].start
            if length > longest:
                break
            empty = (1.0 - length / longest) ** 2
            choices.append((best[first][0] + empty + _cut_cost(run, first), first))
        best.append(min(choices))
    parts = []
    end = len(run)
    while end:
        parts.append((best[end][1], end))
        end = best[end][1]
    return parts[::-1]


def _cut_cost(run: Sequence[Span], first: int) -> float:
    """Of the cut before a piece; none before the run's first."""
    if first == 0:
        return 0.0
    pause = (run[first].start - run[first - 1].end) / SAMPLE_RATE
    return math.sqrt(max(0.0, 1.0 - pause / _GOOD_PAUSE))


def _around(speech: Span, pieces: Sequence[Span], block: Span) -> Span:
    before = max((piece.end for piece in pieces if piece.end <= speech.start), default=None)
    after = min((piece.start for piece in pieces if piece.start >= speech.end), default=None)
    return Span(
        block.start if before is None else (before + speech.start) // 2,
        block.end if after is None else (speech.end + after) // 2,
    )
