"""The items of a timeline's tracks as Final Cut Pro 7 XML counts them: in frames of the scene, from the media's start.

scene frames   0         48        96
track          |== street ==X== kitchen ==|        X the cut of a dissolve
in, out        from the file's first frame; its timecode is the file's own

Nested compositions are flattened; what FCP7 XML calls a nested sequence loses its handles in most programs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from sottovoce_engine.scene import BLACK, MediaRange, PicturePiece, SoundPiece
from sottovoce_engine.timing import Span
from sottovoce_otio.effects import treatment_of
from sottovoce_otio.flatten import Flattening, footage_of, media_range, pictures_of
from sottovoce_otio.layout import AUDIO, Placed, Plain, Reach, media_reference_of
from sottovoce_otio.ours import KEY, Role
from sottovoce_otio.references import media_start
from sottovoce_otio.sounds import sounds_of
from sottovoce_otio.times import frame_near, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Fcp7Dissolve:
    """A transition, in scene frames."""

    span: Span
    cut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fcp7Item:
    """A clip on a track."""

    name: str
    span: Span  # scene frames, from cut to cut
    path: str  # "" where the timeline names no file
    first: int  # frame of the file at the span's start, counted from its first
    media_first: int  # timecode of the file's first frame, as a frame number
    media_frames: int  # of the file; 0: not known
    enabled: bool = True
    gain_db: float = 0.0
    link: int | None = None  # clips of one number are linked
    is_take: bool = False
    approximate: bool = False  # it has effects or a speed that are not written
    markers: tuple[Plain, ...] = ()
    head: Fcp7Dissolve | None = None
    tail: Fcp7Dissolve | None = None


def items_of(track: Placed, layout: Placed, flattening: Flattening) -> Iterator[Fcp7Item]:
    """What lies on a track within the timeline, in order."""
    whole = flattening.frames(layout.start, layout.end)
    for child in track.children:
        if child.schema == "Clip":
            item = _clip(child, track, flattening)
            inside = None if item is None else _within(item, whole)
            if inside is not None:
                yield inside
        elif child.is_composition and child.enabled:
            alone = replace(layout, children=(replace(track, children=(child,)),))
            yield from _flattened(alone, track.kind, flattening)


def _within(item: Fcp7Item, whole: Span) -> Fcp7Item | None:
    """The part of an item that a trimmed timeline shows; it keeps the transitions of the ends it keeps."""
    inside = item.span.common(whole)
    if inside is None or inside == item.span:
        return item if inside else None
    return replace(
        item,
        span=inside,
        first=item.first + inside.start - item.span.start,
        head=item.head if inside.start == item.span.start else None,
        tail=item.tail if inside.end == item.span.end else None,
    )


def _clip(placed: Placed, track: Placed, flattening: Flattening) -> Fcp7Item | None:
    path = flattening.media.path(placed)
    if path is None:
        return None
    rate = flattening.rate
    treatment = treatment_of(placed)
    span = flattening.frames(placed.start, placed.end)
    source = media_range(footage_of(placed, path, approximate=False), span.start, rate)
    resolve = placed.metadata.get("Resolve_OTIO")
    link = resolve.get("Link Group ID") if isinstance(resolve, dict) else None
    return Fcp7Item(
        name=placed.name,
        span=span,
        path=path,
        first=frame_near(source.start, rate),
        media_first=max(0, frame_near(media_start(placed), rate)),
        media_frames=_media_frames(placed, rate),
        enabled=placed.enabled,
        gain_db=treatment.gain_db,
        link=link if isinstance(link, int) else None,
        approximate=bool(treatment.ignored),
        is_take=(track.metadata.get(KEY) or {}).get("role") == Role.TAKES,
        markers=tuple(placed.item.get("markers") or ()),
        head=_dissolve(placed.head, flattening),
        tail=_dissolve(placed.tail, flattening),
    )


def _media_frames(placed: Placed, rate: Fraction) -> int:
    reference = media_reference_of(placed.item)
    available = None if reference is None else reference.get("available_range")
    return 0 if available is None else frame_near(seconds(available["duration"], str(placed)), rate)


def _dissolve(reach: Reach | None, flattening: Flattening) -> Fcp7Dissolve | None:
    if reach is None:
        return None
    span, cut = flattening.frames(reach.start, reach.end), flattening.frames(reach.cut, reach.cut).start
    return Fcp7Dissolve(span=span, cut=cut) if span.length else None


def _flattened(alone: Placed, kind: str, flattening: Flattening) -> Iterator[Fcp7Item]:
    """The pieces of one composition, without the dissolves inside it."""
    if kind == AUDIO:
        for sound in sounds_of(alone, (), (), flattening):
            yield _piece(sound, sound.source, flattening.rate, sound.gain_db)
    else:
        for picture in pictures_of(alone, flattening):
            if picture.source != BLACK:
                yield _piece(picture, picture.source, flattening.rate)


def _piece(piece: PicturePiece | SoundPiece, source: MediaRange, rate: Fraction, gain_db: float = 0.0) -> Fcp7Item:
    return Fcp7Item(
        name=piece.clip,
        span=piece.span,
        approximate=piece.approximate,
        path=source.path,
        first=frame_near(source.start, rate),
        media_first=0,
        media_frames=0,
        gain_db=gain_db,
    )
