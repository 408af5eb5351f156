"""Sets of frames as spans that rise and do not touch.

merged      [0,4) [2,6) [8,9)            [0,6) [8,9)
without     [0,6) [8,9)  minus  [2,3)    [0,2) [3,6) [8,9)
"""

from collections.abc import Iterable, Sequence

from sottovoce_engine.timing import Span

Spans = tuple[Span, ...]


def merged(spans: Iterable[Span | None]) -> Spans:
    """All frames of `spans`, each once; None and empty spans hold none."""
    found: list[Span] = []
    for span in sorted(span for span in spans if span is not None and span.length):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def without(spans: Sequence[Span], taken: Sequence[Span]) -> Spans:
    """The frames of `spans` that are in none of `taken`."""
    left = list(spans)
    for hole in taken:
        left = [
            piece
            for span in left
            for piece in (
                Span(span.start, min(span.end, max(span.start, hole.start))),
                Span(max(span.start, min(span.end, hole.end)), span.end),
            )
            if piece.length
        ]
    return merged(left)


def length_of(spans: Iterable[Span]) -> int:
    """The number of frames in spans that do not overlap."""
    return sum(span.length for span in spans)


def largest_first(spans: Iterable[Span], *, by: Sequence[Span]) -> list[Span]:
    """`spans`, those that hold most frames of `by` first; of equals, the longer, then the earlier."""

    def held(span: Span) -> int:
        return sum(common.length for other in by if (common := span.common(other)) is not None)

    return sorted(spans, key=lambda span: (-held(span), -span.length, span.start))
