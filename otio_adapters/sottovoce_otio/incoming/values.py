"""What readers of other files hand on: cues as they stand in a file, and the lines that are spoken in them."""

from dataclasses import dataclass
from fractions import Fraction

from sottovoce_otio.vocabulary import SpokenMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one voice says in a cue, as far as the file's own tags tell voices apart."""

    text: str
    voice: str = ""  # the file's own word for who speaks
    manner: str = ""  # the file's own words for how: a class, a style, an effect
    register: str = ""  # where the file names it outright: the text is the line then, as it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A cue of a subtitle file. Where `end` does not come after `start`, its length is not known."""

    start: Fraction  # seconds, as the file counts them
    end: Fraction
    parts: tuple[Part, ...]
    name: str = ""  # of the cue, such as "SC12-034"
    region_id: str = ""  # of the region that it was written from, where it says so


@dataclass(frozen=True, slots=True, kw_only=True)
class CueFile:
    """What a reader of one format finds."""

    cues: tuple[Cue, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedLine:
    """A line and when it is said. Where `end` does not come after `start`, its length is to be guessed."""

    start: Fraction  # seconds from the first frame
    end: Fraction
    said: SpokenMark  # its voice is "" where nobody is named


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedLines:
    """All lines of a file, in order."""

    lines: tuple[TimedLine, ...]
    begins_hour: int = 0  # of the timecode of the first frame
    rate: Fraction | None = None  # that the file's own clock counts in; None: it counts no frames
    drop_frame: bool = False
    notes: tuple[str, ...] = ()
