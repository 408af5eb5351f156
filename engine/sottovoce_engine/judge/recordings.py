"""Labelled recordings: sound files whose register a person knows.

FOLDER/whisper/take1.wav        FOLDER/Anna/whisper/take1.wav       recordings.csv
FOLDER/normal/take1.wav         FOLDER/whisper/Anna/take1.wav       file,register,voice
                                                                    a/1.wav,whisper,Anna
"""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sottovoce_engine.errors import InputError, nearest

HALF = "half"  # half-whispered: no register to ask for, and the one most easily taken for a whisper

_SOUND_FILES = frozenset(
    (".wav", ".flac", ".aif", ".aiff", ".mp3", ".m4a", ".ogg", ".opus", ".mov", ".mp4", ".mxf", ".mkv")
)
_COLUMNS = ("file", "register", "voice")
_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One file and what a person says it is."""

    path: Path
    register: str
    voice: str  # "" where not told


def labelled_recordings(source: Path, registers: Collection[str]) -> tuple[Recording, ...]:
    """The recordings of a folder or a CSV file, by path.

    Args:
        source: A folder whose sub-folders are named as registers, or a CSV with the columns file, register and,
            if wanted, voice. Files are looked up beside the CSV.
        registers: The names that are labels. `half` is one as well, for half-whispers.

    Raises:
        InputError: Nothing is there, a label is unknown, or a file of the CSV is missing.
    """
    labels = (*registers, HALF)
    if source.is_dir():
        found = tuple(sorted(_in_folder(source, labels), key=lambda recording: recording.path))
        _check_count(source, len(found))
        if not found:
            raise InputError(
                f"No labelled recordings lie in '{source}'. Put sound files into folders named as their register, such as "
                f"'{source / 'whisper'}' and '{source / 'normal'}'. {nearest('', labels)}"
            )
        return found
    try:
        with source.open(newline="", encoding="utf-8-sig") as file:
            return tuple(_in_csv(source, list(csv.reader(file)), labels))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"'{source}' cannot be read: {error}. Give a folder of recordings or a CSV file.") from error


def _in_folder(folder: Path, labels: Collection[str]) -> Iterator[Recording]:
    for path in folder.rglob("*"):
        if path.suffix.lower() not in _SOUND_FILES or not path.is_file():
            continue
        parts = path.relative_to(folder).parts[:-1]
        label = next((part.lower() for part in reversed(parts) if part.lower() in labels), None)
        if label is not None:
            yield Recording(path=path, register=label, voice="/".join(part for part in parts if part.lower() != label))


def _in_csv(source: Path, rows: list[list[str]], labels: Collection[str]) -> Iterator[Recording]:
    header = [name.strip().lower() for name in rows[0]] if rows else []
    if header[:2] != list(_COLUMNS[:2]) or not set(header) <= set(_COLUMNS):
        raise InputError(f"'{source}' begins with {header}. Its first line must be: file,register,voice")
    _check_count(source, len(rows) - 1)
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise InputError(f"Line {number} of '{source}' has {len(row)} cells where {len(header)} are due. Mend it.")
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
        path, label = source.parent / cells["file"], cells["register"].lower()
        if label not in labels:
            raise InputError(f"Line {number} of '{source}' has the register '{label}'. {nearest(label, labels)}")
        if not path.is_file():
            raise InputError(f"Line {number} of '{source}' names '{path}', which is no file. Mend the path.")
        yield Recording(path=path, register=label, voice=cells.get("voice", ""))


def _check_count(source: Path, count: int) -> None:
    if count > _MOST:
        raise InputError(f"'{source}' holds {count:,} recordings; at most {_MOST:,} are measured. Take a part of them.")
