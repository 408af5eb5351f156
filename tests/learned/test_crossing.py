import math

import numpy as np
import pytest
from bench.learned.crossing import change_of, mean_curve

PLATEAU = (250.0, 500.0)
TIMES = np.arange(-605.0, 606.0, 10.0)
EVEN = np.ones_like(TIMES)


def ramp(start: float, end: float, first: float = 0.8, second: float = 0.3) -> np.ndarray:
    """From one plateau to the other in a straight line."""
    return first + (second - first) * np.clip((TIMES - start) / (end - start), 0.0, 1.0)


@pytest.mark.parametrize(("first", "second"), [(0.8, 0.3), (0.3, 0.8)])
@pytest.mark.parametrize(("start", "end"), [(-40.0, 40.0), (20.0, 220.0), (-200.0, -100.0)])
def test_a_straight_change_is_found_where_it_is(first: float, second: float, start: float, end: float) -> None:
    found = change_of(TIMES, ramp(start, end, first, second), EVEN, PLATEAU, 0.05)
    assert (found.first, found.second) == pytest.approx((first, second))
    expected = [start + share * (end - start) for share in (0.2, 0.5, 0.8)]
    assert [found.left, found.half, found.arrived] == pytest.approx(expected, abs=2.0)
    assert (found.before_gate, found.after_gate) == (-found.left, found.arrived)


def test_noise_on_the_plateaus_does_not_count_as_a_change() -> None:
    rng = np.random.default_rng(1)
    noisy = ramp(-40.0, 40.0) + rng.normal(0.0, 0.03, TIMES.shape)
    found = change_of(TIMES, noisy, EVEN, PLATEAU, 0.05)
    assert [found.left, found.half, found.arrived] == pytest.approx([-24.0, 0.0, 24.0], abs=15.0)


def test_what_counts_little_moves_little() -> None:
    curve, weights = ramp(-40.0, 40.0), EVEN.copy()
    wrong = np.abs(TIMES - 105.0) < 1.0
    curve[wrong], weights[wrong] = 0.8, 1e-6
    assert change_of(TIMES, curve, weights, PLATEAU, 0.05).arrived == pytest.approx(24.0, abs=2.0)


def test_plateaus_that_hardly_differ_show_no_change() -> None:
    found = change_of(TIMES, ramp(-40.0, 40.0, 0.5, 0.46), EVEN, PLATEAU, 0.05)
    assert (found.first, found.second) == pytest.approx((0.5, 0.46))
    assert all(math.isnan(value) for value in (found.half, found.before_gate, found.after_gate))


def test_a_side_without_speech_shows_no_change() -> None:
    curve = np.where(TIMES > 0, np.nan, ramp(-40.0, 40.0))
    assert math.isnan(change_of(TIMES, curve, EVEN, PLATEAU, 0.05).half)


def test_the_mean_is_over_those_who_speak() -> None:
    values = np.array([[0.8, 0.8, 0.1], [0.4, 0.1, 0.1]])
    heard = np.array([[True, True, False], [True, False, False]])
    curve, counts = mean_curve(values, heard)
    np.testing.assert_allclose(curve, [0.6, 0.8, np.nan])
    assert counts.tolist() == [2, 1, 0]
