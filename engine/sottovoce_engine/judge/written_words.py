"""A line as words, each with the ways it may be said: the form in which a line and what was heard are compared.

written      They   left   at   7:45,                 it's
readings     they   left   at   seven forty five      it is | it has | it's
                                seven four five
"""

import itertools
import re
import unicodedata
from dataclasses import dataclass

from sottovoce_engine.judge.contractions import short_form_readings
from sottovoce_engine.judge.numerals import Reading, numeral_readings

ENGLISH = "en"

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))
_PIECE = re.compile(r"[$£€]\d[\d,.]* (?:hundred|thousand|million|billion|trillion)\S*|\S+")  # "$5 million" is one
_DASHES = re.compile(r"[\u2010-\u2015\u2212-]+")
_ABBREVIATED = re.compile(r"(?:[^\W\d_]\.){2,}")  # p.m., U.S.A.
_OUTER = re.compile(r"^[^\w$£€#°'@&+%]+|[^\w$£€%°'&+]+$")
_DROPPED_G = "in'"
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "MYANMAR", "KHMER")  # scripts that part no words
_MOST_READINGS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenWord:
    """A word as written, and how it may be said."""

    text: str  # as written, with its punctuation
    readings: tuple[Reading, ...]  # at least one, each of at least one word; lower case, the likeliest first


def written_words(text: str, language: str | None) -> tuple[WrittenWord, ...]:
    """The words of `text`; what nobody can say (punctuation, emoji) is left out.

    English numerals and short forms are read out. In every other language a word is its letters in
    lower case, and in scripts that set no spaces each letter is a word.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text.replace("…", " ")).translate(_APOSTROPHES).split())
    if language == ENGLISH:
        each = ((piece, _english_readings(piece.lower())) for piece in _PIECE.findall(plain))
        return tuple(WrittenWord(text=piece, readings=readings) for piece, readings in each if readings)
    return tuple(
        WrittenWord(text=part, readings=((part.casefold(),),))
        for piece in plain.split()
        for word in _runs(piece)
        for part in (word if _is_unspaced(word) else (word,))
    )


def _english_readings(piece: str) -> tuple[Reading, ...]:
    """The readings of what lies between two spaces: those of its parts, one after the other."""
    each = [readings for part in _DASHES.split(piece) if (readings := _part_readings(part))]
    together = itertools.islice(itertools.product(*each), _MOST_READINGS) if each else ()
    return tuple(tuple(itertools.chain(*readings)) for readings in together)


def _part_readings(part: str) -> tuple[Reading, ...]:
    bare = _without_outer(part)
    if _ABBREVIATED.fullmatch(bare + "."):
        bare = bare.replace(".", "")
    runs = tuple(_runs(bare))
    return short_form_readings(bare) or numeral_readings(bare) or ((runs,) if runs else ())


def _without_outer(word: str) -> str:
    """`word` without the punctuation around it; an apostrophe stays where it stands for letters ('em, goin', '90s)."""
    bare = _OUTER.sub("", word)
    if bare.startswith("'") and not bare[1:2].isdigit() and not short_form_readings(bare.rstrip("'")):
        bare = bare.lstrip("'")
    return bare if bare.endswith(_DROPPED_G) else bare.rstrip("'")


def _runs(text: str) -> list[str]:
    """The runs of letters, digits and apostrophes in it."""
    kept = "".join(c if c == "'" or unicodedata.category(c)[0] in "LMN" else " " for c in text)
    return [word for run in kept.split() if (word := run.strip("'"))]


def _is_unspaced(word: str) -> bool:
    return any(unicodedata.name(character, "").startswith(_UNSPACED) for character in word)
