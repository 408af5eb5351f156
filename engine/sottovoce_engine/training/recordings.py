"""Recordings and what a person says of them: who speaks, in which register, and what.

FOLDER/anna woman whisper/1.wav      a folder's name says it, in any order and over any number of folders
FOLDER/anna woman/soft/2.mov
FOLDER/whisper/anna/3.flac           Anna is a woman: another folder says so
FOLDER/whisper/anna/3.txt            what is said in 3.flac; 3.srt or 3.vtt: what is said when
FOLDER/clips.csv                     or a table: file, voice, gender, register, transcript, start, end
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_engine.scene import Gender
from sottovoce_engine.timing import Span

TABLE = "clips.csv"
CLIP_MEDIA = Path("clips", "media")  # of a training's results: where its clips lie

SUBTITLES = (".srt", ".vtt", ".ass", ".ssa")
_TEXT = ".txt"
# What lies beside recordings and is none itself; anything else is tried.
_OTHERS = "txt srt vtt ass ssa csv tsv toml json md pdf xml html log ini db zip png jpg jpeg gif webp bmp tif tiff otio"
_NOT_MEDIA = frozenset(f".{suffix}" for suffix in _OTHERS.split())
_GENDERS = {"woman": Gender.WOMAN, "female": Gender.WOMAN, "man": Gender.MAN, "male": Gender.MAN}
_BETWEEN_WORDS = re.compile(r"[\s_,;.()+]+")
_MOST = 20_000
_SHOWN = 4
_LARGEST_TEXT = 8_000_000  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What is said when."""

    span: Span  # samples of the recording, 48 kHz; about: speech is looked for there
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRecording:
    """A file, and what a person says it is."""

    path: Path
    name: str  # as it is shown: from the folder on
    voice: str
    gender: Gender
    register: str
    text: str = ""  # all that is said, a line for each clip where it holds several
    cues: tuple[Cue, ...] = ()  # what is said when; where there are any, nothing else is taken
    subtitles: Path | None = None  # a file that says the same, not read yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What is said of a recording, as far as it is; "" and None where it is not."""

    voice: str = ""
    gender: Gender | None = None
    register: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchecked:
    """A recording whose label may lack something."""

    path: Path
    name: str
    label: Label
    text: str = ""
    cues: tuple[Cue, ...] = ()
    subtitles: Path | None = None


def recordings_in_folder(folder: Path, registers: Collection[str]) -> list[Unchecked]:
    """All recordings of a folder and those below it, by name, each labelled by its folders' names.

    Folders that hold the results of a training are not looked into.

    Args:
        folder: Where they lie.
        registers: Names of registers, that folders may have.

    Raises:
        InputError: The folder cannot be looked into, or a text beside a recording cannot be read.
    """
    found = []
    for path in _media_below(folder):
        name = path.relative_to(folder)
        text, subtitles = _beside(path)
        label = label_in(name.parts[:-1], registers)
        found.append(Unchecked(path=path, name=name.as_posix(), label=label, text=text, subtitles=subtitles))
        if len(found) > _MOST:
            raise InputError(f"'{folder}' holds more than {_MOST:,} files. Name a folder that holds recordings only.")
    return found


def label_in(folders: Sequence[str], registers: Collection[str]) -> Label:
    """What the names of folders say: a register, a gender; every other word is part of the voice's name."""
    label, voice = Label(), list[str]()
    for word in (word for folder in folders for word in _words(folder, registers)):
        if word.lower() in registers:
            label = replace(label, register=word.lower())
        elif word.lower() in _GENDERS:
            label = replace(label, gender=_GENDERS[word.lower()])
        else:
            voice.append(word)
    return replace(label, voice=" ".join(voice))


