"""How English words sound, in the phones of the embedded acoustic model: its dictionary, else letter to sound.

The dictionary (CMUdict, 134,000 forms) has no rules for the words it lacks; those, names above all, are
read by the rules and the network of the embedded voice, whose phonemes are put into the same phones.
"""

import itertools
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

Phones = tuple[str, ...]

_VARIANT = re.compile(r"\(\d+\)$")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")  # nooooo
_SOUNDS = {
    "sh": "SH",
    "shh": "SH",
    "hm": "HH M",
    "hmm": "HH M",
    "mm": "M",
    "pst": "P S T",
    "psst": "P S T",
    "tsk": "T S K",
}
_LONGEST = 40  # letters: the time of the voice's rules grows with the cube of them
_MOST_TOGETHER = 16
# The voice's phonemes, longest first; what is not listed (stress, length) has no phone.
_PHONES = {
    "əɹ": "ER", "ɜɹ": "ER", "ɚ": "ER", "ɝ": "ER",
    "A": "EY", "I": "AY", "O": "OW", "Q": "OW", "W": "AW", "Y": "OY",
    "ʤ": "JH", "ʧ": "CH", "ʃ": "SH", "ʒ": "ZH", "θ": "TH", "ð": "DH", "ŋ": "NG", "ɡ": "G", "ɹ": "R", "ɾ": "D", "ʔ": "T",
    "T": "T", "x": "K", "r": "R", "j": "Y", "h": "HH",
    "i": "IY", "ɪ": "IH", "ᵻ": "IH", "u": "UW", "ʊ": "UH", "ʌ": "AH", "ə": "AH", "ᵊ": "AH", "ɐ": "AH",
    "ɛ": "EH", "e": "EH", "æ": "AE", "ɑ": "AA", "a": "AA", "ɒ": "AA", "ɔ": "AO", "o": "OW", "ɜ": "ER",
    "b": "B", "d": "D", "f": "F", "k": "K", "l": "L", "m": "M", "n": "N", "p": "P", "s": "S", "t": "T", "v": "V",
    "w": "W", "z": "Z",
}  # fmt: skip
_PHONEME = re.compile("|".join(sorted(_PHONES, key=len, reverse=True)))


def pronunciations(word: str) -> tuple[Phones, ...]:
    """The ways `word` (lower case) is said; none where its letters say nothing in English."""
    plain = _DRAWN_OUT.sub(r"\1\1", word)
    dotted = ".".join(word) + "."  # pm, usa
    for spelling in (word, _DRAWN_OUT.sub(r"\1", word), dotted):
        known = _dictionary().get(spelling)
        if known is not None:
            return known
    if plain in _SOUNDS:
        return (tuple(_SOUNDS[plain].split()),)
    return _read_by_rule(plain)


def is_known(word: str) -> bool:
    """Whether `word` (lower case) stands in the dictionary."""
    return word in _dictionary()


def sound_alike(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two runs of words cannot be told apart by ear: their and there, grey and gray, a lot and alot."""
    return not _said(tuple(some)).isdisjoint(_said(tuple(others)))


@lru_cache(maxsize=10_000)
def _said(words: tuple[str, ...]) -> frozenset[Phones]:
    each = itertools.product(*(pronunciations(word) for word in words))
    return frozenset(tuple(itertools.chain(*phones)) for phones in itertools.islice(each, _MOST_TOGETHER)) - {()}


@cache
def _dictionary() -> dict[str, tuple[Phones, ...]]:
    from pocketsphinx import get_model_path

    found: dict[str, tuple[Phones, ...]] = {}
    for line in Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8").splitlines():
        spelling, *phones = line.split()
        word = _VARIANT.sub("", spelling)
        found[word] = (*found.get(word, ()), tuple(phones))
    return found


@lru_cache(maxsize=10_000)
def _read_by_rule(word: str) -> tuple[Phones, ...]:
    if len(word) > _LONGEST or not any(letter.isalpha() for letter in word):
        return ()
    phones = tuple(_PHONES[phoneme] for phoneme in _PHONEME.findall(_rules()(word)))
    return (phones,) if phones else ()


@cache
def _rules() -> Any:
    from hibari.g2p import G2P

    return G2P()
