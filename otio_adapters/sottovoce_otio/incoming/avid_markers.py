"""Avid's markers as text, tab by tab: user, timecode, track, colour, comment and, in newer versions, length in frames.

Anna	01:00:04:12	V1	green	ANNA whisper: close your eyes	31
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from sottovoce_engine.errors import InputError
from sottovoce_engine.timing import frame_from_timecode
from sottovoce_otio.incoming.values import TimedLine, TimedLines
from sottovoce_otio.marks import said_in
from sottovoce_otio.vocabulary import SpokenMark, Vocabulary

USER = "Sottovoce"
TRACK = "V1"

_FIELDS = 5
_COLOURS = {
    "RED": "red", "GREEN": "green", "BLUE": "blue", "CYAN": "cyan", "MAGENTA": "magenta", "YELLOW": "yellow", "BLACK": "black",
    "WHITE": "white", "ORANGE": "red", "PURPLE": "magenta",
}  # fmt: skip


def avid_lines(text: str, what: str, rate: Fraction, known: Vocabulary) -> TimedLines:
    """The markers that are marks of ours, as any other typed mark; all others are left alone.

    Raises:
        InputError: No line has Avid's fields, or a marker's time or register cannot be.
    """
    rows = [row.split("\t") for row in text.splitlines() if row.strip()]
    markers = [row for row in rows if len(row) >= _FIELDS and ":" in row[1]]
    if not markers:
        raise InputError(
            f"{what} has no line with Avid's fields: user, timecode, track, colour and comment, divided by tabs. Export the "
            "markers from Avid's Markers window as text."
        )
    said = [(row, said_in(row[4], known)) for row in markers]
    lines = tuple(_line(row, mark, rate, what) for row, mark in said if isinstance(mark, SpokenMark))
    alone = len(markers) - len(lines)
    return TimedLines(
        lines=tuple(sorted(lines, key=lambda line: line.start)),
        notes=(f"markers of {what}: {alone} are no marks of a line and were left alone",) if alone else (),
    )


def avid_text(markers: Iterable[tuple[str, str, str, int]]) -> str:
    """The content of a marker file.

    Args:
        markers: (timecode, OTIO's marker colour, comment, length in frames) of each, in order.
    """
    return "".join(f"{line}\r\n" for line in _written(markers))


def _written(markers: Iterable[tuple[str, str, str, int]]) -> Iterator[str]:
    for timecode, colour, comment, length in markers:
        yield "\t".join((USER, timecode, TRACK, _COLOURS.get(colour, "white"), comment, str(length)))


def _line(row: list[str], said: SpokenMark, rate: Fraction, what: str) -> TimedLine:
    try:
        start = frame_from_timecode(row[1], rate)
    except InputError as error:
        raise InputError(f"In {what}, the marker '{row[4][:40]}': {error}") from error
    length = int(row[5]) if len(row) > _FIELDS and row[5].strip().isdecimal() else 1
    end = start + length if length > 1 else start
    return TimedLine(start=start / rate, end=end / rate, said=said)
