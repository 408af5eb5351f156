"""Columns against what a look at every region would find."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.editing.drafts import region

from sottovoce_ui.timeline.columns import NOTHING, extents_of, pieces_in_columns, runs_in
from sottovoce_ui.timeline.scale import Scale

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), max_size=20)


@given(SPANS, st.floats(0, 500), st.floats(0.05, 20), st.integers(1, 60))
def test_a_column_shows_the_first_piece_that_it_touches(
    gaps: list[tuple[int, int]], first: float, per_pixel: float, width: int
) -> None:
    regions, at = [], 0
    for number, (gap, length) in enumerate(gaps):
        regions.append(region(number, at + gap, at + gap + length))
        at += gap + length
    extents = extents_of(regions, [each.register for each in regions])
    scale = Scale(first=first, frames_per_pixel=per_pixel, width=width, length_frames=at)
    shown = pieces_in_columns(extents, scale).tolist()
    for column, found in enumerate(shown):
        left = first + column * per_pixel
        touched = [n for n, each in enumerate(regions) if each.span.start < left + per_pixel and each.span.end > left]
        assert found == (touched[0] if touched else NOTHING)


@given(SPANS, st.integers(0, 2000), st.sampled_from([0.0625, 0.25, 1.0, 1.5, 8.0]), st.integers(1, 60))
def test_runs_are_the_columns_that_show_the_same_piece(
    gaps: list[tuple[int, int]], first: int, per_pixel: float, width: int
) -> None:
    regions, at = [], 0
    for number, (gap, length) in enumerate(gaps):
        regions.append(region(number, at + gap, at + gap + length))
        at += gap + length
    extents = extents_of(regions, [each.register for each in regions])
    scale = Scale(first=first / 4, frames_per_pixel=per_pixel, width=width, length_frames=at)
    (runs,) = runs_in([extents], scale)
    assert all(runs.widths > 0)
    shown = np.full(width, NOTHING)
    for piece, start, end, opens, closes in zip(
        runs.pieces, runs.starts, runs.ends, runs.opens, runs.closes, strict=True
    ):
        shown[start:end] = piece
        assert opens == (regions[piece].span.start >= scale.first)
        assert closes == (regions[piece].span.end <= scale.last)
    assert shown.tolist() == pieces_in_columns(extents, scale).tolist()


@given(SPANS, SPANS, st.integers(0, 400), st.integers(1, 60))
def test_rows_do_not_touch_each_other(
    one: list[tuple[int, int]], other: list[tuple[int, int]], first: int, width: int
) -> None:
    rows = []
    for gaps in (one, [], other):
        regions, at = [], 0
        for number, (gap, length) in enumerate(gaps):
            regions.append(region(number, at + gap, at + gap + length))
            at += gap + length
        rows.append(extents_of(regions, [each.register for each in regions]))
    scale = Scale(first=first / 2, frames_per_pixel=1.5, width=width, length_frames=1000)
    for alone, together in zip([runs_in([row], scale)[0] for row in rows], runs_in(rows, scale), strict=True):
        for field in ("pieces", "starts", "ends", "first", "lengths", "opens", "closes"):
            assert getattr(alone, field).tolist() == getattr(together, field).tolist()
