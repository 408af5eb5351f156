"""What the scene shows, frame by frame: takes, the timeline's own footage, black, and dissolves into takes.

scene frames    0        48       96       144      192
pictures        |== street.mov ==|                           the timeline's own
regions              [A lock]        [B cut][C cut]
shots           |---- footage ---|xxx|  B  |~  C  |xxxxx|    x black, ~ dissolve out of B's handle
"""

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sottovoce_engine.scene import PicturePiece
from sottovoce_engine.timing import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeShot:
    """A take's own picture."""

    span: Span  # scene frames
    region: str
    path: str
    origin: int  # scene frame of the take's first
    length_frames: int  # of the take


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageShot:
    """The timeline's own picture."""

    span: Span
    piece: PicturePiece


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackShot:
    """Nothing to show."""

    span: Span


PlainShot = TakeShot | FootageShot | BlackShot


@dataclass(frozen=True, slots=True, kw_only=True)
class DissolveShot:
    """One picture turning into a take's."""

    span: Span
    before: PlainShot
    after: TakeShot

    def weight(self, frame: int) -> float:
        """The take's share at a scene frame."""
        return (frame - self.span.start + 0.5) / self.span.length


Shot = PlainShot | DissolveShot


def shots_for(takes: Sequence[TakeShot], pictures: Sequence[PicturePiece], length_frames: int) -> tuple[PlainShot, ...]:
    """The scene's shots, end to end, without dissolves into takes.

    Of takes that overlap the one that starts later is shown while it lasts: picture cuts to who begins to
    speak. Under no take lies the timeline's own picture, under none of those black.

    Args:
        takes: One for each region that shows its own picture, spanning that region.
        pictures: The timeline's own, in order, never overlapping.
        length_frames: Of the scene.
    """
    whole = Span(0, length_frames)
    shots: list[PlainShot] = []
    for span, take in _topmost(takes, whole):
        reached = None if take is None else Span(take.origin, take.origin + take.length_frames).common(span)
        if take is None or reached is None:
            shots += _beneath(span, pictures)
            continue
        shots += _beneath(Span(span.start, reached.start), pictures)
        shots.append(replace(take, span=reached))
        shots += _beneath(Span(reached.end, span.end), pictures)
    return tuple(shots)


def with_dissolves(shots: Sequence[PlainShot], regions: Sequence[str], frames: int) -> tuple[Shot, ...]:
    """The shots, with a dissolve centred on the cut into each region named, as long as both sides' handles allow.

    Its frames come out of the two shots beside it; no shot gives up more than half of itself.
    """
    wanted = set(regions)  # each once: the return to a take after another one's picture stays a cut
    found: list[Shot] = []
    taken = 0  # frames at the head of the next shot that already lie in a dissolve
    for index, shot in enumerate(shots):
        start, taken = shot.span.start + taken, 0
        if isinstance(shot, TakeShot):
            wanted.discard(shot.region)
        after = shots[index + 1] if index + 1 < len(shots) else None
        dissolve: DissolveShot | None = None
        if isinstance(after, TakeShot) and after.region in wanted:
            head, tail = _reach(shot, after, frames)
            if head + tail >= 2:
                span, taken = Span(shot.span.end - head, shot.span.end + tail), tail
                dissolve = DissolveShot(span=span, before=shot, after=after)
        end = shot.span.end if dissolve is None else dissolve.span.start
        if start < end:
            found.append(replace(shot, span=Span(start, end)))
        if dissolve is not None:
            found.append(dissolve)
    return tuple(found)


def _reach(before: PlainShot, after: TakeShot, frames: int) -> tuple[int, int]:
    """How many frames the dissolve may take from the end of one shot and from the start of the next."""
    head = min(frames // 2, before.span.length // 2, after.span.start - after.origin)
    tail = min(frames - frames // 2, after.span.length // 2)
    if isinstance(before, TakeShot):
        tail = min(tail, before.origin + before.length_frames - before.span.end)
    return max(0, head), max(0, tail)


def _beneath(span: Span, pictures: Sequence[PicturePiece]) -> Iterator[PlainShot]:
    """The timeline's own picture over `span`, and black where it has none."""
    at = span.start
    index = max(0, bisect_right(pictures, span.start, key=lambda piece: piece.span.start) - 1)
    while at < span.end:
        piece = pictures[index] if index < len(pictures) else None
        shown = piece.span.common(Span(at, span.end)) if piece is not None else None
        if piece is not None and shown is not None:
            if at < shown.start:
                yield BlackShot(span=Span(at, shown.start))
            yield FootageShot(span=shown, piece=piece)
            at = shown.end
        elif piece is None or piece.span.start >= span.end:
            yield BlackShot(span=Span(at, span.end))
            at = span.end
        index += 1


def _topmost(takes: Sequence[TakeShot], whole: Span) -> Iterator[tuple[Span, TakeShot | None]]:
    """Which take is on top, stretch by stretch over the whole scene."""
    edges = sorted({whole.start, whole.end, *(edge for take in takes for edge in (take.span.start, take.span.end))})
    edges = [edge for edge in edges if whole.start <= edge <= whole.end]
    waiting = sorted(takes, key=lambda take: take.span.start, reverse=True)
    running: list[TakeShot] = []
    pending: tuple[Span, TakeShot | None] | None = None
    for start, end in itertools.pairwise(edges):
        while waiting and waiting[-1].span.start <= start:
            running.append(waiting.pop())
        running = [take for take in running if take.span.end > start]
        top = running[-1] if running else None
        if pending is not None and pending[1] is top:
            pending = Span(pending[0].start, end), top
        else:
            if pending is not None:
                yield pending
            pending = Span(start, end), top
    if pending is not None:
        yield pending
