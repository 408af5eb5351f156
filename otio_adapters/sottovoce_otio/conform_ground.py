"""What lies under every frame of a timeline, each stretch on its source's own clock.

scene frames     0           48          96
V1               |== A ======|== B ======|          A's frame 0 shows the source at 10:00:02:00
                 ^ at 36002 s ^ at 12 s             the clock that the clips' source ranges count in

A retimed clip counts on a clock of its own: the source's, divided by its speed. What stands still or runs at a speed
that changes is left out, as no frame of it can be told from its neighbours by a clock.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath

from sottovoce_engine.conform import Kind
from sottovoce_engine.scene import BLACK, MediaRange, Scene
from sottovoce_engine.timing import Span
from sottovoce_otio.earlier import take_back
from sottovoce_otio.facts import mappings_in
from sottovoce_otio.layout import AUDIO, VIDEO, Placed, Plain, layout_of, media_reference_of, schema_of
from sottovoce_otio.plain import plain_object
from sottovoce_otio.references import file_named_by, media_start
from sottovoce_otio.timeline import LoadedTimeline
from sottovoce_otio.times import second_of, start_and_duration

_REELS = ("reel", "reelname", "tape", "tapename", "tapeid")
_NOT_LETTERS = re.compile(r"[^a-z]")
_TIME_EFFECTS = ("TimeEffect", "LinearTimeWarp", "FreezeFrame")
_FINEST_SPEED = 10_000
_FRAME = Fraction(1, 20)  # seconds: no cut was rounded by more


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A source as a timeline names it."""

    path: str  # of a local file, whether it is there or not; "" where it names none
    name: str  # the file's, else the clip's
    reel: str  # "" where nothing says
    begins: Fraction | None  # of its first frame on its own clock, in seconds; None where nothing says
    ends: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """A stretch of a medium on a timeline."""

    span: Span  # scene frames
    kind: Kind
    medium: Medium
    at: Fraction  # seconds on the medium's clock at the first frame, divided by the speed
    speed: Fraction
    seconds: Fraction  # it lasts on the timeline

    @property
    def used(self) -> tuple[Fraction, Fraction]:
        """The first and the last second of the medium that is played, on its own clock."""
        start, end = self.at * self.speed, (self.at + self.seconds) * self.speed
        return min(start, end), max(start, end)


def ground_of(loaded: LoadedTimeline) -> tuple[Lying, ...]:
    """Everything that a timeline plays from sources, our own takes left out."""
    plain = plain_object(loaded.timeline)
    take_back(plain)
    scene, clips = loaded.scene, _Clips(layout_of(plain))
    found = (_lying(span, source, kind, clips, scene.rate) for span, source, kind in _played(scene))
    return tuple(lying for lying in found if lying is not None)


def _played(scene: Scene) -> Iterator[tuple[Span, MediaRange, Kind]]:
    """What the scene plays, both sides of dissolves included."""
    for picture in scene.pictures:
        yield picture.span, picture.source, Kind.PICTURE
        if picture.dissolve_from is not None:
            yield picture.span, picture.dissolve_from, Kind.PICTURE
    for sound in scene.sounds:
        yield sound.span, sound.source, Kind.DIALOGUE if sound.dialogue else Kind.SOUND


def _lying(span: Span, source: MediaRange, kind: Kind, clips: "_Clips", rate: Fraction) -> Lying | None:
    """A piece on its source's clock; None where no clock tells its frames apart."""
    if source == BLACK:
        return None
    start = second_of(span.start, rate)
    clip = clips.playing(source, start, second_of(span.end, rate), VIDEO if kind is Kind.PICTURE else AUDIO)
    speed = None if clip is None else _speed_of(clip)
    if clip is None or speed is None:
        return None
    begins, own = clip.start - clip.zero, start - clip.zero
    return Lying(
        span=span,
        kind=kind,
        medium=clips.medium(clip, source.path),
        at=begins / speed + own - begins,
        speed=speed,
        seconds=second_of(span.length, rate),
    )


class _Clips:
    """The clips of a timeline, found again from what the flattened scene says of them."""

    def __init__(self, layout: Placed) -> None:
        self._by_origin: dict[Fraction, list[Placed]] = {}
        self._without_file: list[Placed] = []
        self._longest = Fraction(0)
        self._media: dict[tuple[tuple[int, ...], str], Medium] = {}
        for clip in sorted(_clips_in(layout), key=lambda clip: clip.start):
            self._by_origin.setdefault(-(clip.zero + media_start(clip)), []).append(clip)
            if not file_named_by(clip.item):
                self._without_file.append(clip)
                self._longest = max(self._longest, clip.end - clip.start)

    def playing(self, source: MediaRange, start: Fraction, end: Fraction, kind: str) -> Placed | None:
        """The clip that a piece was flattened from; the topmost of several."""
        if source.path:
            near: Sequence[Placed] = self._by_origin.get(source.start - start, ())
        else:
            first = bisect_left(self._without_file, start - self._longest, key=lambda clip: clip.start)
            near = self._without_file[first : bisect_left(self._without_file, end, key=lambda clip: clip.start)]
        file = PurePath(source.path).name
        found = [
            clip
            for clip in near
            if clip.kind == kind and _reaches_over(clip, start, end) and (not file or file_named_by(clip.item) == file)
        ]
        return max(found, key=lambda clip: clip.address, default=None)

    def medium(self, clip: Placed, path: str) -> Medium:
        """The source that a clip plays."""
        key = (clip.address, path)
        if key not in self._media:
            reference = media_reference_of(clip.item) or {}
            known = reference.get("available_range")
            begins, length = (None, None) if known is None else start_and_duration(known, str(clip))
            self._media[key] = Medium(
                path=path,
                name=file_named_by(clip.item) or reference.get("name") or clip.name,
                reel=_reel_of(reference) or _reel_of(clip.item),
                begins=begins,
                ends=None if begins is None or length is None else begins + length,
            )
        return self._media[key]


def _clips_in(placed: Placed) -> Iterator[Placed]:
    """The enabled clips below an item; none of a composition that is retimed as a whole."""
    if not placed.enabled:
        return
    if placed.schema == "Clip":
        yield placed
    elif not placed.is_composition or _speed_of(placed) == 1:
        for child in placed.children:
            yield from _clips_in(child)


def _speed_of(placed: Placed) -> Fraction | None:
    """The constant speed an item plays at; None where it changes or stands still."""
    speed = Fraction(1)
    for effect in placed.item.get("effects") or ():
        schema = schema_of(effect)
        if effect.get("enabled") is False or schema not in _TIME_EFFECTS:
            continue
        scalar = effect.get("time_scalar")
        if schema != "LinearTimeWarp" or not isinstance(scalar, int | float) or not math.isfinite(scalar) or not scalar:
            return None
        speed *= Fraction(scalar).limit_denominator(_FINEST_SPEED)
    return speed or None


def _reaches_over(clip: Placed, start: Fraction, end: Fraction) -> bool:
    """Whether a clip, its transitions included, plays over a stretch, to the frame that both were rounded to."""
    first = clip.start if clip.head is None else min(clip.start, clip.head.start)
    last = clip.end if clip.tail is None else max(clip.end, clip.tail.end)
    return first - _FRAME < end and start < last + _FRAME


def _reel_of(item: Plain) -> str:
    """The reel or tape that some host's metadata name."""
    for mapping in mappings_in(item.get("metadata")):
        for key, value in mapping.items():
            if _NOT_LETTERS.sub("", str(key).lower()) in _REELS and isinstance(value, str) and value.strip():
                return value.strip()
    return ""
