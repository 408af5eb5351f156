"""What is said in cues: their text without sounds and songs, divided among those who speak.

- Hi. - Hello.                      two turns, the cue's time divided by how long each takes to say
ANNA: Hi.                           as many turns as names at the beginnings of lines
BEN: Hello.
I know. (whispering) Come in.       one voice, two registers
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import MAX_LINE_CHARACTERS
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_otio.hints import Direction, Hint, Hints
from sottovoce_otio.incoming.speakers import Opening, Speakers, speakers_in
from sottovoce_otio.incoming.values import Cue, CueFile, Part, TimedLine, TimedLines
from sottovoce_otio.marks import said_in
from sottovoce_otio.times import LONGEST_SECONDS
from sottovoce_otio.vocabulary import BRACKETS, SpokenMark, Vocabulary, cleaned, joined, one_line, short

_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|\{\\[^{}]{0,400}\}")
_SUNG = re.compile(r"[♪♫🎵🎶][^♪♫🎵🎶]*(?:[♪♫🎵🎶]|$)")
# A dash at the beginning of a line or after a sentence; the chevrons of live captions anywhere.
_TURN = re.compile(r"(?:^|\n|(?<=[.!?…\"”»)\]])[ \t]+)[-–—‐]+(?:[ \t]+|(?=[^\s\d]))|(?:^|\s)>{2,3}\s*")
_SPACED = re.compile(rf"\s*{BRACKETS.pattern}(?=[.,!?…])")
_HOUR = 3600
_LONGEST_TEXT = 2 * MAX_LINE_CHARACTERS  # with directions, names and markup


def timed_lines(found: CueFile, known: Vocabulary, what: str) -> TimedLines:
    """The lines that are spoken in a file's cues, in order, counted as the file counts.

    Args:
        found: The cues.
        known: The hints, and the voices that the person has named.
        what: Names the file for messages.

    Raises:
        InputError: A cue holds more text than anything that is said.
    """
    placed = [_cut_to_timeline(cue) for cue in found.cues]
    cues = sorted(filter(None, placed), key=lambda cue: cue.start)
    texts = [[plain_text(part.text, what) for part in cue.parts] for cue in cues]
    voices = {part.voice for cue in cues for part in cue.parts}
    speakers = speakers_in((text for cue in texts for text in cue), voices, known)
    lines: list[TimedLine] = []
    silent = 0
    for cue, plain in zip(cues, texts, strict=True):
        said = [
            mark for part, text in zip(cue.parts, plain, strict=True) for mark in said_in_part(part, text, speakers)
        ]
        silent += not said
        lines += _divided(cue, said)
    notes = (*found.notes, *_notes(found.cues, placed, silent, what))
    return TimedLines(lines=tuple(lines), notes=notes)


def _cut_to_timeline(cue: Cue) -> Cue | None:
    """The cue without what lies before second 0; None where nothing of it can be on a timeline."""
    last = max(cue.start, cue.end)
    if last < 0 or (cue.start < 0 and last <= 0) or last > LONGEST_SECONDS:
        return None
    return cue if cue.start >= 0 else replace(cue, start=Fraction(0))


def _notes(cues: Sequence[Cue], placed: Sequence[Cue | None], silent: int, what: str) -> Iterator[str]:
    late = sum(max(cue.start, cue.end) > LONGEST_SECONDS for cue in cues)
    early = sum(cue is None for cue in placed) - late
    cut = sum(cue is not None and cue.start != before.start for before, cue in zip(cues, placed, strict=True))
    backwards = sum(cue is not None and cue.end <= cue.start for cue in placed)
    for count, said in (
        (late, f"beyond {LONGEST_SECONDS // _HOUR} hours and left out"),
        (early, "before second 0 and left out"),
        (cut, "partly before second 0 and cut off there"),
        (backwards, "ending before they begin; how long they last was guessed"),
        (silent, "without anything spoken (sounds, music, signs) and left out"),
    ):
        if count:
            yield f"cues of {what}: {count} {said}"


def plain_text(text: str, what: str) -> str:
    """A text without markup and songs; `what` names its file for messages.

    Raises:
        InputError: It is longer than anything that is said.
    """
    if len(text) > _LONGEST_TEXT:
        raise InputError(
            f"{what} has a text of {len(text):,} characters in one place: '{short(text)}'. At most {_LONGEST_TEXT:,} are read. "
            "Check that it is the right file, or divide it."
        )
    return _SUNG.sub("", cleaned(_TAGS.sub("", text))).strip()


def said_in_part(part: Part, text: str, speakers: Speakers) -> Iterator[SpokenMark]:
    """All that one part of a cue says, in order."""
    if "[SV:" in text:
        own = said_in(text, speakers.known)
        if isinstance(own, SpokenMark):
            yield own
            return
    if part.register:
        gender = speakers.known.hints.direction(part.manner).gender or speakers.known.sex(part.voice)
        yield SpokenMark(register=part.register, line=one_line(text), voice=part.voice, gender=gender)
        return
    beside, named = speakers.told(part.manner)
    for turn, unnamed in _turns(text, speakers):
        opening = speakers.opening(turn)
        voice = opening.voice or part.voice or named or unnamed
        yield from _speeches(opening, voice, joined(opening.direction, beside), speakers.known)


def _turns(text: str, speakers: Speakers) -> list[tuple[str, str]]:
    """The text by speakers, each with what to call one who has no name.

    It is divided at dashes where it begins with one, else at lines that begin with a name.
    """
    if _TURN.match(text):
        turns = [turn for turn in _TURN.split(text) if turn.strip()]
        several = len(turns) > 1
        return [(turn, f"SPEAKER {number}" if several else "") for number, turn in enumerate(turns, 1)]
    turns = []
    for line in text.splitlines():
        if turns and not speakers.begins_turn(line):
            turns[-1] += f"\n{line}"
        else:
            turns.append(line)
    return [(turn, "") for turn in turns]


def _speeches(opening: Opening, voice: str, direction: Direction, known: Vocabulary) -> Iterator[SpokenMark]:
    """One turn, as a new speech wherever a bracket inside it changes the register."""
    gender = direction.gender or known.sex(voice)
    for register, words in _by_register(opening.rest, direction.hint, known.hints):
        line = known.line(words)
        if any(character.isalnum() for character in line):
            yield SpokenMark(register=register or "normal", line=line, voice=voice, gender=gender, cue=opening.cue)


def _by_register(text: str, first: Hint | None, hints: Hints) -> list[tuple[str, str]]:
    """The runs of words between brackets that name a register; a bracket at the end speaks of what is before it."""
    register, last = (first.register if first else ""), 0
    runs: list[tuple[str, str]] = []
    for bracket in BRACKETS.finditer(text):
        hint = hints.direction(bracket[1]).hint
        if hint is None:
            continue
        runs.append((register, text[last : bracket.start()]))
        register, last = hint.register, bracket.end()
    rest = text[last:]
    if runs and not rest.strip(" .!?…"):
        runs[-1] = runs[-1][0] or register, runs[-1][1].rstrip() + rest
    else:
        runs.append((register, rest))
    return [(said, BRACKETS.sub(" ", _SPACED.sub("", words))) for said, words in runs]


def _divided(cue: Cue, said: Sequence[SpokenMark]) -> Iterator[TimedLine]:
    """The cue's time, shared among its speeches by how long each takes to say."""
    weights = [round(1000 * speaking_seconds(mark.line)) if len(said) > 1 else 1 for mark in said]
    at, unit = cue.start, max(Fraction(0), cue.end - cue.start) / max(1, sum(weights))
    for mark, weight in zip(said, weights, strict=True):
        end = at + unit * weight
        named = replace(mark, cue=mark.cue or cue.name, id=mark.id or (cue.region_id if len(said) == 1 else ""))
        yield TimedLine(start=at, end=end, said=named)
        at = end
