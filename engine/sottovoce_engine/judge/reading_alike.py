"""Choosing how the numerals and short forms of two texts are read, so that they come as near as they may.

line     He's  here  since  1999          heard    He has  here  since  nineteen  ninety-nine
read     he has here since nineteen ninety nine    he has here since nineteen ninety nine
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from sottovoce_engine.judge.numerals import Reading
from sottovoce_engine.judge.written_words import WrittenWord

_LONGEST = 4_000  # characters: above, every word keeps its likeliest reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWord:
    """One spoken word of a text."""

    word: str
    written: int  # index of the written word it belongs to


def letters(words: Sequence[str]) -> str:
    """The words without spaces and apostrophes: what an ear cannot tell apart is not counted."""
    return "".join(words).replace("'", "")


def read_alike(
    line: Sequence[WrittenWord], heard: Sequence[WrittenWord]
) -> tuple[tuple[ReadWord, ...], tuple[ReadWord, ...]]:
    """The spoken words of both, each written word in the reading that brings the two nearest."""
    plain_line, plain_heard = [word.readings[0] for word in line], [word.readings[0] for word in heard]
    if max(len(_joined(plain_line)), len(_joined(plain_heard))) <= _LONGEST:
        plain_line = _nearest(line, plain_line, _joined(plain_heard))
        plain_heard = _nearest(heard, plain_heard, _joined(plain_line))
        plain_line = _nearest(line, plain_line, _joined(plain_heard))
    return _numbered(plain_line), _numbered(plain_heard)


def _nearest(words: Sequence[WrittenWord], readings: list[Reading], towards: str) -> list[Reading]:
    """`readings` with each word's changed, one after the other, where another lies nearer to `towards`."""
    chosen = list(readings)
    for index, word in enumerate(words):
        if len(word.readings) > 1:
            before, after = _joined(chosen[:index]), _joined(chosen[index + 1 :])
            chosen[index] = min(
                word.readings, key=lambda reading: Levenshtein.distance(before + letters(reading) + after, towards)
            )
    return chosen


def _joined(readings: Sequence[Reading]) -> str:
    return "".join(letters(reading) for reading in readings)


def _numbered(readings: Sequence[Reading]) -> tuple[ReadWord, ...]:
    return tuple(ReadWord(word=word, written=index) for index, reading in enumerate(readings) for word in reading)
