import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_ui.timeline.scale import FINEST, Scale, whole

SCALES = st.builds(
    lambda length, width, zoom, at: whole(length, width).zoomed(zoom, at),
    st.integers(0, 400_000),
    st.integers(1, 4000),
    st.floats(1e-6, 1.0),
    st.floats(0, 4000),
)


@given(SCALES, st.integers(0, 400_000))
def test_a_frame_is_found_where_it_is_drawn(scale: Scale, frame: int) -> None:
    assert scale.frame(scale.x(frame)) == frame


@given(SCALES, st.floats(0.01, 100), st.floats(0, 1))
def test_zooming_keeps_the_frame_under_the_pointer_unless_an_end_is_in_the_way(
    scale: Scale, factor: float, share: float
) -> None:
    x = share * scale.width
    zoomed = scale.zoomed(factor, x)
    assert zoomed.first >= 0
    assert zoomed.frames_per_pixel >= FINEST
    free = 0 < zoomed.first < zoomed.length_frames * 1.02 - zoomed.width * zoomed.frames_per_pixel
    if free:
        assert zoomed.first + x * zoomed.frames_per_pixel == pytest.approx(
            scale.first + x * scale.frames_per_pixel, abs=1e-3
        )


@given(SCALES, st.integers(0, 400_000))
def test_a_frame_of_the_timeline_can_be_brought_on_the_screen(scale: Scale, frame: int) -> None:
    if frame < scale.length_frames:
        shown = scale.showing(frame)
        assert -1 <= shown.x(frame) <= shown.width + 1


def test_the_whole_timeline_fills_the_width() -> None:
    scale = whole(1000, 510)
    assert scale.x(0) == 0
    assert 480 < scale.x(1000) <= 510
    assert scale.scrolled(-50) == scale
    assert scale.scrolled(5000) == scale
