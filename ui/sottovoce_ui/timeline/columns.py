"""Pixel columns: what each of them shows, found for all of them at once.

A view of 2,560 pixels over 5,000 regions is drawn by asking 2,560 columns what they show, not 5,000 regions where they lie.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import Span
from sottovoce_ui.timeline.scale import Scale

NOTHING = -1


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


def visible_in(extents: Extents, scale: Scale) -> slice:
    """The pieces that are on the screen."""
    first = int(np.searchsorted(extents.ends, scale.first, side="right"))
    return slice(first, max(first, int(np.searchsorted(extents.starts, scale.last, side="left"))))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runs:
    """Columns side by side that show the same piece, from left to right.

    columns  0   1   2   3   4   5   6   7
             A   A   A   B   -   -   C   C ...       three runs: [0, 3), [3, 4), [6, 8)
    """

    pieces: NDArray[np.int64]  # the index of each run's piece
    starts: NDArray[np.int64]  # columns, half-open
    ends: NDArray[np.int64]
    opens: NDArray[np.bool_]  # whether the piece itself begins there, and not beyond the view
    closes: NDArray[np.bool_]

    @property
    def widths(self) -> NDArray[np.int64]:
        """Columns."""
        return self.ends - self.starts


def runs_in(extents: Extents, scale: Scale) -> Runs:
    """The runs of a row's pieces over the columns of a scale; a column that two pieces share shows the earlier one."""
    there = visible_in(extents, scale)
    starts, ends = extents.starts[there], extents.ends[there]
    left = ((starts - scale.first) / scale.frames_per_pixel).astype(np.int64).clip(0)  # towards 0 is down
    right = np.ceil((ends - scale.first) / scale.frames_per_pixel).astype(np.int64).clip(0, scale.width)
    left[1:] = np.maximum(left[1:], right[:-1])
    shown = right > left
    return Runs(
        pieces=np.flatnonzero(shown) + there.start,
        starts=left[shown],
        ends=right[shown],
        opens=starts[shown] >= scale.first,
        closes=ends[shown] <= scale.last,
    )


def heard(lowest: NDArray[np.float32], highest: NDArray[np.float32], height: int) -> NDArray[np.bool_]:
    """`[height, width]`: the pixels of a waveform, in each column from its lowest to its highest sample (±1).

    One pixel at least where there is sound at all; columns without any are NaN.
    """
    rows = np.arange(height, dtype=np.float32)[:, None]
    middle = np.float32(height / 2)
    top, bottom = middle - highest * middle, middle - lowest * middle + 1
    return (rows + 1 > top) & (rows < bottom)  # False for NaN
