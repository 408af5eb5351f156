"""Registers one slip of the finger away: "wisper: hello" is an error to name, "shot: wide" is not."""

import re
from functools import lru_cache

from sottovoce_otio.hints import Hints, hints_for

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ANY_SLIP = 5  # letters from which a name is distinctive enough for every slip; shorter ones only swap letters
_TWO_SLIPS = 9


def meant_register(word: str, hints: Hints) -> str | None:
    """The register that a misspelt word means, or None where it is a word of its own."""
    return _meant(word.lower(), hints.registers)


def misspelt_register(text: str, hints: Hints) -> str | None:
    """The first word of `text` that is a misspelt register."""
    return next((word for word in _WORD.findall(text)[:12] if meant_register(word, hints)), None)


@lru_cache(maxsize=4096)
def _meant(word: str, registers: tuple[str, ...]) -> str | None:
    hints = hints_for(registers)
    if word in hints.not_misspelt or (word,) in hints.phrases:
        return None
    for phrase, hint in hints.phrases.items():
        if len(phrase) == 1 and phrase[0] in hints.slips_told and _is_slip_of(word, phrase[0]):
            return hint.register
    return None


def _is_slip_of(word: str, known: str) -> bool:
    if abs(len(word) - len(known)) > 2 or len(known) < 4:
        return False
    if len(known) < _ANY_SLIP:
        return word != known and word[0] == known[0] and _swapped_or_doubled(word, known)
    if len(known) < 6 and word[0] != known[0]:
        return False
    return slips_between(word, known) <= (2 if len(known) >= _TWO_SLIPS else 1)


def _swapped_or_doubled(word: str, known: str) -> bool:
    swapped = len(word) == len(known) and sorted(word) == sorted(known) and slips_between(word, known) == 1
    return swapped or (len(word) == len(known) + 1 and re.sub(r"(.)\1", r"\1", word) == known)


def slips_between(first: str, second: str) -> int:
    """Letters left out, added, replaced, or swapped with their neighbour, to make one word of the other.

    Source: optimal string alignment (restricted Damerau-Levenshtein) distance.
    """
    rows = [list(range(len(second) + 1))]
    for i, left in enumerate(first, 1):
        row = [i]
        for j, right in enumerate(second, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and first[i - 2] == right:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
