import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce_engine.splice.fades import LOWEST_CORRELATION, Fade, correlation, equal_power, held
from sottovoce_engine.timing import Span


def _pair(r: float, length: int = 200_000) -> tuple[np.ndarray, np.ndarray]:
    """Two noises of equal power whose correlation is exactly `r`."""
    rng = np.random.default_rng(7)
    a, b = rng.standard_normal((2, length))
    b -= a * (a @ b) / (a @ a)
    a /= np.sqrt(np.mean(a**2))
    b /= np.sqrt(np.mean(b**2))
    return a.astype(np.float32)[None], (r * a + np.sqrt(1 - r * r) * b).astype(np.float32)[None]


@given(r=st.floats(LOWEST_CORRELATION, 1.0))
@settings(max_examples=25, deadline=None)
def test_a_fade_holds_the_level_for_any_correlation(r: float) -> None:
    outgoing, incoming = _pair(r)
    measured = correlation(outgoing, incoming)
    assert measured == pytest.approx(r, abs=2e-3)
    fade = Fade(span=Span(0, outgoing.shape[1]), correlation=measured)
    block = Span(0, outgoing.shape[1])
    mixed = outgoing * fade.falling(block) + incoming * fade.rising(block)
    levels = 10 * np.log10(np.mean(mixed.reshape(20, -1).astype(np.float64) ** 2, axis=1))
    assert np.abs(levels).max() < 0.35  # 10,000 samples of noise know their own level to about 0.1 dB


def test_the_same_sound_on_both_sides_passes_unchanged() -> None:
    sound, _ = _pair(0.0, 4_000)
    fade = Fade(span=Span(500, 3_500), correlation=correlation(sound, sound))
    block = Span(0, 4_000)
    assert np.abs(sound * fade.falling(block) + sound * fade.rising(block) - sound).max() < 1e-6


def test_unrelated_sides_fade_with_equal_power_and_bends_stay_bounded_for_opposite_ones() -> None:
    weight = np.linspace(0, 1, 101, dtype=np.float32)
    assert equal_power(weight)[50] == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert held(weight, -1.0).max() == held(weight, LOWEST_CORRELATION).max() < 3.2


@given(start=st.integers(-50, 50), length=st.integers(0, 60), r=st.floats(-1, 1))
def test_outside_its_span_a_fade_is_exactly_nothing_or_everything(start: int, length: int, r: float) -> None:
    fade = Fade(span=Span(start, start + length), correlation=r)
    block = Span(-100, 150)
    rising, falling = fade.rising(block), fade.falling(block)
    before, after = slice(0, start + 100), slice(start + length + 100, None)
    assert (rising[before] == 0).all()
    assert (falling[before] == 1).all()
    assert (rising[after] == 1).all()
    assert (falling[after] == 0).all()
    inside = rising[start + 100 : start + length + 100]
    assert (np.diff(inside) >= -1e-3).all() or r < 0


def test_silence_is_related_to_nothing() -> None:
    sound, _ = _pair(0.0, 100)
    assert correlation(sound, np.zeros_like(sound)) == 0.0
    assert correlation(sound[:, :0], sound[:, :0]) == 0.0
