"""Screenplays: who says what, and how; when, they do not say.

Until the lines are laid onto something that has times, each takes as long as it takes to say:

ANNA   |== line ==|          |= line =|
BEN               |= line =| |= line =|      dual dialogue begins together
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sottovoce_engine.errors import InputError
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_otio.incoming.speakers import speakers_in
from sottovoce_otio.incoming.spoken_cues import plain_text, said_in_part
from sottovoce_otio.incoming.values import Part, TimedLine, TimedLines
from sottovoce_otio.vocabulary import SpokenMark, Vocabulary

BETWEEN_LINES = Fraction(2, 5)  # seconds
BETWEEN_SCENES = Fraction(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What a character says without a parenthetical in between."""

    character: str
    text: str
    manner: str = ""  # extension and parentheticals, divided by commas
    dual: bool = False  # said at the same time as the speech of the character before
    scene: int = 0  # counts the headings above it


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLine:
    """A line of a screenplay."""

    said: SpokenMark
    dual: bool
    scene: int


def script_lines(speeches: Sequence[Speech], known: Vocabulary, what: str) -> tuple[ScriptLine, ...]:
    """The lines that are spoken, in order.

    Raises:
        InputError: There is none.
    """
    parts = [Part(text=speech.text, voice=speech.character, manner=speech.manner) for speech in speeches]
    texts = [plain_text(part.text, what) for part in parts]
    speakers = speakers_in((), (part.voice for part in parts), known)
    lines = []
    for speech, part, text in zip(speeches, parts, texts, strict=True):
        for number, said in enumerate(said_in_part(part, text, speakers)):
            lines.append(ScriptLine(said=said, dual=speech.dual and not number, scene=speech.scene))
    if not lines:
        raise InputError(
            f"{what} has nothing that anybody says: no name in capitals with a line below it. Check the file."
        )
    return tuple(lines)


def estimated_times(lines: Iterable[ScriptLine], length: Fraction | None = None) -> TimedLines:
    """The lines one after the other, each as long as it takes to say.

    Args:
        lines: In order.
        length: Seconds that they are drawn together to, where they would take longer; None: as long as they take.
    """
    timed = list(_one_after_the_other(lines))
    end = max((line.end for line in timed), default=Fraction(0))
    notes = ["a screenplay has no times; each line lasts as long as it takes to say"]
    if length is not None and end > length:
        timed = [replace(line, start=line.start * length / end, end=line.end * length / end) for line in timed]
        notes.append(f"they would take {float(end):.0f} s and were drawn together to {float(length):.0f} s")
    return TimedLines(lines=tuple(timed), notes=tuple(notes))


def _one_after_the_other(lines: Iterable[ScriptLine]) -> Iterator[TimedLine]:
    began, free, scene = Fraction(0), Fraction(0), 0
    for line in lines:
        seconds = Fraction(speaking_seconds(line.said.line)).limit_denominator(100)
        if free and not line.dual:
            began = free + (BETWEEN_LINES if line.scene == scene else BETWEEN_SCENES)
        yield TimedLine(start=began, end=began + seconds, said=line.said)
        free, scene = max(free, began + seconds), line.scene
