"""Typefaces for the card: the one inside Pillow, and where it lacks a letter one of the system's.

The embedded face holds ASCII. Nothing is ever drawn as a row of boxes: what no face can draw is left
out, and a text of which too little is left is described instead.
"""

import os
import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont, features
from PIL.ImageFont import FreeTypeFont, Layout

_FIRST = (
    "DejaVuSans",
    "NotoSans-Regular",
    "LiberationSans-Regular",
    "Arial Unicode",
    "Arial",
    "arial",
    "segoeui",
    "NotoSansCJK-Regular",
    "wqy-microhei",
    "msyh",
    "PingFang",
)
_LAST = ("Bold", "Italic", "Oblique", "Light", "Thin", "Black", "Condensed", "Mono", "Serif", "Math", "Symbol")
_MOST_TRIED = 200
_MISSING = "\uffff"


@dataclass(frozen=True, slots=True)
class Face:
    """A typeface and the part of a text that it can draw."""

    path: str  # "" for the one inside Pillow
    text: str

    def at(self, size: int) -> FreeTypeFont:
        return _font(self.path, size)


def face_for(text: str) -> Face:
    """The face that draws the most of `text`, and what of it it draws."""
    shown = " ".join("".join(character for character in text if not _is_unseen(character)).split())
    path = _path_for("".join(sorted(_letters(shown))))
    lacking = _lacking(path, _letters(shown))
    plain = "".join(character if character not in lacking else _folded(path, character) for character in shown)
    kept = " ".join(plain.split())
    if len(_letters(kept)) * 2 < len(_letters(shown)):
        return Face("", _described(shown))
    return Face(path, kept)


def reads_leftwards(text: str) -> bool:
    """Whether the first letter with a direction is a right-to-left one."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((direction in ("R", "AL") for direction in directions if direction in ("L", "R", "AL")), False)


def in_drawing_order(line: str) -> str:
    """`line` from left to right as it is seen, for a Pillow that draws letters as they come.

    Words and numbers of the other direction inside a right-to-left line keep their own.
    """
    if can_turn_text() or not reads_leftwards(line):
        return line
    return turned(line)


def turned(line: str) -> str:
    """A right-to-left line with its letters in the order they stand from left to right."""
    runs = re.findall(r"[A-Za-z0-9À-ɏ]+(?:[ .,:'-]+[A-Za-z0-9À-ɏ]+)*|.", line)
    mirrored = str.maketrans("()[]{}<>«»", ")(][}{><»«")
    return "".join(run if len(run) > 1 else run.translate(mirrored) for run in reversed(runs))


def can_turn_text() -> bool:
    """Whether this Pillow orders and joins letters itself; where FriBiDi is not installed it does not."""
    return bool(features.check("raqm") and features.check("fribidi"))


def _is_unseen(character: str) -> bool:
    """Control characters and variation selectors; joiners shape the letters beside them and stay."""
    if "\ufe00" <= character <= "\ufe0f":
        return True
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co") and character not in "\t\n\r\u200c\u200d"


def _letters(text: str) -> frozenset[str]:
    """What has to be there; marks and joiners belong to the letters beside them."""
    return frozenset(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Mn", "Me", "Cf"))


def _folded(path: str, character: str) -> str:
    """The letter without its accents, where the face has that."""
    base = unicodedata.normalize("NFKD", character)[:1]
    return base if base != character and base.isascii() and not _lacking(path, frozenset(base)) else ""


def _described(text: str) -> str:
    scripts = [unicodedata.name(character, "unknown").split(" ")[0] for character in text if character.isalpha()]
    script = max(sorted(set(scripts)), key=scripts.count) if scripts else "symbols"
    name = script if len(script) < 4 else script.capitalize()
    return f"({len(text)} characters, {name}: no typeface here has them)"


@lru_cache(maxsize=256)
def _path_for(letters: str) -> str:
    """The first face that lacks none of the letters, else the one that lacks fewest."""
    wanted = frozenset(letters)
    best, fewest = "", len(_lacking("", wanted))
    for path in _system_faces()[:_MOST_TRIED]:
        if not fewest:
            break
        lacking = len(_lacking(path, wanted))
        if lacking < fewest:
            best, fewest = path, lacking
    return best


@lru_cache(maxsize=4096)
def _lacking(path: str, letters: frozenset[str]) -> frozenset[str]:
    try:
        font = _font(path, 16, Layout.BASIC)
    except OSError:
        return letters
    box = bytes(font.getmask(_MISSING))
    return frozenset(letter for letter in letters if bytes(font.getmask(letter)) == box)


@lru_cache(maxsize=256)
def _font(path: str, size: int, layout: Layout | None = None) -> FreeTypeFont:
    if path:
        return ImageFont.truetype(path, size, layout_engine=layout)
    embedded = ImageFont.load_default(size)
    assert isinstance(embedded, FreeTypeFont)
    return embedded


@lru_cache(maxsize=1)
def _system_faces() -> tuple[str, ...]:
    """Font files of this system, upright sans faces first."""
    found = [
        path
        for folder in _folders()
        if folder.is_dir()
        for path in folder.rglob("*")
        if path.suffix.lower() in (".ttf", ".otf", ".ttc")
    ]

    def place(path: Path) -> tuple[int, bool, str]:
        first = _FIRST.index(path.stem) if path.stem in _FIRST else len(_FIRST)
        return first, any(word in path.stem for word in _LAST), str(path)

    return tuple(str(path) for path in sorted(found, key=place))


def _folders() -> tuple[Path, ...]:
    home = Path.home()
    if sys.platform == "win32":
        return (Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",)
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts")
