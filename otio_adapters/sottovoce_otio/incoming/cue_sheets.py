"""Cue sheets: tables of lines with timecodes, as spreadsheets write them (`.csv`), read and written.

cue,reel,scene,character,timecode in,timecode out,register,line,note,take,status,gender,id

Columns may stand in any order, under the names that people give them, divided by commas, semicolons or tabs.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.timing import frame_from_timecode
from sottovoce_otio.incoming.values import Cue, CueFile, Part
from sottovoce_otio.ours import REGION_ID
from sottovoce_otio.vocabulary import Vocabulary, one_line

HEADINGS = (
    "cue",
    "reel",
    "scene",
    "character",
    "timecode in",
    "timecode out",
    "register",
    "line",
    "note",
    "take",
    "status",
    "gender",
    "id",
)

_KNOWN: Mapping[str, tuple[str, ...]] = {
    "cue": ("cue", "cue no", "cue number", "cue id", "number", "no", "loop", "adr cue"),
    "character": ("character", "char", "voice", "speaker", "role", "actor", "name", "who", "figur", "rolle", "personnage", "personaje"),
    "timecode in": ("timecode in", "tc in", "tcin", "in", "start", "start tc", "start time", "start timecode", "begin", "from", "in time"),
    "timecode out": ("timecode out", "tc out", "tcout", "out", "end", "end tc", "end time", "end timecode", "stop", "to", "out time"),
    "duration": ("duration", "length", "dur"),
    "register": ("register", "manner", "delivery", "direction", "how"),
    "line": ("line", "dialogue", "dialog", "text", "words", "subtitle", "spoken"),
    "gender": ("gender", "sex"),
    "id": ("id", "region", "region id"),
}  # fmt: skip
_NEEDED = {"timecode in", "line"}
_HEAD_ROWS = 20  # among which the headings are
_DELIMITERS = (",", ";", "\t", "|")
_SECONDS = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,6}(?:[.,]\d{1,6})?)")
_DROP_FRAME = re.compile(r"(?<![:\d])\d{2}:\d{2}:\d{2};\d{2}(?![:\d])")  # a ";" may divide columns, too
_MARKED = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One line of the table, its cells by the column they are of."""

    cells: Mapping[str, str]
    where: str  # for messages: "'cues', row 3"

    def said(self, column: str) -> str:
        return self.cells.get(column, "")


def cue_sheet_cues(text: str, what: str, rate: Fraction, known: Vocabulary) -> CueFile:
    """The cues of a table; rows without a line are left out.

    Args:
        text: The file's.
        what: Names it for messages.
        rate: That its timecodes count in.
        known: The registers, and the words for them.

    Raises:
        InputError: It has no columns for times and lines, or a row has a time or a register that cannot be.
    """
    rows = list(_rows(text, what))
    spoken = [row for row in rows if row.said("line").strip()]
    cues = dict.fromkeys(_cue(row, rate, known) for row in spoken)
    notes = []
    if len(rows) > len(spoken):
        notes.append(f"rows of {what}: {len(rows) - len(spoken)} without a line were left out")
    if len(spoken) > len(cues):
        notes.append(
            f"rows of {what}: {len(spoken) - len(cues)} say what another one says at the same time, and were left out"
        )
    return CueFile(cues=tuple(cues), notes=tuple(notes))


def has_headings(text: str) -> bool:
    """Whether a text begins as a cue sheet does, whatever its file is called."""
    try:
        return any(_most_columns(text, delimiter) >= _NEEDED for delimiter in _DELIMITERS)
    except csv.Error:
        return False


def has_drop_frame(text: str) -> bool:
    """Whether some timecode in a table has the `;` of drop-frame before its frames."""
    return _DROP_FRAME.search(text) is not None


def cue_sheet_text(rows: Iterable[Sequence[str]], more: Sequence[str] = ()) -> str:
    """The content of a cue sheet with `HEADINGS`, and `more` after them; spreadsheets tell UTF-8 by the mark at its start."""
    written = io.StringIO()
    csv.writer(written).writerows([(*HEADINGS, *more), *rows])
    return "\ufeff" + written.getvalue()


def _rows(text: str, what: str) -> Iterator[_Row]:
    """The rows below the headings; what stands above them, such as a title, is passed over."""
    numbered = [(number, row) for number, row in enumerate(_table(text, what), 1) if any(cell.strip() for cell in row)]
    head = next((index for index, (_, row) in enumerate(numbered) if {_column(cell) for cell in row} >= _NEEDED), None)
    if head is None:
        raise InputError(
            f"{what} has no row of headings with a time and a line. Name the columns: {', '.join(HEADINGS)}; 'timecode in' and "
            "'line' must be among them."
        )
    columns = [_column(cell) for cell in numbered[head][1]]
    for number, row in numbered[head + 1 :]:
        cells = {column: cell.strip() for column, cell in zip(columns, row, strict=False) if column}
        yield _Row(cells=cells, where=f"{what}, row {number}")


def _table(text: str, what: str) -> list[list[str]]:
    """The table, divided as its headings come out best: `csv.Sniffer` takes letters for delimiters."""
    try:
        delimiter = max(_DELIMITERS, key=lambda each: len(_most_columns(text, each)))
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise InputError(f"{what} is no table: {error}. Export it again as CSV.") from error


def _most_columns(text: str, delimiter: str) -> frozenset[str]:
    """The columns of the row with most headings, near the beginning of a text."""
    beginning = "\n".join(text.split("\n", _HEAD_ROWS)[:_HEAD_ROWS])
    rows = csv.reader(io.StringIO(beginning), delimiter=delimiter)
    return max((frozenset(map(_column, row)) - {""} for row in rows), key=len, default=frozenset())


def _column(heading: str) -> str:
    """The column that a heading means; "" where it is none that is read."""
    plain = _MARKED.sub("", heading).lower().replace("_", " ").replace("-", " ").replace(".", "")
    return next((column for column, names in _KNOWN.items() if plain in names), "")


def _cue(row: _Row, rate: Fraction, known: Vocabulary) -> Cue:
    start = _time(row.said("timecode in"), rate, row.where)
    end = start
    if row.said("timecode out"):
        end = _time(row.said("timecode out"), rate, row.where)
    elif row.said("duration"):
        end = start + _time(row.said("duration"), rate, row.where)
    region_id = row.said("id").lower().removeprefix("sv:")
    part = Part(
        text=row.said("line"),
        voice=one_line(row.said("character")),
        register=_register(row, known),
        manner=row.said("gender"),
    )
    return Cue(
        start=start,
        end=end,
        parts=(part,),
        name="-".join(row.said("cue").split()),
        region_id=region_id if REGION_ID.match(region_id) else "",
    )


def _register(row: _Row, known: Vocabulary) -> str:
    """The register that a row names, in whatever words; "" where it says nothing of it."""
    words = row.said("register")
    if not words:
        return ""
    hint = known.hints.direction(words).hint
    if hint is None:
        raise InputError(f"{row.where} has the register '{words}'. {nearest(words, known.registers.names)}")
    return hint.register


def _time(text: str, rate: Fraction, where: str) -> Fraction:
    """Seconds of a timecode, of a clock ("1:02.5"), or of a number of seconds."""
    try:
        return frame_from_timecode(text, rate) / rate
    except InputError as error:
        clock = _SECONDS.fullmatch(text)
        if clock is None or text.count(":") == 3 or ";" in text:
            raise InputError(f"{where}: {error}") from error
    hours, minutes = int(clock[1] or 0), int(clock[2] or 0)
    return hours * 3600 + minutes * 60 + Fraction(clock[3].replace(",", "."))
