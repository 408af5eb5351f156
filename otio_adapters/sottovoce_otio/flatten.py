"""The timeline's pictures, flattened: for every frame, the topmost enabled picture.

V2            |           |=== b ===|             |
V1            |======== a ==========~~~~== c =====|      ~ dissolve
pictures      |==== a ====|=== b ===~~~~== c =====|

Cuts are rounded to scene frames one by one, each from the scene's start; where in a file a piece begins is
computed from its rounded first frame, so that files of other rates stay in step. A gap, a disabled item and
what a host makes itself (titles, bars) are transparent. A dissolve with nothing on one side mixes with what
lies below it, and with black where nothing does. Through a retime or an effect, which is not reproduced, a
piece plays its media plainly and is marked approximate.
"""

import itertools
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sottovoce_engine.scene import BLACK, MediaRange, PicturePiece
from sottovoce_engine.timing import Span
from sottovoce_otio.effects import treatment_of
from sottovoce_otio.layout import VIDEO, Placed, Reach
from sottovoce_otio.references import MediaFinder, media_start
from sottovoce_otio.times import frame_near, second_of

_SOUND_ONLY = (
    ".wav",
    ".wave",
    ".mp3",
    ".aif",
    ".aiff",
    ".flac",
    ".m4a",
    ".aac",
    ".ogg",
    ".opus",
    ".wma",
    ".ac3",
    ".caf",
)
_DISSOLVE = "SMPTE_Dissolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """A clip's media, tied to the scene's clock."""

    path: str
    origin: Fraction  # seconds into the file at scene second 0; below 0 where the file starts later
    clip: str
    approximate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One stretch of picture. In a dissolve, either side may be missing: None is what lies below."""

    span: Span  # scene frames
    shown: Footage | None
    dissolve: Span | None = None
    before: Footage | None = None  # the outgoing side of a dissolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Flattening:
    """What flattening needs to know, and where it puts its notes."""

    rate: Fraction
    media: MediaFinder
    notes: dict[str, None]  # in order, each once

    def frames(self, start: Fraction, end: Fraction) -> Span:
        """The scene frames of a stretch of scene seconds."""
        first = frame_near(start, self.rate)
        return Span(first, max(first, frame_near(end, self.rate)))

    def note(self, text: str) -> None:
        self.notes[text] = None


def pictures_of(layout: Placed, flattening: Flattening) -> tuple[PicturePiece, ...]:
    """The pieces of picture that the timeline shows, in order; they never overlap."""
    whole = flattening.frames(layout.start, layout.end)
    shots = _joined(_shots_of(layout, whole, False, flattening))
    return tuple(_piece(shot, flattening.rate) for shot in shots)


def footage_of(placed: Placed, path: str, approximate: bool) -> Footage:
    """The media of a clip on the scene's clock."""
    return Footage(path=path, origin=-(placed.zero + media_start(placed)), clip=placed.name, approximate=approximate)


def media_range(footage: Footage, frame: int, rate: Fraction) -> MediaRange:
    """The place in the footage's file that is due at a scene frame."""
    return MediaRange(path=footage.path, start=footage.origin + second_of(frame, rate) if footage.path else Fraction(0))


def noted_effects(placed: Placed, flattening: Flattening) -> tuple[bool, float]:
    """(whether an item's effects make it approximate, its gain in dB), with a note on what is left out."""
    treatment = treatment_of(placed)
    if treatment.ignored:
        what = ", ".join(treatment.ignored)
        flattening.note(f"the {placed} has {what}, not reproduced here: its piece is approximate")
    return bool(treatment.ignored), treatment.gain_db


def _shots_of(placed: Placed, window: Span, approximate: bool, flattening: Flattening) -> list[Shot]:
    """What `placed` shows within `window`, in order and without overlap."""
    if not window.length or not placed.enabled or placed.kind != VIDEO:
        return []
    if placed.schema == "Gap":
        return []
    changed, _ = noted_effects(placed, flattening)
    approximate = approximate or changed
    if placed.schema == "Clip":
        path = flattening.media.path(placed)
        if path is None or path.lower().endswith(_SOUND_ONLY):
            return []
        return [Shot(span=window, shown=footage_of(placed, path, approximate))]
    if placed.schema == "Track":
        return list(_in_sequence(placed.children, window, approximate, flattening))
    layers: list[Shot] = []
    for child in placed.children:
        inside = flattening.frames(child.start, child.end).common(window)
        if inside is not None:
            layers = _over(layers, _shots_of(child, inside, approximate, flattening))
    return layers


