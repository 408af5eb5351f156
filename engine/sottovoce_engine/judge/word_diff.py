"""Which words of a line were said, which are missing, which were added, and which became others.

line     I    will  not  go    there
heard    I    will       know  there  now
         same same  missing wrong same added
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from sottovoce_engine.judge.reading_alike import letters

Alike = Callable[[Sequence[str], Sequence[str]], bool]  # whether two runs of words are the same to an ear

_ABSENT = 0.7  # what a missing or an added word costs; two words that share half their letters are rather one changed
_LARGEST = 4_000  # pairs of words: above, a stretch in which nothing agrees is not sorted further
_RUNS = ((1, 1), (1, 2), (2, 1), (2, 2))  # words against words: floorboards, floor boards


class Change(StrEnum):
    """What became of words of the line."""

    SAME = "same"
    MISSING = "missing"
    ADDED = "added"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step through both texts: words `[line_start, line_end)` of the line against words of what was heard."""

    change: Change
    line_start: int
    line_end: int
    heard_start: int
    heard_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """A run of words of both texts that are equal, or a gap in which something differs."""

    equal: bool
    line_start: int = 0
    line_end: int = 0
    heard_start: int = 0
    heard_end: int = 0

    @property
    def empty(self) -> bool:
        return self.line_start == self.line_end and self.heard_start == self.heard_end


def word_steps(line: Sequence[str], heard: Sequence[str], alike: Alike) -> tuple[Step, ...]:
    """The steps that lead through both texts at the least cost, each word once, in order."""
    steps: list[Step] = []
    for part in _stretches(line, heard):
        if part.equal:
            steps += [
                _step(Change.SAME, part.line_start + place, part.heard_start + place, 1, 1)
                for place in range(part.line_end - part.line_start)
            ]
        else:
            gap = _sorted_out(line[part.line_start : part.line_end], heard[part.heard_start : part.heard_end], alike)
            steps += [
                _step(change, part.line_start + i, part.heard_start + j, taken, given)
                for change, i, j, taken, given in gap
            ]
    return tuple(steps)


def character_error_rate(line: Sequence[str], heard: Sequence[str], steps: Sequence[Step]) -> float:
    """Letters to change, leave out or put in, per letter of the line; words that sound the same count as the same."""
    meant = letters(line)
    understood = letters(
        [
            word
            for step in steps
            for word in (
                line[step.line_start : step.line_end]
                if step.change is Change.SAME
                else heard[step.heard_start : step.heard_end]
            )
        ]
    )
    return Levenshtein.distance(meant, understood) / max(1, len(meant))


def _step(change: Change, line_start: int, heard_start: int, taken: int, given: int) -> Step:
    return Step(
        change=change,
        line_start=line_start,
        line_end=line_start + taken,
        heard_start=heard_start,
        heard_end=heard_start + given,
    )


def _stretches(line: Sequence[str], heard: Sequence[str]) -> Iterator[_Stretch]:
    """Runs of equal words, and between them whole gaps in which something differs."""
    gap = _Stretch(equal=False)
    for code in Levenshtein.opcodes(line, heard):
        here = _Stretch(
            equal=code.tag == "equal",
            line_start=code.src_start,
            line_end=code.src_end,
            heard_start=code.dest_start,
            heard_end=code.dest_end,
        )
        if not here.equal:
            first = here if gap.empty else gap
            gap = replace(here, line_start=first.line_start, heard_start=first.heard_start)
            continue
        if not gap.empty:
            yield gap
            gap = _Stretch(equal=False)
        yield here
    if not gap.empty:
        yield gap


def _sorted_out(line: Sequence[str], heard: Sequence[str], alike: Alike) -> list[tuple[Change, int, int, int, int]]:
    """The cheapest way through a gap: (change, place in the line, place in what was heard, words taken, words given)."""
    if len(line) * len(heard) > _LARGEST:
        return [(Change.WRONG, 0, 0, len(line), len(heard))]
    best: dict[tuple[int, int], tuple[float, tuple[Change, int, int, int, int] | None]] = {(0, 0): (0.0, None)}
    for i in range(len(line) + 1):
        for j in range(len(heard) + 1):
            here = best[i, j][0]
            for change, taken, given, cost in _moves(line[i : i + 2], heard[j : j + 2], alike):
                there = (i + taken, j + given)
                if there not in best or here + cost < best[there][0]:
                    best[there] = (here + cost, (change, i, j, taken, given))
    path, place = [], (len(line), len(heard))
    while (step := best[place][1]) is not None:
        path.append(step)
        place = (step[1], step[2])
    return path[::-1]


def _moves(line: Sequence[str], heard: Sequence[str], alike: Alike) -> Iterator[tuple[Change, int, int, float]]:
    """What may come next: (change, words taken of the line, words taken of what was heard, cost)."""
    if line:
        yield Change.MISSING, 1, 0, _ABSENT
    if heard:
        yield Change.ADDED, 0, 1, _ABSENT
    for taken, given in _RUNS:
        if taken > len(line) or given > len(heard):
            continue
        meant, got = line[:taken], heard[:given]
        if letters(meant) == letters(got) or alike(meant, got):
            yield Change.SAME, taken, given, 0.0
        elif taken == given == 1:
            yield Change.WRONG, 1, 1, 0.3 + Levenshtein.normalized_distance(meant[0], got[0])
