"""Who speaks in a subtitle's text: telling "ANNA: come in" from "Look: a star"."""

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sottovoce_otio.hints import Direction
from sottovoce_otio.typed_forms import voice_and_register
from sottovoce_otio.vocabulary import BRACKETS, SpokenMark, Vocabulary, joined
from sottovoce_otio.voice_names import is_shouted_name, voice_name

_BRACKET = re.compile(r"^[(\[]([^()\[\]]{1,200})[)\]]\s*(?:[:：]\s*)?")
_PREFIX = re.compile(
    r"^([^\n:：()\[\]\"“„«「]{1,60}?)\s*((?:[(\[][^()\[\]]{1,200}[)\]][^\S\n]*)*)(?:([:：])(?!\d)\s*|\n\s*)"
)
_OFTEN = 2  # a name in ordinary letters is one that stands before a colon, or in brackets, this often
_SHORT_NAME = 6  # characters of a name in brackets, in a script without capitals


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What comes before the words that are spoken."""

    voice: str
    cue: str
    direction: Direction
    rest: str  # the words


@dataclass(frozen=True, slots=True, kw_only=True)
class Speakers:
    """The names that speak in a file."""

    known: Vocabulary
    names: frozenset[str]  # casefolded

    def opening(self, text: str) -> Opening:
        """The speaker and the directions at the beginning of `text`, in any order."""
        voice, cue, direction, rest = "", "", Direction(), text.strip()
        while True:
            bracket = _BRACKET.match(rest)
            if bracket is not None:
                said, named = self.told(bracket[1])
                after = rest[bracket.end() :]
                voice = voice or named or ("" if said.hint else self._bracketed_name(bracket[1], after))
                direction, rest = joined(direction, said), after.lstrip()
                continue
            found = _PREFIX.match(rest)
            prefixed = None if voice or found is None else self._prefixed(found, rest[found.end() :])
            if prefixed is None:
                return Opening(voice=voice, cue=cue, direction=direction, rest=rest)
            voice, cue, direction = prefixed.voice, prefixed.cue, joined(direction, prefixed.direction)
            rest = prefixed.rest

    def told(self, text: str) -> tuple[Direction, str]:
        """What words beside a line say: a manner, a voice, or both: "Anna whispering", "Anna, softly", "Anna sighs"."""
        direction, voice = self.known.hints.direction(text), ""
        has_manner = direction.hint is not None
        for words in direction.unknown:
            said = voice_and_register(words.split(), Direction(), "", self.known)
            if isinstance(said, SpokenMark) and said.voice:
                voice = voice or said.voice
                direction = joined(direction, self.known.hints.direction(said.register))
            elif self.knows(name := _before_sounds(words, self.known)):
                voice = voice or name
            elif has_manner and text.strip().startswith(words):
                voice = voice or voice_name(words, self.known.hints, self.known.voices)[1]
        return direction, voice

    def knows(self, name: str) -> bool:
        return name.casefold() in self.names or self.known.knows(name)

    def begins_turn(self, line: str) -> bool:
        """Whether a line of text begins with somebody's name."""
        return bool(self.opening(line).voice)

    def _prefixed(self, found: re.Match[str], rest: str) -> Opening | None:
        direction = self.known.bracketed(found[2])
        cue, name = voice_name(found[1], self.known.hints, self.known.voices | self.names)
        follows = self.known.opening(rest)
        beside = (
            direction.hint is not None or direction.extension or (follows is not None and follows[0].hint is not None)
        )
        if name and (beside or (self._is_speaker(name, rest) if found[3] else self.knows(name))):
            return Opening(voice=name, cue=cue, direction=direction, rest=rest)
        said = voice_and_register(found[1].split(), direction, rest, self.known) if found[3] else None
        if not isinstance(said, SpokenMark):
            return None
        manner = self.known.hints.direction(said.register)
        return Opening(voice=said.voice, cue=said.cue, direction=joined(direction, manner), rest=rest)

    def _is_speaker(self, name: str, rest: str) -> bool:
        if self.knows(name) or _has_no_case(name) or self.known.sex(name) is not None:
            return True
        return is_shouted_name(name) and not is_shouted_name(rest)

    def _bracketed_name(self, inside: str, rest: str) -> str:
        """The name in a bracket before words: "(アンナ)おいで", "[Anna] Come in"."""
        name = _name_in(inside, self.known)
        if not name or not BRACKETS.sub("", rest).strip():
            return ""
        return name if self.knows(name) or (_has_no_case(name) and len(name) <= _SHORT_NAME) else ""


def speakers_in(texts: Iterable[str], voices: Iterable[str], known: Vocabulary) -> Speakers:
    """Everybody who speaks in a file.

    Args:
        texts: All of its texts, cleaned.
        voices: Who its own tags name.
        known: Whom the person has named; and the hints.
    """
    counted: Counter[str] = Counter()
    for text in texts:
        lines = text.splitlines()
        for number, line in enumerate(lines, 1):
            plain = line.lstrip(" -–—‐>")
            found, bracket = _PREFIX.match(plain), _BRACKET.match(plain)
            if found is not None and found[3]:
                counted[voice_name(found[1], known.hints, known.voices)[1].casefold()] += 1
            elif bracket is not None and (plain[bracket.end() :].strip() or number < len(lines)):
                counted[_name_in(bracket[1], known).casefold()] += 1
    often = {name for name, count in counted.items() if name and count >= _OFTEN}
    return Speakers(known=known, names=frozenset(often | {voice.casefold() for voice in voices if voice}))


def _name_in(inside: str, known: Vocabulary) -> str:
    """The name that a bracket holds, which is neither a direction nor a sound."""
    if not known.hints.direction(inside).unknown or _before_sounds(inside, known) != inside:
        return ""
    return voice_name(inside, known.hints, known.voices)[1]


def _before_sounds(text: str, known: Vocabulary) -> str:
    """The words before the first that is a sound, such as the name in "ANNA SIGHS"."""
    sounds, asides = known.hints.sounds, known.hints.asides
    return " ".join(
        itertools.takewhile(lambda word: word.lower() not in sounds and word.lower() not in asides, text.split())
    )


def _has_no_case(name: str) -> bool:
    return name.upper() == name.lower()
