"""Who speaks: telling "SC12-034 ANNA" from "Fix colour" in what stands before a register or a colon."""

import re
from collections.abc import Collection, Sequence

from sottovoce_otio.hints import Hints

_CUE = re.compile(r"^[#(]?[^\W\d_]{0,8}[-_./#]?\d[\w./#-]*\)?$")
_CUE_WORDS = ("scene", "sc", "sc.", "cue", "line")
_PARTICLES = ("of", "the", "de", "da", "di", "van", "von", "der", "la", "le", "el", "al", "bin")
_NAME_WORD = re.compile(r"^(?:[^\W\d_][\w'’.&-]*|#?\d{1,3})$")
_MAX_WORDS = 4
_MAX_CHARACTERS = 40


def voice_name(text: str, hints: Hints, known: Collection[str]) -> tuple[str, str]:
    """(cue, name) of what stands before a register; ("", "") where that is nobody's name.

    A name is up to four words that begin with a capital (or of a script without capitals), none of
    which editors use for anything else. A name in `known` (casefolded) is one however it is written.
    """
    words = text.strip(" ,-–—:*•/").split()
    cue, rest = _cue_first(words)
    name = " ".join(rest).strip(" ,-–—/.") if not _is_abbreviated(rest) else " ".join(rest)
    if name.casefold() in known:
        return cue, name
    return (cue, name) if _is_name(name, hints) else ("", "")


def cue_and_name(words: Sequence[str], known: Collection[str]) -> tuple[str, str]:
    """(cue, name) of our own form, where all words belong to the one or the other."""
    for start in range(len(words)):
        name = " ".join(words[start:])
        if name.casefold() in known:
            return "-".join(words[:start]), name
    cue, rest = _cue_first(list(words))
    return cue, " ".join(rest)


def is_shouted_name(name: str) -> bool:
    """Whether a name is written in capitals, as screenplays do."""
    return name.upper() == name and name.lower() != name


def _cue_first(words: list[str]) -> tuple[str, list[str]]:
    """A cue, such as SC12-034, 12A or "Scene 4", and the rest; a number alone is no cue of anybody."""
    if len(words) > 2 and words[0].lower() in _CUE_WORDS and _CUE.match(words[1]):
        return f"{words[0]}-{words[1]}", words[2:]
    if len(words) > 1 and _CUE.match(words[0]):
        return words[0].strip("()"), words[1:]
    return "", words


def _is_name(name: str, hints: Hints) -> bool:
    words = name.split()
    if not 0 < len(words) <= _MAX_WORDS or len(name) > _MAX_CHARACTERS:
        return False
    for index, word in enumerate(words):
        lowered = word.lower()
        if 0 < index < len(words) - 1 and lowered in _PARTICLES:
            continue
        if not _NAME_WORD.match(word) or lowered.strip(".") in hints.not_voices or word[0].islower():
            return False
    return any(character.isalpha() for character in words[0])


def _is_abbreviated(words: Sequence[str]) -> bool:
    """Whether the dot at the end belongs to the name: "JR."."""
    return bool(words) and len(words[-1].rstrip(".")) <= 3 and words[-1].endswith(".")
