"""A cut in whole frames: the one form between Blender's strips and a timeline file.

frames         0        24        48        72
V1             |== a ====|X== b ===|                X  a dissolve: `before` frames of it before the cut, `after` after
A1             |== a ====|    |== c =============|
marks               [ANNA whisper: ...]

Only Python's own library is used, in the Python (3.10 or newer) that Blender brings along.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


class CutError(Exception):
    """What was given cannot be used; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A clip on a track."""

    name: str
    paths: tuple[str, ...]  # absolute; one movie, sound or still, or the pictures of a sequence
    start: int  # the timeline's frame that shows its first one
    length: int
    source: int  # frames of the media before the first one shown
    media_length: int
    enabled: bool = True
    otio: Mapping[str, Any] | None = None  # the clip as the timeline file had it

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.start + self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissolve:
    """A dissolve, or for sound a crossfade, over the cut between two adjoining pieces."""

    cut: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Pieces that never overlap, by their start."""

    name: str
    picture: bool  # False: sound
    pieces: tuple[Piece, ...]
    dissolves: tuple[Dissolve, ...] = ()
    enabled: bool = True
    otio: Mapping[str, Any] | None = None  # its metadata, as the timeline file had them

    def dissolve_at(self, cut: int) -> Dissolve | None:
        """The dissolve over a cut, if there is one."""
        return next((dissolve for dissolve in self.dissolves if dissolve.cut == cut), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of the timeline with a text: `Anna whisper: close your eyes`."""

    text: str
    start: int
    length: int  # 0: only a place
    otio: Mapping[str, Any] | None = None  # the marker as the timeline file had it


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A whole timeline. Pictures run from bottom to top, sounds from first to last."""

    name: str
    rate: Fraction
    tracks: tuple[Track, ...]
    marks: tuple[Mark, ...] = ()
    raster: tuple[int, int] | None = None  # columns, rows
    otio: Mapping[str, Any] | None = None  # the timeline as the file had it, without its tracks
    notes: tuple[str, ...] = ()  # what is not in here, one sentence each

    @property
    def length(self) -> int:
        """Frames up to the end of the last piece."""
        return max((piece.end for track in self.tracks for piece in track.pieces), default=0)


def exact_rate(frames_per_second: float) -> Fraction:
    """The rate that is meant by a float: 23.976, 23.98 and 23.976023976 are all 24000/1001."""
    whole = round(frames_per_second)
    if abs(frames_per_second - whole) < 0.001:
        return Fraction(whole)
    nominal = round(frames_per_second * 1.001)
    ntsc = Fraction(nominal * 1000, 1001)
    if abs(frames_per_second - ntsc) < 0.005:
        return ntsc
    return Fraction(frames_per_second).limit_denominator(1001)


def frame_of(time: Mapping[str, Any], rate: Fraction) -> int:
    """A plain `RationalTime` as the nearest frame at `rate`."""
    return round(Fraction(time["value"]) * rate / exact_rate(time["rate"]))
