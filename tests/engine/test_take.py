from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import PlacedTake, RenderJob, SpokenWord, Take, Window, handles_of, take_start
from sottovoce_engine.timing import Span

NTSC = Fraction(30_000, 1001)
REGION = Region(id="0000000a", span=Span(124, 148), register="soft", voice="Anna", line="no, not now")
JOB = RenderJob(
    key="k",
    content="c",
    region=REGION,
    voice=Voice(name="Anna", gender=Gender.WOMAN),
    register=register_table().get("soft"),
    caption="",
    window=Window(start=100, model_frames=73),
    rate=Fraction(24),
    start_frame=86_400,
    drop_frame=False,
    raster=Raster(width=640, height=360),
    picture=PictureMode.CUT,
    seed=1,
    renderer="scratch",
)
TAKE = Take(
    job=JOB,
    media=f"{'a' * 64}.mov",
    length_frames=73,
    length_samples=146_000,
    words=(SpokenWord(text="not", span=Span(60_000, 70_000)), SpokenWord(text="no", span=Span(50_000, 55_000))),
    words_estimated=False,
    made="2026-01-31T12:00:00+00:00",
    loudness_lufs=None,
    true_peak_dbtp=-3.0,
)


@pytest.mark.parametrize("frames", [0, 1, 8, 10, 96, -7])
def test_a_window_has_8k_plus_1_frames(frames: int) -> None:
    with pytest.raises(ValueError, match=r"8k\+1 frames"):
        Window(start=0, model_frames=frames)


@given(start=st.integers(-100, 100), k=st.integers(1, 60), divisor=st.integers(1, 4))
def test_a_window_counts_scene_frames(start: int, k: int, divisor: int) -> None:
    window = Window(start=start, model_frames=8 * k + 1, divisor=divisor)
    assert window.span == Span(start, start + (8 * k + 1) * divisor)
    assert window.span.length == window.length


def test_a_job_in_samples_from_the_windows_first_frame() -> None:
    assert JOB.model_rate == 24
    assert JOB.length_samples == 146_000
    assert JOB.region_samples == Span(48_000, 96_000)
    half = replace(JOB, rate=NTSC * 2, window=Window(start=100, model_frames=73, divisor=2))
    assert half.model_rate == NTSC
    assert half.length_samples == 116_917  # 146 frames of 800.8 samples
    assert half.region_samples == Span(19_219, 38_438)


def test_speech_runs_from_the_first_word_to_the_last_one() -> None:
    assert TAKE.speech == Span(50_000, 70_000)
    assert replace(TAKE, words=()).speech == JOB.region_samples


def test_a_take_with_picture_is_a_movie() -> None:
    assert TAKE.has_picture
    assert not replace(TAKE, media=f"{'a' * 64}.wav").has_picture


@pytest.mark.parametrize(
    ("span", "start"),
    [
        (Span(124, 148), 100),
        (Span(134, 158), 110),  # moved as a whole: the speech comes along
        (Span(24, 48), 0),
        (Span(124, 140), 100),  # trimmed at its end
        (Span(130, 148), 100),  # trimmed at its start
        (Span(120, 160), 100),  # drawn out at both ends
    ],
)
def test_a_take_follows_its_region(span: Span, start: int) -> None:
    region = replace(REGION, span=span)
    assert take_start(TAKE, region) == start
    assert PlacedTake(region=region, take=TAKE, path="/a.mov").start_frame == start
    assert handles_of(TAKE, region) == (span.start - start, start + TAKE.length_frames - span.end)
