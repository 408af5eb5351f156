"""Crossfades that hold the level, whatever the two sides have in common.

weight of the incoming side   0 0 0 .1 .2 .3 .4 .5 .6 .7 .8 .9 1 1 1
                              |outgoing|<------ fade ------>|incoming|
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import Span

Samples = NDArray[np.float32]

# Two sides that cancel each other leave nothing to hold the level of: below this the gain would only lift noise.
LOWEST_CORRELATION = -0.8
_SILENCE = 1e-12  # mean square below which a side holds no material, -120 dBFS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fade:
    """A crossfade over `span` (scene samples); an empty span is a cut."""

    span: Span
    correlation: float = 0.0  # of the two sides over the fade

    @property
    def centre(self) -> int:
        return (self.span.start + self.span.end) // 2

    def weight(self, block: Span) -> Samples:
        """The incoming side's linear weight for each sample of `block`: exactly 0 before, exactly 1 after."""
        weight = np.zeros(block.length, np.float32)
        weight[max(0, min(self.span.end, block.end) - block.start) :] = 1.0
        if inside := self._inside(block):
            weight[inside] = self._ramp(block)
        return weight

    def rising(self, block: Span) -> Samples:
        """The gain of the incoming side."""
        gain = self.weight(block)
        if inside := self._inside(block):
            gain[inside] *= held(gain[inside], self.correlation)
        return gain

    def falling(self, block: Span) -> Samples:
        """The gain of the outgoing side."""
        gain = 1.0 - self.weight(block)
        if inside := self._inside(block):
            gain[inside] *= held(gain[inside], self.correlation)
        return gain

    def held(self, block: Span) -> Samples | float:
        """The common gain of both sides; 1 where the block lies outside the fade."""
        inside = self._inside(block)
        if inside is None:
            return 1.0
        gain = np.ones(block.length, np.float32)
        gain[inside] = held(self._ramp(block), self.correlation)
        return gain

    def _inside(self, block: Span) -> slice | None:
        """Where the fade lies in the block, as indices."""
        part = self.span.common(block)
        return None if part is None else slice(part.start - block.start, part.end - block.start)

    def _ramp(self, block: Span) -> Samples:
        """The weights of the part of the fade that lies in the block."""
        first, last = max(self.span.start, block.start), min(self.span.end, block.end)
        return ((np.arange(first, last) - self.span.start + 0.5) / self.span.length).astype(np.float32)


def held(weight: Samples, correlation: float) -> Samples:
    """The common gain that keeps the level while one side of equal level replaces the other.

    With weights a = 1 - w and b = w and correlation r, the power of the sum is a² + b² + 2rab times
    that of either side; this returns 1 / sqrt(a² + b² + 2rab). It is 1 at both ends, equal power for
    r = 0 and equal gain for r = 1.
    """
    shared = weight * (1.0 - weight)
    loss = 2.0 * (1.0 - max(correlation, LOWEST_CORRELATION))
    gain: Samples = (1.0 / np.sqrt(1.0 - loss * shared)).astype(np.float32)
    return gain


def correlation(outgoing: Samples, incoming: Samples) -> float:
    """Normalised correlation of two sounds `[channels, samples]` of one length; 0 where either is silent."""
    if outgoing.size == 0:
        return 0.0
    first, second = outgoing.astype(np.float64), incoming.astype(np.float64)
    powers = float(np.mean(first**2)), float(np.mean(second**2))
    if min(powers) < _SILENCE:
        return 0.0
    return float(np.clip(np.mean(first * second) / np.sqrt(powers[0] * powers[1]), -1.0, 1.0))


def equal_power(weight: Samples) -> Samples:
    """The gain of a side of that weight where the other side is unrelated to it."""
    return weight * held(weight, 0.0)
