"""How sure figures are that were worked out from many takes: they are worked out again from takes drawn out of them."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_TIMES, _SEED = 2_000, 5
_MOST_MISSING = 0.025  # of all draws: with more, one end of the interval is unknown

Drawn = NDArray[np.intp]
Interval = tuple[float, float]


def intervals(figures: Callable[[Drawn], Sequence[float]], takes: int, times: int = _TIMES) -> list[Interval | None]:
    """For each figure the interval that holds it with 95 % confidence, by the bootstrap. The same every time.

    Args:
        figures: Of the takes of these numbers, some of them several times over; NaN where one has no value.
        takes: How many there are.
        times: How often they are drawn.

    Returns:
        None for a figure that had no value in too many draws.

    Source: Efron (1979), Bootstrap methods: another look at the jackknife. Percentiles.
    """
    rng = np.random.default_rng(_SEED)
    found = np.array([figures(rng.integers(takes, size=takes)) for _ in range(times)])
    return [_middle(each) for each in found.T]


def shown_mean(values: NDArray[np.float64], digits: int) -> str:
    """Such as "0.41 (0.36 to 0.47)": the mean with its interval."""
    (found,) = intervals(lambda drawn: [float(values[drawn].mean())], len(values))
    return shown(float(values.mean()), found, digits)


def shown(value: float, found: Interval | None, digits: int) -> str:
    """A figure with its interval; "–" where it has no value, and no interval where that is unknown."""
    if math.isnan(value):
        return "–"
    return f"{value:.{digits}f} (unsure)" if found is None else f"{value:.{digits}f} ({_shown(found, digits)})"


def _shown(found: Interval, digits: int) -> str:
    return " to ".join(f"{end:.{digits}f}" for end in found)


def _middle(drawn: NDArray[np.float64]) -> Interval | None:
    there = drawn[~np.isnan(drawn)]
    if len(there) < (1 - _MOST_MISSING) * len(drawn):
        return None
    low, high = np.percentile(there, (2.5, 97.5))
    return float(low), float(high)