def checked_recordings(
    found: Sequence[Unchecked], registers: Collection[str], source: Path
) -> tuple[LabelledRecording, ...]:
    """The recordings, once everything is said of each. A voice's gender need be said only once.

    Raises:
        InputError: There are none, or something is not said of one of them.
    """
    if not found:
        raise InputError(
            f"No recordings lie in '{source}'. Put sound or movie files into folders that say who speaks and how, such as "
            f"'{source / 'anna woman whisper'}'."
        )
    genders = _genders(found)
    lacking = [(each, _lack(each.label, genders)) for each in found]
    _raise_for([(each.name, lack) for each, lack in lacking if lack], registers)
    spelled: dict[str, str] = {}
    return tuple(_checked(each, genders, spelled) for each in found)


def _checked(each: Unchecked, genders: dict[str, Gender], spelled: dict[str, str]) -> LabelledRecording:
    """The recording; its voice is `spelled` as it was first, since case does not tell voices apart."""
    label = each.label
    gender = label.gender or genders[label.voice.casefold()]
    voice = label.voice or str(gender)
    return LabelledRecording(
        path=each.path,
        name=each.name,
        voice=spelled.setdefault(voice.casefold(), voice),
        gender=gender,
        register=label.register,
        text=each.text,
        cues=each.cues,
        subtitles=each.subtitles,
    )


def _genders(found: Sequence[Unchecked]) -> dict[str, Gender]:
    """The gender of each voice that somewhere says it.

    Raises:
        InputError: A voice is said to be both.
    """
    genders: dict[str, Gender] = {}
    for each in found:
        voice, gender = each.label.voice.casefold(), each.label.gender
        if voice and gender is not None and genders.setdefault(voice, gender) is not gender:
            raise InputError(
                f"'{each.label.voice}' is called a woman in one place and a man in another, such as '{each.name}'. Give one "
                "of the two voices another name."
            )
    return genders


def _lack(label: Label, genders: dict[str, Gender]) -> str:
    if not label.register:
        return "the register"
    return "" if label.gender or label.voice.casefold() in genders else "whether a woman or a man speaks"


def _raise_for(lacking: Sequence[tuple[str, str]], registers: Collection[str]) -> None:
    if not lacking:
        return
    shown = "; ".join(f"'{name}' lacks {lack}" for name, lack in lacking[:_SHOWN])
    more = f"; and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
    raise InputError(
        f"{len(lacking)} recordings are not labelled: {shown}{more}. Name their folders so that they say it, such as 'anna "
        f"woman whisper'. Registers: {', '.join(registers)}; a new one is a [register.NAME] table of the recipe."
    )


def _words(folder: str, registers: Collection[str]) -> Iterator[str]:
    """The words of a folder's name; a hyphen divides only where a part of the word says something."""
    for word in filter(None, _BETWEEN_WORDS.split(folder)):
        parts = word.split("-")
        says_something = any(part.lower() in registers or part.lower() in _GENDERS for part in parts)
        yield from filter(None, parts) if says_something and word.lower() not in registers else (word,)


def _media_below(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"'{folder}' cannot be looked into: {error.strerror or error}. Check the path.") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            leads_back = entry.is_symlink() and folder.resolve().is_relative_to(entry.resolve())
            if not leads_back and not (entry / CLIP_MEDIA).is_dir():
                yield from _media_below(entry)
        elif entry.is_file() and entry.suffix.lower() not in _NOT_MEDIA:
            yield entry


def _beside(path: Path) -> tuple[str, Path | None]:
    """The text beside a recording, and the subtitles."""
    subtitles = next((place for suffix in SUBTITLES if (place := path.with_suffix(suffix)).is_file()), None)
    place = path.with_suffix(_TEXT)
    return (read_text(place) if place.is_file() else ""), subtitles


def read_text(path: Path) -> str:
    """A small text that a person wrote.

    Raises:
        InputError: It cannot be read, or is no text in UTF-8.
    """
    try:
        if path.stat().st_size > _LARGEST_TEXT:
            raise InputError(f"'{path}' is larger than 8 MB, which no transcript is. Check that it is the right file.")
        return path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is not in UTF-8: {error}. Save it as UTF-8.") from error
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}. Check its permissions.") from error
