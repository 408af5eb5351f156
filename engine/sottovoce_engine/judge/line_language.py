"""Which language a line is written in, as far as its letters and words say."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from sottovoce_engine.judge.pronouncing import is_known
from sottovoce_engine.judge.written_words import ENGLISH, written_words

# Scripts that one language of many speakers writes in; the others (Cyrillic, Arabic, Devanagari) say too little.
_LANGUAGE_OF_SCRIPT = {
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "zh",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}
_LATIN = "LATIN"
# Common English words, without those that other languages write, too (me, no, was, come).
_COMMON_WORDS = (
    "the and of to you that it for with they this have from had but what were when we there can your "
    "which their said if each about how up out them then she many some these would into has two like my "
    "over know been who now get may down way could people than first call where back only think our very "
    "after just name good through want give must right here why ask went let never not don't i'm it's yes "
    "off okay please tell look wait stop take leave listen love nobody nothing hello help sure hold run "
    "sit stand quiet always again anything something someone because before still"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_KNOWN_SHARE = 0.8


def language_of(line: str) -> str | None:
    """The language of `line` as Whisper names it ("en", "ja"), or None where the letters do not say.

    Latin letters are taken for English where nearly all words are English and a common one is among
    them; a name alone is not, nor is a French line without accents. The lines of a whole scene say
    more than one line does.
    """
    scripts = Counter(script for script in map(_script, line) if script)
    if not scripts:
        return None
    if "HIRAGANA" in scripts or "KATAKANA" in scripts:
        return "ja"
    script = max(scripts, key=lambda name: (scripts[name], name))
    return _language_of_latin(line) if script == _LATIN else _LANGUAGE_OF_SCRIPT.get(script)


def _language_of_latin(line: str) -> str | None:
    words = [spoken for word in written_words(line, ENGLISH) for spoken in word.readings[0]]
    return ENGLISH if words and _looks_english(words) else None


def _looks_english(words: Sequence[str]) -> bool:
    known = sum(is_known(word) for word in words)
    return known >= _KNOWN_SHARE * len(words) and any(word in _COMMON for word in words)


def _script(character: str) -> str:
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "")
    return _LATIN if _LATIN in name else name.split(" ")[0].split("-")[0]
