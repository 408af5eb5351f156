"""What a voice engine gives back: speech at 24 kHz and where its words lie."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import Span

RATE = 24_000

_STEP = 120  # 5 ms
_QUIET_DB = -42.0  # below the line's loudest 5 ms
_PAUSE_STEPS = 6

Array = NDArray[np.float64]
Check = Callable[[], None]  # raises when the work is to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidWord:
    """A word as written, and where it is said."""

    text: str
    span: Span  # samples at 24 kHz from the utterance's start


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One line, said once."""

    sound: Array  # [samples] at 24 kHz, ±1
    f0: Array | None  # Hz each 5 ms, 0 where unvoiced; None: not known, has to be measured
    words: tuple[SaidWord, ...]  # at least one
    estimated: bool  # True: the words are laid out by length, not known from the synthesis
    usual_f0: float  # Hz: the engine's own middle pitch
    tract: float  # formants of the engine's voice relative to a woman's

    @property
    def speech(self) -> Span:
        return Span(self.words[0].span.start, self.words[-1].span.end)


class Line(Protocol):
    """A line that an engine has read and can say at any pace."""

    @property
    def least_seconds(self) -> float:
        """What it takes at the very least at the engine's own pace, known before it is said."""
        ...

    def said(self, pace: float, check: Check) -> Utterance:
        """The line said at `pace` times the engine's own pace, or as near as the engine comes."""
        ...


def quiet(sound: Array) -> NDArray[np.bool_]:
    """For each 5 ms, whether nothing is said in it."""
    steps = len(sound) // _STEP
    level = np.sqrt((sound[: steps * _STEP].reshape(steps, _STEP) ** 2).mean(axis=1)) if steps else np.zeros(0)
    return np.asarray(level <= level.max(initial=0.0) * 10 ** (_QUIET_DB / 20))


def settled(words: tuple[SaidWord, ...], sound: Array) -> tuple[SaidWord, ...]:
    """`words` with the silence of every pause taken out of the words beside it.

    given      |--listen.-----|--Did--|you|
    sound       ####### ....... ##########        . quiet
    settled     |listen.|      |--Did--|you|
    """
    silent = quiet(sound)
    loud = np.flatnonzero(~silent)
    if not len(loud):
        return words
    edges = [[word.span.start // _STEP, word.span.end // _STEP] for word in words]
    for before, after in itertools.pairwise(edges):
        lowest = before[0] + max(4, (before[1] - before[0]) // 3)
        highest = after[0] + max(4, (after[1] - after[0]) // 3)
        pause = _longest(silent, lowest, highest)
        if pause.length >= _PAUSE_STEPS:
            before[1], after[0] = pause.start, pause.end
    edges[0][0] = min(int(loud[0]), edges[0][1] - 1)
    edges[-1][1] = max(int(loud[-1]) + 1, edges[-1][0] + 1)
    return tuple(
        replace(word, span=Span(max(0, start) * _STEP, max(start + 1, end) * _STEP))
        for word, (start, end) in zip(words, edges, strict=True)
    )


def _longest(silent: NDArray[np.bool_], lowest: int, highest: int) -> Span:
    """The longest run of quiet steps that begins and ends between the two."""
    best = Span(lowest, lowest)
    start = None
    for step in range(max(0, lowest), min(highest, len(silent)) + 1):
        if step < min(highest, len(silent)) and silent[step]:
            start = step if start is None else start
        elif start is not None:
            best = Span(start, step) if step - start > best.length else best
            start = None
    return best
