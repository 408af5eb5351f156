"""What a mark can say, the words that are known when it is read, and the handling of its text."""

import re
from dataclasses import dataclass

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Gender, PictureMode
from sottovoce_otio.hints import Direction, Hint, Hints
from sottovoce_otio.misspelling import meant_register

BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,200})[)\]]")

_OPENS_WITH_BRACKET = re.compile(r"^[(\[]([^()\[\]]{1,200})[)\]]\s*")
_MARKUP = re.compile(r"</?(?:i|b|u|em|strong)>", re.IGNORECASE)
# Control characters, characters that turn the reading direction, byte order marks, halves of pairs.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_WIDE_BRACKETS = str.maketrans("（）［］【】〔〕", "()[][][]")
_QUOTES = {'"': '"', "“": "”", "”": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", "「": "」", "'": "'"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenMark:
    """What a text says about a region."""

    register: str
    line: str  # "" where the line stands elsewhere, or nowhere
    voice: str = ""  # "" where nobody is named
    gender: Gender | None = None
    look: str = ""
    cue: str = ""
    picture: PictureMode | None = None  # of the [picture: …] tag; None where nothing is said
    id: str = ""  # of the [SV:…] tag


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneText:
    """A text that marks a location's room tone."""

    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulText:
    """A text that may be meant as a mark, and is left alone."""

    reason: str


Said = SpokenMark | ToneText | DoubtfulText


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The registers in force, how people write them, and the voices known so far."""

    hints: Hints
    registers: RegisterTable
    voices: frozenset[str] = frozenset()  # casefolded names

    def knows(self, name: str) -> bool:
        """Whether somebody of that name speaks elsewhere on the timeline."""
        return name.casefold() in self.voices

    def sex(self, name: str) -> Gender | None:
        return self.hints.gender_of_name(name)

    def bracketed(self, text: str) -> Direction:
        """All brackets of `text` as one direction."""
        direction = Direction()
        for inside in BRACKETS.findall(text):
            direction = joined(direction, self.hints.direction(inside))
        return direction

    def opening(self, text: str) -> tuple[Direction, str] | None:
        """The brackets that open `text`, as one direction, and what follows them."""
        direction, rest = Direction(), text.strip()
        found = _OPENS_WITH_BRACKET.match(rest)
        if found is None:
            return None
        while found is not None:
            direction = joined(direction, self.hints.direction(found[1]))
            rest = rest[found.end() :]
            found = _OPENS_WITH_BRACKET.match(rest)
        return direction, rest

    def line(self, text: str, *, caption: bool = False) -> str:
        """What is spoken, without the quotes around it and without directions in brackets.

        With `caption`, a register's caption suffix after the line ("…", intimate ASMR) goes, too.
        """
        line = one_line(BRACKETS.sub(lambda found: "" if self._is_direction(found[1]) else found[0], text))
        if caption:
            line = self._without_suffix(line)
        closing = _QUOTES.get(line[:1], "")
        if len(line) > 1 and line[-1] in closing and line[0] not in line[1:-1]:
            line = line[1:-1].strip()
        return line

    def unknown_register(self, text: str, word: str) -> InputError:
        """What to tell about a mark that is surely ours and names no register there is."""
        word = word.strip("()[]: ")
        meant = meant_register(word, self.hints)
        advice = nearest(meant or word, self.registers.names)
        return InputError(f"The mark '{short(text)}' has the register '{word}', which is not known. {advice}")

    def _is_direction(self, text: str) -> bool:
        direction = self.hints.direction(text)
        return not direction.unknown

    def _without_suffix(self, line: str) -> str:
        for register in self.registers.registers:
            if register.suffix and line.lower().endswith(register.suffix.lower()):
                return line[: -len(register.suffix)].rstrip().removesuffix(",").rstrip()
        return line


def joined(first: Direction, second: Direction) -> Direction:
    """Two brackets as one; the first counts where both say something."""
    return Direction(
        hint=first.hint or second.hint,
        gender=first.gender or second.gender,
        names_gender=first.names_gender or second.names_gender,
        extension=first.extension or second.extension,
        unknown=first.unknown + second.unknown,
    )


def spoken(hint: Hint, line: str, name: str, gender: Gender | None, cue: str) -> SpokenMark:
    """What a text says whose register is `hint`'s."""
    return SpokenMark(register=hint.register, line=line, voice=name, gender=gender, cue=cue)


def cleaned(text: str) -> str:
    """`text` without markup, control characters and those that turn the reading direction, its wide brackets narrow."""
    newlines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\xa0", " ")
    return _MARKUP.sub("", _CONTROL.sub("", newlines)).translate(_WIDE_BRACKETS).strip()


def is_quoted(text: str) -> bool:
    """Whether `text` opens with a quotation mark, as speech does."""
    return text.strip()[:1] in tuple('"“„«「')


def one_line(text: str) -> str:
    """`text` with every run of white space as one space."""
    return " ".join(text.split())


def short(text: str) -> str:
    """`text` for a message."""
    line = one_line(_CONTROL.sub("", text))
    return line if len(line) <= 60 else line[:59] + "…"
