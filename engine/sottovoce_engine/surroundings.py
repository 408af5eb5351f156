"""What lies beside a region on the timeline: dialogue that stays, up to the next region or the next break.

dialogue A1    |======= street.mov =======|== street.mov, later =========|
regions             [ANNA]    [## BEN ##]              [CARA]
before BEN                |bbb|           |                                 where ANNA ends
after BEN                                 |aaaaaaaaaaaa|                    where CARA starts, or the file breaks off
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sottovoce_engine.scene import Region, Scene, SoundPiece
from sottovoce_engine.span_sets import merged
from sottovoce_engine.timing import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One file's dialogue on one track, without a break."""

    span: Span  # scene frames, crossfades left out
    path: str
    start: Fraction  # seconds into the file at the span's first frame
    gain_db: float
    clip: str


class Surroundings:
    """The dialogue and the regions of a scene, ordered once for all regions that look around themselves."""

    def __init__(self, scene: Scene) -> None:
        pieces = [piece for piece in scene.sounds if piece.dialogue and piece.source.path]
        tracks = dict.fromkeys(piece.track for piece in pieces)
        self._tracks = [_stretches([one for one in pieces if one.track == track], scene.rate) for track in tracks]
        self._marked = merged(region.sound_span for region in scene.regions)

    def before(self, region: Region, first: int) -> list[tuple[Stretch, Span]]:
        """What sounds right before a region, one stretch for each track, and over which scene frames from `first` on."""
        edge = region.sound_span.start
        marked = _last_from(self._marked, edge - 1)
        if marked is not None:
            first = max(first, min(marked.end, edge))
        there = filter(None, (_at(track, edge - 1) for track in self._tracks))
        held = ((stretch, Span(min(edge, max(first, stretch.span.start)), edge)) for stretch in there)
        return [(stretch, span) for stretch, span in held if span.length]

    def after(self, region: Region, last: int) -> list[tuple[Stretch, Span]]:
        """What sounds right after a region, and up to which scene frame, at most `last`."""
        edge = region.sound_span.end
        index = bisect_right(self._marked, edge, key=lambda span: span.end)
        if index < len(self._marked):
            last = min(last, max(edge, self._marked[index].start))
        there = filter(None, (_at(track, edge) for track in self._tracks))
        held = ((stretch, Span(edge, max(edge, min(last, stretch.span.end)))) for stretch in there)
        return [(stretch, span) for stretch, span in held if span.length]


def _stretches(pieces: Sequence[SoundPiece], rate: Fraction) -> list[Stretch]:
    """The pieces of one track in order; those that run on from each other as one."""
    found: list[Stretch] = []
    for piece in sorted(pieces, key=lambda piece: piece.span):
        one = _stretch(piece, rate)
        if one is None:
            continue
        if found and _runs_on(found[-1], one, rate):
            before = found.pop()
            one = Stretch(
                span=Span(before.span.start, one.span.end),
                path=one.path,
                start=before.start,
                gain_db=one.gain_db,
                clip=before.clip,
            )
        found.append(one)
    return found


def _stretch(piece: SoundPiece, rate: Fraction) -> Stretch | None:
    """What of a piece is heard alone on its track; None where crossfades leave nothing."""
    start = piece.span.start if piece.fade_in is None else piece.fade_in.end
    end = piece.span.end if piece.fade_out is None else piece.fade_out.start
    if start >= end:
        return None
    return Stretch(
        span=Span(start, end),
        path=piece.source.path,
        start=piece.source.start + (start - piece.span.start) / rate,
        gain_db=piece.gain_db,
        clip=piece.clip,
    )


def _runs_on(before: Stretch, after: Stretch, rate: Fraction) -> bool:
    meets = before.span.end == after.span.start and before.start + before.span.length / rate == after.start
    return meets and (before.path, before.gain_db) == (after.path, after.gain_db)


def _last_from(spans: Sequence[Span], frame: int) -> Span | None:
    """The last of rising spans that starts at `frame` or before it."""
    index = bisect_right(spans, frame, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 else None


def _at(track: Sequence[Stretch], frame: int) -> Stretch | None:
    index = bisect_right(track, frame, key=lambda stretch: stretch.span.start) - 1
    return track[index] if index >= 0 and frame < track[index].span.end else None
