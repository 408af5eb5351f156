"""What of a line can be said, and in which language."""

import unicodedata
from collections import Counter
from dataclasses import dataclass

ENGLISH = "en"

# Script names as they begin a letter's Unicode name, and the language espeak-ng is asked for. Where a
# script serves several languages it is the one with most speakers.
_LANGUAGES = {
    "ARABIC": "ar",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "cmn",
    "CYRILLIC": "ru",
    "DEVANAGARI": "hi",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "ORIYA": "or",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}
_LETTERS_OF_ONE_LANGUAGE = {"cyrillic": ("ієїґ", "uk"), "arabic": ("پچژگ", "fa")}
_SPOKEN_SYMBOLS = "°©®№"
_SILENT = ("Cc", "Cf", "Cs", "Co", "Cn", "Me")
_NON_JOINER = "\u200c"  # part of Persian spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is said of a line."""

    text: str  # on one line, without what nobody can say
    language: str  # ENGLISH for the embedded voice, else espeak-ng's name of the language
    notes: tuple[str, ...] = ()


def reading_of(line: str) -> Reading:
    """How `line` is said: by the embedded English voice, or by espeak-ng in the language of its script."""
    plain = unicodedata.normalize("NFC", line)
    text = " ".join("".join(_plain(character) for character in plain).split())
    notes = ["emoji are not spoken"] if any(_is_emoji(character) for character in plain) else []
    scripts = Counter(script for script in map(_script, text) if script)
    latin = scripts.pop("LATIN", 0)
    if not latin and not scripts and not any(character.isdigit() for character in text):
        return Reading(text=" ".join(plain.split()), language=ENGLISH, notes=())
    if sum(scripts.values()) > latin:
        return Reading(text=text, language=_language(scripts, text), notes=tuple(notes))
    if scripts:
        kept = [word for word in text.split() if not any(_script(c) not in ("", "LATIN") for c in word)]
        notes.append(f"words in another script are not spoken ({', '.join(sorted(scripts)).lower()})")
        text = " ".join(kept)
    if any(ord(character) > 0x7F and character.isalpha() for character in text):
        notes.append("read as English")
    return Reading(text=text, language=ENGLISH, notes=tuple(notes))


def can_be_said(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(character.isalnum() for character in text)


def _language(scripts: Counter[str], text: str) -> str:
    # Japanese mixes its own letters with Chinese ones; Chinese holds none of the Japanese ones.
    if "HIRAGANA" in scripts or "KATAKANA" in scripts:
        return "ja"
    script = min(scripts, key=lambda name: (-scripts[name], name))
    letters, language = _LETTERS_OF_ONE_LANGUAGE.get(script.lower(), ("", ""))
    if any(character in letters for character in text.lower()):
        return language
    return _LANGUAGES.get(script, script.lower())


def _plain(character: str) -> str:
    """The character, a space for one that only separates, nothing for one that cannot be said."""
    if character.isspace():
        return " "
    if _is_emoji(character) or (unicodedata.category(character) in _SILENT and character != _NON_JOINER):
        return ""
    return character


def _is_emoji(character: str) -> bool:
    if character in _SPOKEN_SYMBOLS:
        return False
    point = ord(character)
    return unicodedata.category(character) == "So" or 0xFE00 <= point <= 0xFE0F or 0x1F3FB <= point <= 0x1F3FF


def _script(character: str) -> str:
    """The script of a letter, "" for anything else. Full-width Latin letters are Latin."""
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "")
    return "LATIN" if "LATIN" in name else name.split(" ")[0].split("-")[0]
