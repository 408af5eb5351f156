"""How far one register bleeds into the next: where a curve that goes over from one plateau to another has done so.

gate                                  ┊
share of the way    0  0  0  .1 .3 .6 .9  1  1  1      0 is the first register's plateau, 1 the second one's
                            ┊    ┊   ┊
                          left half arrived            0.2, 0.5 and 0.8

The curve is a mean of many takes and still noisy: it is replaced by the nearest one that never turns back.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

Curve = NDArray[np.float64]

REACHED = 0.8  # of the way to its own plateau: there a register is itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One going over, in milliseconds after the gate; NaN where it cannot be told."""

    first: float  # the plateau before the gate
    second: float  # the one after it
    left: float  # from here on the curve is more than a fifth of the way from the first plateau
    half: float  # half-way
    arrived: float  # from here on it is less than a fifth of the way from the second one

    @property
    def before_gate(self) -> float:
        """How far what follows the gate is heard before it."""
        return -self.left

    @property
    def after_gate(self) -> float:
        """How far what precedes the gate is heard after it."""
        return self.arrived


def mean_curve(values: NDArray[np.float64], heard: NDArray[np.bool_]) -> tuple[Curve, Curve]:
    """The mean over those takes that speak at a time, and how many those are; NaN where none does.

    Args:
        values: `[takes, times]`.
        heard: Likewise: whether somebody speaks.
    """
    counts = heard.sum(axis=0).astype(np.float64)
    sums = np.where(heard, values, 0.0).sum(axis=0)
    return np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan), counts


def change_of(times: Curve, curve: Curve, weights: Curve, plateau: tuple[float, float], least: float) -> Change:
    """Where a curve goes over from one plateau to the other.

    Args:
        times: In milliseconds after the gate, rising.
        curve: NaN where it has no value.
        weights: How much each of its values counts.
        plateau: How far from the gate the plateaus lie on either side, in milliseconds: from, to.
        least: Plateaus that lie less than this apart show no change.
    """
    near, far = plateau
    there = ~np.isnan(curve) & (weights > 0)
    sides = [there & (times >= -far) & (times <= -near), there & (times >= near) & (times <= far)]
    if not all(side.any() for side in sides):
        return _unknown(math.nan, math.nan)
    first, second = (float(np.average(curve[side], weights=weights[side])) for side in sides)
    if abs(second - first) < least:
        return _unknown(first, second)
    used = there & (np.abs(times) <= far)
    share = (curve[used] - first) / (second - first)
    rising = isotonic_regression(share, weights=weights[used]).x
    crossed = (_crossing(times[used], rising, level) for level in (1.0 - REACHED, 0.5, REACHED))
    left, half, arrived = crossed
    return Change(first=first, second=second, left=left, half=half, arrived=arrived)


def _crossing(times: Curve, rising: Curve, level: float) -> float:
    """When a curve that never falls reaches a level, between two of its times in a straight line."""
    above = np.flatnonzero(rising >= level)
    if not len(above):
        return math.nan
    place = int(above[0])
    if place == 0:
        return float(times[0])
    low, high = rising[place - 1], rising[place]
    return float(times[place - 1] + (times[place] - times[place - 1]) * (level - low) / (high - low))


def _unknown(first: float, second: float) -> Change:
    return Change(first=first, second=second, left=math.nan, half=math.nan, arrived=math.nan)
