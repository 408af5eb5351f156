"""Names of the files that go to the mix: reel, scene, cue, voice, take, and the region's id.

    R2_night_SC12-034_ANNA_T02_SV1f0c9a42.wav

Letters, digits, "-" and "_" only, at most 63 characters: every file system, Avid and Pro Tools take them, and the
region is found again by them alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sottovoce_engine.names import distinct_names

SUFFIX = ".wav"

_REEL = re.compile(r"(?:^|[^a-z0-9])(?:r|reel)[ _-]?(\d{1,2})(?![a-z0-9])", re.IGNORECASE)
_ODD = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = {"reel": 6, "scene": 12, "cue": 12, "voice": 11}  # 63 with the rest
_ID = 8  # characters of an id; a part of a long region keeps its number behind them


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a file's name is made of."""

    scene: str
    cue: str
    voice: str
    number: int  # of the take, from 1
    region_id: str


def reel_in(name: str) -> str:
    """The reel that a timeline's name names: "R2" of "Night reel 2 v7"; "" where it names none."""
    found = _REEL.search(name)
    return f"R{int(found[1])}" if found else ""


def handover_names(files: Sequence[Named], reel: str) -> tuple[str, ...]:
    """The name of each file, no two alike."""
    voices = _plain_voices(dict.fromkeys(named.voice for named in files))
    return distinct_names([_name(named, reel, voices[named.voice]) for named in files])


def _name(named: Named, reel: str, voice: str) -> str:
    whole, dash, part = named.region_id.partition("-")
    parts = (
        _plain(reel, "reel"),
        _plain(named.scene, "scene"),
        _plain(named.cue, "cue"),
        voice,
        f"T{named.number:02}",
        f"SV{whole[:_ID]}{dash}{part}",
    )
    return "_".join(filter(None, parts)) + SUFFIX


def _plain_voices(voices: Iterable[str]) -> dict[str, str]:
    """A plain name for each voice: two that would look alike, or have no Latin letter, are numbered."""

    def given() -> Iterator[str]:
        for number, voice in enumerate(voices, start=1):
            yield _plain(voice, "voice") or f"voice{number}"

    return dict(zip(voices, (name.replace(" ", "-") for name in distinct_names(list(given()))), strict=True))


def _plain(text: str, kind: str) -> str:
    """`text` in letters and digits without accents, words divided by "-"."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _ODD.sub("-", folded).strip("-")[: _LONGEST[kind]].strip("-")
