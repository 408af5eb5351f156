"""What of a row has to be drawn when the view was scrolled: what was not on the screen, and what was cut at its edge.

before    [ A A A A | B B B | C C ]
after               [ B B B | C C C C C | D D ]
kept                |-------------|                copied
drawn                       |-----------------|    C shows more of itself, so its words may be others; D is new
"""

from dataclasses import dataclass

import numpy as np

from sottovoce_ui.timeline.columns import Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Columns of a row, half-open, that are drawn anew: runs as a whole."""

    left: int
    right: int
    new_left: int  # those of them that were not on the screen before
    new_right: int


def whole_part(width: int) -> Part:
    """All of a row."""
    return Part(left=0, right=width, new_left=0, new_right=width)


def parts_after(runs: Runs, width: int, by: int) -> tuple[Part, ...]:
    """What is drawn anew.

    Args:
        runs: Of the row as it is now.
        width: Of the view, in columns.
        by: How many columns what is kept went to the left; below 0, to the right.
    """
    kept_left, kept_right = max(0, -by), min(width, width - by)
    new_left, new_right = (kept_right, width) if by > 0 else (0, kept_left)
    left, right = kept_left, kept_right
    cut_left, cut_right = _run_over(runs, kept_left), _run_over(runs, kept_right)
    if len(runs.starts) and runs.starts[0] == 0 and not runs.opens[0]:
        left = max(left, int(runs.ends[0]))
    if cut_left is not None:
        left = max(left, int(runs.ends[cut_left]))
    if len(runs.starts) and runs.ends[-1] == width and not runs.closes[-1]:
        right = min(right, int(runs.starts[-1]))
    if cut_right is not None:
        right = min(right, int(runs.starts[cut_right]))
    if left >= right:
        return (Part(left=0, right=width, new_left=new_left, new_right=new_right),)
    parts = (
        Part(left=0, right=left, new_left=new_left, new_right=min(new_right, left)),
        Part(left=right, right=width, new_left=max(new_left, right), new_right=new_right),
    )
    return tuple(part for part in parts if part.right > part.left)


def _run_over(runs: Runs, column: int) -> int | None:
    """The run that has columns on both sides of a column's left edge."""
    run = int(np.searchsorted(runs.starts, column)) - 1
    return run if run >= 0 and runs.ends[run] > column else None
