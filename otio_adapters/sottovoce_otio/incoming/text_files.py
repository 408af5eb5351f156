"""Text files from anywhere as text: their encoding found, with no more guessing than there must be.

byte order mark ─► line ends of UTF-16 ─► UTF-8 ─► Shift-JIS, where it makes Japanese ─► Windows-1252

The last two are guesses, and said so. A text that Windows-1252 would turn into rows of accented letters
is of another alphabet: the person has to say which encoding it is in.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from sottovoce_engine.errors import InputError

MAX_TEXT_BYTES = 32 * 2**20  # three hours of subtitles take 200 KB, with fonts inside some 20 MB

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 4096  # bytes in which line ends are counted
_KANA = re.compile("[\u3041-\u30ff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_LETTER = re.compile(r"[^\W\d_]")
_LEAST_KANA = 0.25  # of what is not ASCII in a Japanese text
_MOST_ACCENTED = 0.35  # of the letters in any language that Windows-1252 is for


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """What a file says."""

    text: str  # lines end in "\n"
    content: bytes  # as it lies on disk
    notes: tuple[str, ...] = ()  # what was guessed


def read_text_file(path: Path, encoding: str = "") -> TextFile:
    """The text in a file.

    Args:
        path: The file; it is only read.
        encoding: What the person says it is in, by a name that Python knows; "" to find out.

    Raises:
        InputError: The file is missing, empty, too large, no text, or in an encoding that cannot be found out.
    """
    content = _content(path)
    text, notes = _decoded(content, path, encoding)
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if not plain.strip():
        raise InputError(f"'{path}' is empty. Export it again.")
    if "\x00" in plain:
        raise InputError(f"'{path}' is no text: it holds zero bytes. Export it again as text.")
    return TextFile(text=plain, content=content, notes=notes)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_TEXT_BYTES + 1)
    except IsADirectoryError as error:
        raise InputError(f"'{path}' is a folder. Give a file.") from error
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}. Check the path.") from error
    if len(content) > MAX_TEXT_BYTES:
        raise InputError(
            f"'{path}' is larger than {MAX_TEXT_BYTES // 2**20} MB, which no text of a film is. Check that it is the right file."
        )
    return content


def _decoded(content: bytes, path: Path, asked: str) -> tuple[str, tuple[str, ...]]:
    if asked:
        return _as_asked(content, path, asked), ()
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None) or _utf_16_in(content)
    if marked is not None:
        try:
            return content.decode(marked), ()
        except UnicodeDecodeError as error:
            raise InputError(
                f"'{path}' begins as {marked} and is damaged at byte {error.start}. Export it again."
            ) from error
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _guessed(content, path)


def _as_asked(content: bytes, path: Path, asked: str) -> str:
    try:
        return content.decode(asked)
    except LookupError as error:
        raise InputError(
            f"No encoding is called '{asked}'. Known are utf-8, cp1252, cp1251, shift_jis and many more."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"'{path}' is not in {asked}: byte {error.start} means nothing there. Name another encoding."
        ) from error


def _utf_16_in(content: bytes) -> str | None:
    """UTF-16 without its mark: read the right way round it has line ends, which no text in UTF-8 has the bytes of."""
    little, big = (content[:_LOOKED_AT].decode(each, "replace").count("\n") for each in ("utf-16-le", "utf-16-be"))
    if little == big:
        return None
    return "utf-16-le" if little > big else "utf-16-be"


def _guessed(content: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    try:
        japanese = content.decode("cp932")
        foreign = len(_NOT_ASCII.findall(japanese))
        if len(_KANA.findall(japanese)) >= _LEAST_KANA * foreign:
            return japanese, (_guess_note(path, "Shift-JIS", "cp932"),)
    except UnicodeDecodeError:
        pass
    western = content.decode("cp1252", "replace")
    letters = _LETTER.findall(western)
    accented = sum(not letter.isascii() for letter in letters)
    if "\ufffd" in western or accented > _MOST_ACCENTED * len(letters):
        raise InputError(
            f"'{path}' is neither in UTF-8 nor in UTF-16, and its encoding cannot be told from its letters. Name it with "
            "--encoding, such as cp1251 for Cyrillic, or save the file as UTF-8."
        )
    return western, (_guess_note(path, "Windows-1252", "cp1252"),)


def _guess_note(path: Path, name: str, encoding: str) -> str:
    return f"'{path.name}' is not in UTF-8; {name} was guessed ({encoding}), --encoding names another"
