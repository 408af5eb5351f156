"""How people write manners of speaking: `hints.toml` as a value, and what a few words of it mean."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from sottovoce_engine.scene import Gender

Words = tuple[str, ...]

_PARTS = re.compile(r"\s*[,;/&+|、・／]\s*|\s+[-–—]+\s+")
_EDGES = " \t\n.:!?\"'“”‘’*_。…「」『』"
_WITHOUT_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff]")  # kana and CJK ideographs
_LONGEST_PHRASE = 6
_MAX_WORDS = 12  # of one part; longer text is no direction


class HintKind(StrEnum):
    """How clearly a word speaks of a voice: a colour grader writes "soft", but hardly "whispering"."""

    NAME = "name"  # a register's own name
    VERB = "verb"
    MANNER = "manner"
    QUALITY = "quality"
    SPEAKING = "speaking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A word or phrase that stands for a register."""

    register: str
    kind: HintKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """What the words beside a voice say: "(man, speaking softly)", "(V.O.)", "(beat, softly)"."""

    hint: Hint | None = None
    gender: Gender | None = None
    names_gender: bool = False  # the gender stands there as a word, as in the LoRA card's form
    extension: bool = False
    unknown: tuple[str, ...] = ()  # parts that say nothing we know


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """All languages of `hints.toml` laid together, with the names of the registers in force."""

    registers: tuple[str, ...]
    phrases: Mapping[Words, Hint]
    stems: tuple[tuple[str, Hint], ...]
    slips_told: frozenset[str]  # verbs, and registers' names, whose misspellings are told
    alone: frozenset[Words]
    fillers: frozenset[str]
    places: frozenset[str]
    negations: frozenset[str]
    speaking: frozenset[str]
    extensions: frozenset[str]
    asides: frozenset[str]
    sounds: frozenset[str]
    genders: Mapping[str, Gender]
    named: Mapping[str, Gender]
    signs: Mapping[str, Gender]
    adjectives: frozenset[str]
    tones: tuple[str, ...]
    tracks_dialogue: frozenset[str]
    tracks_other: frozenset[str]
    not_voices: frozenset[str]
    not_spoken: frozenset[str]
    not_misspelt: frozenset[str]

    def meaning(self, text: str) -> Hint | None:
        """The hint `text` is, as a whole; None where a word of it is not understood or says the opposite.

        A verb outweighs an adverb: "whispering quietly" is a whisper.
        """
        words = _words(text)
        if not 0 < len(words) <= _MAX_WORDS or self.negations.intersection(words):
            return None
        found: list[Hint] = []
        spoken = False
        index = 0
        while index < len(words):
            hint, length = self._phrase_at(words, index)
            if hint is not None:
                found.append(hint)
            elif found and found[-1].kind is HintKind.VERB and words[index] in self.places:
                break
            elif words[index] in self.speaking:
                spoken = True
            elif words[index] not in self.fillers:
                return None
            index += length
        strongest = (HintKind.VERB, HintKind.NAME, HintKind.MANNER, HintKind.QUALITY)
        if found:
            return min(found, key=lambda each: strongest.index(each.kind))
        return Hint(register="normal", kind=HintKind.SPEAKING) if spoken else None

    def stands_alone(self, text: str) -> bool:
        """Whether `text` before a colon makes a mark without anybody's name."""
        words = _words(text)
        return words in self.alone or (len(words) == 1 and words[0] in self.registers)

    def direction(self, text: str) -> Direction:
        """What a bracket beside a voice says; parts are divided by commas."""
        hint, gender, names_gender, extension = None, None, False, False
        unknown: list[str] = []
        for part in filter(None, (each.strip(_EDGES) for each in _PARTS.split(text))):
            lowered = part.lower().replace("’", "'")
            sex, rest = self._gender_first(lowered)
            if sex is not None:
                gender, names_gender = gender or sex, True
            if not rest or lowered in self.asides:
                continue
            if lowered in self.extensions or lowered + "." in self.extensions:
                extension = True
                continue
            gender = gender or next((found for sign, found in self.signs.items() if sign in lowered), None)
            meant = self.meaning(rest)
            if meant is None:
                unknown.append(part)
            elif hint is None or hint.kind is HintKind.SPEAKING:
                hint = meant
        return Direction(
            hint=hint, gender=gender, names_gender=names_gender, extension=extension, unknown=tuple(unknown)
        )

    def gender_alone(self, text: str) -> Gender | None:
        """The gender where `text` says nothing else: "woman", "a man"."""
        gender, rest = self._gender_first(text.strip().lower())
        return gender if not rest else None

    def gender_of_name(self, name: str) -> Gender | None:
        """The gender that a voice's own name gives away: "OLD MAN", "MRS. HILL"."""
        words = [word for word in name.lower().split() if not word.strip("#").isdigit()]
        if not words:
            return None
        return self.named.get(words[-1]) or self.named.get(words[0])

    def _phrase_at(self, words: Words, index: int) -> tuple[Hint | None, int]:
        for length in range(min(_LONGEST_PHRASE, len(words) - index), 0, -1):
            hint = self.phrases.get(words[index : index + length])
            if hint is not None:
                return hint, length
        return self._by_stem(words[index]), 1

    def _by_stem(self, word: str) -> Hint | None:
        """The hint of the stem that ends last: 優しく囁く is a whisper; of two, the longer: 絶叫 is more than 叫."""
        found = [(_stem_end(word, stem), len(stem), hint) for stem, hint in self.stems]
        end, _, hint = max(found, key=lambda each: each[:2])
        return hint if end else None

    def _gender_first(self, part: str) -> tuple[Gender | None, str]:
        """("woman", "whispering") of "a woman whispering"; (None, part) where no gender comes first."""
        words = part.split()
        while len(words) > 1 and words[0] in ("a", "an", "the", "old", "young"):
            words = words[1:]
        if words and words[0] in self.genders:
            return self.genders[words[0]], " ".join(words[1:])
        return None, part


