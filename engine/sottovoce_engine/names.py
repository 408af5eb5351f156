"""File names: what every system accepts, no two alike, and never one that is taken.

render 1    scene.otio        scene.mov         report.json
render 2    scene_v002.otio   scene_v002.mov    report_v002.json
"""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from sottovoce_engine.errors import InputError

# NTFS and APFS hold 255 UTF-16 units, ext4 255 bytes. The rest is for voice, version and suffix.
MAX_BYTES = 120

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
# Windows takes these for devices with any suffix and in any case; the raised digits count as digits.
_RESERVED = re.compile(r"^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(?=\s*(\.|$))", re.IGNORECASE)
_UNSEEN = ("Cc", "Cs", "Co", "Cn")
_JOINER = "\u200d"  # makes one emoji of two
# They turn the reading direction of what follows, so that "gpj.exe" can be shown as "exe.jpg".
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def file_name(text: str, *, max_bytes: int = MAX_BYTES) -> str:
    """`text` as the stem of a file name that Windows, macOS and Linux accept.

    Letters of every script stay, in Unicode's composed form (NFC), which all three show alike. What a
    system forbids becomes "_". A name that is too long is cut between characters.

    Source: Microsoft, Naming Files, Paths, and Namespaces.
    """
    visible = "".join(
        character
        for character in " ".join(text.split())
        if unicodedata.category(character) not in _UNSEEN and character not in _DIRECTION
    )
    name = _trimmed(_FORBIDDEN.sub("_", unicodedata.normalize("NFC", " ".join(visible.split()))), max_bytes)
    return _RESERVED.sub(r"\1_", name) or "untitled"


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """`names` with a number behind each that another one would overwrite where case does not count.

    "Anna", "ANNA", "Ben" become "Anna", "ANNA 2", "Ben". A suffix stays last: "take.mov", "take 2.mov".
    """
    taken = {_folded(name) for name in names}
    given: set[str] = set()
    found = []
    for name in names:
        chosen = name
        for number in itertools.count(2):
            if _folded(chosen) not in given and (chosen == name or _folded(chosen) not in taken):
                break
            chosen = _with(name, f" {number}")
        given.add(_folded(chosen))
        found.append(chosen)
    return tuple(found)


def numbered(file: str, number: int) -> str:
    """`file` as its version `number`: "scene.otio" is version 1, "scene_v002.otio" version 2."""
    return file if number == 1 else _with(file, f"_v{number:03}")


def free_number(folder: Path, files: Sequence[str]) -> int:
    """The first version number under which none of `files` exists in `folder`, in whatever case.

    Files of one render share their number. A folder that does not exist yet holds nothing.

    Raises:
        InputError: The folder cannot be looked into.
    """
    there = _names_in(folder)
    return next(
        number for number in itertools.count(1) if there.isdisjoint(_folded(numbered(file, number)) for file in files)
    )


def versioned(path: Path) -> Path:
    """`path`, or the first of `name_v002`, `name_v003`, … beside it that does not exist.

    Raises:
        InputError: The folder cannot be looked into.
    """
    return path.with_name(numbered(path.name, free_number(path.parent, [path.name])))


def _names_in(folder: Path) -> frozenset[str]:
    try:
        return frozenset(_folded(path.name) for path in folder.iterdir())
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise InputError(
            f"The folder '{folder}' cannot be looked into: {error.strerror}. Choose another folder, or change its "
            "permissions."
        ) from error


def _folded(name: str) -> str:
    """What two names share that one file system or another takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _with(file: str, ending: str) -> str:
    """`file` with `ending` before its suffix."""
    path = Path(file)
    return f"{path.stem}{ending}{path.suffix}"


def _trimmed(name: str, max_bytes: int) -> str:
    """`name` cut to `max_bytes` of UTF-8, between whole characters, without dots and spaces around it.

    Windows drops them at the end; at the start a dot hides the file.
    """
    end = len(name)
    while len(name[:end].encode()) > max_bytes:
        end -= 1
    while 0 < end < len(name) and (_belongs_to_previous(name[end]) or name[end - 1] == _JOINER):
        end -= 1
    return name[:end].strip(". ")


def _belongs_to_previous(character: str) -> bool:
    return character == _JOINER or unicodedata.category(character).startswith("M")