def _in_sequence(children: Sequence[Placed], window: Span, approximate: bool, flattening: Flattening) -> Iterator[Shot]:
    """A track's items one after the other, with the dissolves between them."""
    done = window.start
    for index, child in enumerate(children):
        if child.head is not None and (index == 0 or children[index - 1].tail is not child.head):
            done = yield from _dissolved(None, child, child.head, done, window, approximate, flattening)
        body_end = child.tail.start if child.tail else child.end
        body = _after(done, flattening.frames(child.start, max(child.start, body_end)), window)
        if body is not None:
            yield from _shots_of(child, body, approximate, flattening)
            done = body.end
        if child.tail is not None:
            following = children[index + 1] if index + 1 < len(children) else None
            done = yield from _dissolved(child, following, child.tail, done, window, approximate, flattening)


def _dissolved(
    outgoing: Placed | None,
    incoming: Placed | None,
    reach: Reach,
    done: int,
    window: Span,
    approximate: bool,
    flattening: Flattening,
) -> Generator[Shot, None, int]:
    """The mixed stretch around a cut; its return value is the frame up to which all is shown."""
    whole = flattening.frames(reach.start, reach.end)
    span = _after(done, whole, window)
    if span is None:
        return done
    if reach.kind != _DISSOLVE:
        flattening.note(f"a transition of the kind '{reach.kind}' is shown as a dissolve: its piece is approximate")
        approximate = True
    before = _shots_of(outgoing, span, approximate, flattening) if outgoing else []
    after = _shots_of(incoming, span, approximate, flattening) if incoming else []
    for part, left, right in _side_by_side(before, after):
        yield Shot(span=part, shown=_plain(right), dissolve=whole, before=_plain(left))
    return span.end


def _after(done: int, span: Span, window: Span) -> Span | None:
    """The part of `span` inside the window that nothing before it has covered."""
    inside = span.common(window)
    if inside is None or inside.end <= done:
        return None
    return Span(max(inside.start, done), inside.end)


def _over(lower: Sequence[Shot], upper: Sequence[Shot]) -> list[Shot]:
    """Two layers as one: the lower is seen where the upper has nothing, and through the open side of its dissolves."""
    shots: list[Shot] = []
    for part, below, above in _side_by_side(lower, upper):
        if above is None:
            shots.append(replace(below, span=part) if below else Shot(span=part, shown=None))
        elif above.dissolve is None or below is None or (above.shown and above.before):
            shots.append(replace(above, span=part))
        elif above.shown is None:
            shots.append(replace(above, span=part, shown=_plain(below)))
        else:
            shots.append(replace(above, span=part, before=_plain(below)))
    return shots


def _joined(shots: Iterable[Shot]) -> Iterator[Shot]:
    """Neighbours that go on as if there were no cut, as one."""
    last: Shot | None = None
    for shot in shots:
        if last is not None and last.span.end == shot.span.start and replace(shot, span=last.span) == last:
            last = replace(last, span=Span(last.span.start, shot.span.end))
            continue
        if last is not None:
            yield last
        last = shot
    if last is not None:
        yield last


def _plain(shot: Shot | None) -> Footage | None:
    """One side of a dissolve as a single picture; of a dissolve inside a dissolve, only the incoming."""
    if shot is None:
        return None
    footage = shot.shown or shot.before
    if shot.dissolve is not None and footage is not None:
        return replace(footage, approximate=True)
    return footage


def _side_by_side(first: Sequence[Shot], second: Sequence[Shot]) -> Iterator[tuple[Span, Shot | None, Shot | None]]:
    """Every stretch over which neither layer changes and at least one shows something."""
    edges = sorted({edge for shot in (*first, *second) for edge in (shot.span.start, shot.span.end)})
    one, two = _Cursor(first), _Cursor(second)
    for start, end in itertools.pairwise(edges):
        left, right = one.at(start), two.at(start)
        if left is not None or right is not None:
            yield Span(start, end), left, right


class _Cursor:
    """Looks up shots at rising frames."""

    def __init__(self, shots: Iterable[Shot]) -> None:
        self._shots = iter(shots)
        self._current = next(self._shots, None)

    def at(self, frame: int) -> Shot | None:
        while self._current is not None and self._current.span.end <= frame:
            self._current = next(self._shots, None)
        return self._current if self._current is not None and self._current.span.start <= frame else None


def _piece(shot: Shot, rate: Fraction) -> PicturePiece:
    seen = shot.shown or shot.before
    frame = shot.span.start
    source = BLACK if shot.shown is None else media_range(shot.shown, frame, rate)
    mixed = None
    if shot.dissolve is not None:
        mixed = BLACK if shot.before is None else media_range(shot.before, frame, rate)
    return PicturePiece(
        span=shot.span,
        source=source,
        clip=seen.clip if seen else "",
        dissolve_from=mixed,
        dissolve=shot.dissolve,
        approximate=any(footage.approximate for footage in (shot.shown, shot.before) if footage is not None),
    )