@cache
def hints_for(registers: tuple[str, ...]) -> Hints:
    """The hints, over registers of these names."""
    text = resources.files("sottovoce_otio").joinpath("hints.toml").read_text(encoding="utf-8")
    languages = [table for table in tomllib.loads(text).values() if isinstance(table, dict)]
    known = [each for table in languages for each in _written(table) if each.hint.register in registers]
    phrases = {_words(each.text): each.hint for each in known if not each.stem}
    phrases |= {_words(name): Hint(register=name, kind=HintKind.NAME) for name in registers}

    def every(key: str) -> frozenset[str]:
        return frozenset(word for table in languages for word in table.get(key, ()))

    def gendered(woman: str, man: str) -> dict[str, Gender]:
        return dict.fromkeys(every(woman), Gender.WOMAN) | dict.fromkeys(every(man), Gender.MAN)

    return Hints(
        registers=registers,
        phrases=phrases,
        stems=tuple((each.text, each.hint) for each in known if each.stem),
        slips_told=frozenset(registers).union(each.text for each in known if each.slips_told),
        alone=frozenset(map(_words, every("alone"))),
        fillers=every("fillers"),
        places=every("places"),
        negations=every("negations"),
        speaking=every("speaking"),
        extensions=every("extensions"),
        asides=every("asides"),
        sounds=every("sounds"),
        genders=gendered("woman", "man"),
        named=gendered("named_woman", "named_man"),
        signs=gendered("signs_woman", "signs_man"),
        adjectives=every("adjectives"),
        tones=tuple(sorted(every("tone"), key=len, reverse=True)),
        tracks_dialogue=every("tracks_dialogue"),
        tracks_other=every("tracks_other"),
        not_voices=every("not_voices"),
        not_spoken=every("not_spoken"),
        not_misspelt=every("not_misspelt"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A phrase or a stem of one language."""

    text: str
    hint: Hint
    stem: bool
    slips_told: bool


def _written(table: Mapping[str, Any]) -> list[_Written]:
    """All that one language has for registers."""
    kinds = (
        ("qualities", HintKind.QUALITY),
        ("manners", HintKind.MANNER),
        ("stems", HintKind.VERB),
        ("verbs", HintKind.VERB),
    )
    return [
        _Written(
            text=text,
            hint=Hint(register=register, kind=kind),
            stem=key == "stems",
            slips_told=key == "verbs" and table.get("slips_told", False),
        )
        for register, phrases in table["registers"].items()
        for key, kind in kinds
        for text in phrases.get(key, ())
    ]


def _stem_end(word: str, stem: str) -> int:
    """Where a stem that begins `word` ends; 0 where it does not. In a script without spaces it may stand anywhere."""
    if _WITHOUT_SPACES.match(stem):
        at = word.rfind(stem)
        return at + len(stem) if at >= 0 else 0
    return len(stem) if word.startswith(stem) else 0


def _words(text: str) -> Words:
    return tuple(word for word in (each.strip(_EDGES) for each in text.lower().replace("’", "'").split()) if word)
