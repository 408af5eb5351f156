"""A table of recordings, for those whose folders say too little.

    file,voice,gender,register,transcript,start,end
    night/1.wav,Anna,woman,whisper,"Close your eyes.",,
    day/interview.mov,Ben,man,soft,"I've been thinking.",12.4,15.9

Only `file` is needed: what the table leaves out is as the names of folders below the table's own have it. With start and end, in seconds or as
h:mm:ss, a file may stand in several rows, one for each line.
"""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from sottovoce_engine.errors import InputError, nearest
from sottovoce_engine.scene import Gender
from sottovoce_engine.timing import SAMPLE_RATE, Span
from sottovoce_engine.training.recordings import Cue, Label, Unchecked, label_in, read_text

_COLUMNS = ("file", "voice", "gender", "register", "transcript", "start", "end")


def recordings_in_table(table: Path, registers: Collection[str]) -> list[Unchecked]:
    """The recordings of a table, in its order.

    Raises:
        InputError: It cannot be read, names a file that is not there, or says what cannot be.
    """
    found: dict[Path, Unchecked] = {}
    for number, cells in _rows(table):
        where = f"Line {number} of '{table}'"
        path = table.parent / cells["file"]
        if not path.is_file():
            raise InputError(f"{where} names '{path}', which is no file. Mend the path.")
        row = _recording(path, cells, table, registers, where)
        known = found.get(path)
        if known is None:
            found[path] = row
        elif known.cues and row.cues and known.label == row.label:
            found[path] = replace(known, cues=(*known.cues, *row.cues))
        else:
            raise InputError(
                f"{where} names '{cells['file']}' again. A file may stand in several rows where each has start and end, and all "
                "the same voice, gender and register."
            )
    return list(found.values())


def _recording(path: Path, cells: Mapping[str, str], table: Path, registers: Collection[str], where: str) -> Unchecked:
    below = path.relative_to(table.parent) if path.is_relative_to(table.parent) else None
    label = Label() if below is None else label_in(below.parts[:-1], registers)
    if cells["register"]:
        if cells["register"].lower() not in registers:
            raise InputError(f"{where} has the register '{cells['register']}'. {nearest(cells['register'], registers)}")
        label = replace(label, register=cells["register"].lower())
    if cells["gender"]:
        if cells["gender"].lower() not in list(Gender):
            raise InputError(f"{where} has the gender '{cells['gender']}'. {nearest(cells['gender'], list(Gender))}")
        label = replace(label, gender=Gender(cells["gender"].lower()))
    label = replace(label, voice=cells["voice"] or label.voice)
    cues: tuple[Cue, ...] = ()
    if cells["start"] or cells["end"]:
        span = _span(cells["start"], cells["end"], where)
        cues = (Cue(span=span, text=cells["transcript"]),)
    name = path.as_posix() if below is None else below.as_posix()
    return Unchecked(path=path, name=name, label=label, text="" if cues else cells["transcript"], cues=cues)


def _rows(table: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows by line number, every column there."""
    text = read_text(table)
    first = text.partition("\n")[0]
    divider = ";" if first.count(";") > first.count(",") else ","  # as spreadsheets of half of Europe have it
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=divider))
    except csv.Error as error:
        raise InputError(f"'{table}' is no table: {error}. Save it as CSV.") from error
    header = [name.strip().lower() for name in rows[0]] if rows else []
    for name in header:
        if name not in _COLUMNS:
            raise InputError(f"'{table}' has the column '{name}'. {nearest(name, _COLUMNS)}")
    if "file" not in header:
        raise InputError(f"'{table}' has no column 'file'. Its first line must be such as: {','.join(_COLUMNS)}")
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise InputError(f"Line {number} of '{table}' has {len(row)} cells where {len(header)} are due. Mend it.")
        cells = dict.fromkeys(_COLUMNS, "") | {name: cell.strip() for name, cell in zip(header, row, strict=True)}
        found.append((number, cells))
    return found


def _span(start: str, end: str, where: str) -> Span:
    first, last = (round(_seconds(text, where) * SAMPLE_RATE) for text in (start, end))
    if last <= first:
        raise InputError(f"{where} ends at '{end}', not after it starts at '{start}'. Mend the times.")
    return Span(first, last)


def _seconds(text: str, where: str) -> Fraction:
    try:
        seconds = Fraction(0)
        for part in text.split(":"):
            seconds = seconds * 60 + Fraction(part)
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(f"{where} has the time '{text}'. Write seconds, such as 12.4, or 0:00:12.4.") from error
    if not 0 <= seconds <= 24 * 3600:
        raise InputError(f"{where} has the time '{text}'. It must lie within 24 hours.")
    return seconds
