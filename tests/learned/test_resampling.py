import math

import numpy as np
import pytest
from bench.learned.resampling import intervals, shown, shown_mean


def test_a_means_interval_is_the_one_that_normal_theory_gives() -> None:
    values = np.random.default_rng(3).normal(5.0, 2.0, 200)
    (found,) = intervals(lambda drawn: [float(values[drawn].mean())], len(values))
    assert found is not None
    half = 1.96 * values.std() / math.sqrt(len(values))
    assert found == pytest.approx((values.mean() - half, values.mean() + half), abs=0.15 * half)


def test_it_is_the_same_every_time() -> None:
    values = np.arange(30.0)
    one, other = (shown_mean(values, 2) for _ in range(2))
    assert one == other
    assert one.startswith("14.50 (")


def test_a_figure_that_often_has_no_value_has_no_interval() -> None:
    def figures(drawn: np.ndarray) -> tuple[float, float]:
        return (float(drawn.mean()), math.nan if 0 in drawn else 1.0)

    known, unknown = intervals(figures, 5, times=200)
    assert known is not None
    assert unknown is None


@pytest.mark.parametrize(
    ("value", "found", "text"),
    [(1.26, (1.0, 2.0), "1.3 (1.0 to 2.0)"), (1.26, None, "1.3 (unsure)"), (math.nan, None, "–")],
)
def test_how_it_is_shown(value: float, found: tuple[float, float] | None, text: str) -> None:
    assert shown(value, found, 1) == text
