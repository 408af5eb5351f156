"""Pixel columns: what each of them shows, found for all of them at once.

A view of 2,560 pixels over 5,000 regions is drawn by asking 2,560 columns what they show, not 5,000 regions where they lie.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import Span
from sottovoce_ui.timeline.scale import Scale

NOTHING = -1
SAME = 1e-6  # columns: so near to a column's edge is on it, wherever the view was scrolled from


class Placed(Protocol):
    """Something on the timeline."""

    @property
    def span(self) -> Span: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extents:
    """Where the pieces of a row begin and end, in order; only neighbours overlap."""

    starts: NDArray[np.int64]  # scene frames
    ends: NDArray[np.int64]
    kinds: NDArray[np.int64]  # which of `names` each piece is: its register, or its media file
    names: tuple[str, ...]


def extents_of(pieces: Sequence[Placed], names: Sequence[str]) -> Extents:
    """The extents of a row's pieces, each with the name of its kind."""
    count = len(pieces)
    number = {name: index for index, name in enumerate(dict.fromkeys(names))}
    return Extents(
        starts=np.fromiter((piece.span.start for piece in pieces), np.int64, count),
        ends=np.fromiter((piece.span.end for piece in pieces), np.int64, count),
        kinds=np.fromiter((number[name] for name in names), np.int64, count),
        names=tuple(number),
    )


def pieces_in_columns(extents: Extents, scale: Scale) -> NDArray[np.int64]:
    """`[width]`: the index of the piece that each column shows any of, the earlier of two; `NOTHING` where none is."""
    if not len(extents.starts):
        return np.full(scale.width, NOTHING)
    left = scale.first + np.arange(scale.width) * scale.frames_per_pixel
    index = np.searchsorted(extents.ends, left, side="right")
    there = np.minimum(index, len(extents.starts) - 1)
    shown = (index < len(extents.starts)) & (extents.starts[there] < left + scale.frames_per_pixel)
    return np.where(shown, there, NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """Columns side by side that show the same piece, from left to right.

    columns  0   1   2   3   4   5   6   7
             A   A   A   B   -   -   C   C ...       three runs: [0, 3), [3, 4), [6, 8)
    """

    pieces: NDArray[np.int64]  # the index of each run's piece
    starts: NDArray[np.int64]  # columns, half-open
    ends: NDArray[np.int64]
    first: NDArray[np.int64]  # the column that the piece itself begins in, left of the view below 0
    lengths: NDArray[np.float64]  # of the pieces themselves, in columns
    opens: NDArray[np.bool_]  # whether the piece itself begins there, and not beyond the view
    closes: NDArray[np.bool_]

    @property
    def widths(self) -> NDArray[np.int64]:
        """Columns."""
        return self.ends - self.starts

    def cut(self, part: slice) -> "Runs":
        """Some of them."""
        return Runs(
            pieces=self.pieces[part],
            starts=self.starts[part],
            ends=self.ends[part],
            first=self.first[part],
            lengths=self.lengths[part],
            opens=self.opens[part],
            closes=self.closes[part],
        )

    def between(self, left: int, right: int) -> "Runs":
        """The runs that begin in `[left, right)`."""
        return self.cut(slice(*self.starts.searchsorted((left, right)).tolist()))


def runs_in(rows: Sequence[Extents], scale: Scale) -> tuple[Runs, ...]:
    """The runs of each row's pieces over the columns of a scale; a column that two pieces share shows the earlier one.

    All rows are looked at together: a call for each of them would take longer than what it finds.
    """
    if not rows:
        return ()
    begins = np.cumsum([0, *(len(row.starts) for row in rows)])
    left = (np.concatenate([row.starts for row in rows]) - scale.first) / scale.frames_per_pixel
    right = (np.concatenate([row.ends for row in rows]) - scale.first) / scale.frames_per_pixel
    first = np.floor(left + SAME).astype(np.int64)
    starts, ends = np.maximum(first, 0), np.minimum(np.ceil(right - SAME), scale.width).astype(np.int64)
    before = np.concatenate(([0], ends[:-1]))
    before[begins[:-1][begins[:-1] < len(before)]] = 0  # of another row
    starts = np.maximum(starts, before)
    shown = np.flatnonzero(ends > starts)
    found = Runs(
        pieces=shown - np.repeat(begins[:-1], np.diff(shown.searchsorted(begins))),
        starts=starts[shown],
        ends=ends[shown],
        first=first[shown],
        lengths=(right - left)[shown],
        opens=left[shown] >= -SAME,
        closes=right[shown] <= scale.width + SAME,
    )
    edges = shown.searchsorted(begins).tolist()
    return tuple(found.cut(slice(*edge)) for edge in itertools.pairwise(edges))


def heard(lowest: NDArray[np.float32], highest: NDArray[np.float32], height: int) -> NDArray[np.bool_]:
    """`[height, width]`: the pixels of a waveform, in each column from its lowest to its highest sample (±1).

    One pixel at least where there is sound at all; columns without any are NaN.
    """
    rows = np.arange(height, dtype=np.float32)[:, None]
    middle = np.float32(height / 2)
    top, bottom = middle - highest * middle, middle - lowest * middle + 1
    return (rows + 1 > top) & (rows < bottom)  # False for NaN
