"""Marks as regions: who speaks, how long a point mark lasts, and the id of a mark that has none."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sottovoce_engine.scene import Region, Scene, SoundPiece, ToneMark
from sottovoce_engine.speaking import MIN_SECONDS, speaking_seconds
from sottovoce_engine.timing import Span, frames_in
from sottovoce_otio.cast import Cast
from sottovoce_otio.found_marks import FoundMark
from sottovoce_otio.said_marks import SaidMark
from sottovoce_otio.times import frame_near, second_of
from sottovoce_otio.vocabulary import ToneText, short


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedRegion:
    """A region and the marks it was read from; the first one counts, the others say the same at the same place."""

    region: Region
    marks: tuple[FoundMark, ...]


def marked_regions(marks: Iterable[FoundMark], cast: Cast, scene: Scene, notes: dict[str, None]) -> list[MarkedRegion]:
    """The regions of a timeline, by start. The same mark on several items, as linked clips have it, is one.

    Args:
        marks: Those that say something spoken are used.
        cast: Who speaks.
        scene: The scene so far; point marks last as long as the dialogue under them.
        notes: Added to.
    """
    found = [_as_marked(mark, mark.said, cast, scene.rate) for mark in marks if isinstance(mark.said, SaidMark)]
    found.sort(key=lambda each: (each.region.span, not each.region.id))
    return list(_with_ids(_with_lengths(_each_once(found, notes), scene)))


def tone_marks(marks: Iterable[FoundMark], scene: Scene, notes: dict[str, None]) -> list[tuple[ToneMark, FoundMark]]:
    """The stretches of sound that were marked as room tone: the dialogue's under the mark, else any sound's."""
    tones = []
    for mark in marks:
        if not isinstance(mark.said, ToneText):
            continue
        start = frame_near(mark.start, scene.rate)
        piece = _sound_under(start, scene.sounds)
        if piece is None:
            notes[f"the room tone marked at frame {start} has no sound under it and was left out"] = None
            continue
        end = piece.span.end if mark.point else min(frame_near(mark.end, scene.rate), piece.span.end)
        begin = piece.source.start + second_of(start - piece.span.start, scene.rate)
        source = replace(piece.source, start=begin)
        tone = ToneMark(location=mark.said.location, source=source, seconds=second_of(end - start, scene.rate))
        tones.append((tone, mark))
    return tones


def _as_marked(mark: FoundMark, said: SaidMark, cast: Cast, rate: Fraction) -> MarkedRegion:
    spoken = said.spoken
    start = frame_near(mark.start, rate)
    end = start if mark.point else max(start, frame_near(mark.end, rate))
    base = said.region or Region(id="", span=Span(0, 0), register="", voice="", line="")
    region = replace(
        base,
        id=spoken.id,
        span=Span(start, end),
        register=spoken.register,
        voice=cast.name_for(spoken),
        line=spoken.line,
        look=spoken.look,
        cue=spoken.cue,
        picture=spoken.picture or base.picture,
        length_guessed=mark.point or base.length_guessed,
    )
    return MarkedRegion(region=region, marks=(mark,))


def _each_once(found: Iterable[MarkedRegion], notes: dict[str, None]) -> list[MarkedRegion]:
    """Marks at one place that say the same as one; of them, one that has an id comes first."""
    kept: dict[tuple[Span, str, str, str, str], MarkedRegion] = {}
    last_id: dict[tuple[Span, str, str, str], str] = {}
    for each in found:
        region = each.region
        place = (region.span, region.voice, region.register, region.line)
        region_id = last_id.setdefault(place, region.id) if not region.id else region.id
        last_id[place] = region_id
        first = kept.get((*place, region_id))
        if first is None:
            kept[*place, region_id] = each
        else:
            kept[*place, region_id] = replace(first, marks=first.marks + each.marks)
            notes[f"the mark '{short(region.line)}' stands at one place more than once and counts once"] = None
    return list(kept.values())


def _with_lengths(found: Sequence[MarkedRegion], scene: Scene) -> Iterator[MarkedRegion]:
    """Point marks run to the end of the dialogue clip under them, else as long as the line takes to say.

    Either way they end where the timeline does, and where the same voice's next region starts.
    """
    dialogue = _DialogueEnds(scene.sounds)
    least = frames_in(MIN_SECONDS, scene.rate)
    for each, limit in zip(found, _limits(found, scene.length_frames), strict=True):
        region, start = each.region, each.region.span.start
        if not each.marks[0].point:
            yield each
            continue
        end = dialogue.end_after(start, least)
        if end is None:
            end = start + max(1, frames_in(speaking_seconds(region.line), scene.rate))
        yield replace(each, region=replace(region, span=Span(start, max(start, min(end, limit)))))


def _limits(found: Sequence[MarkedRegion], length: int) -> list[int]:
    """Where each region's voice starts its next one, or the timeline ends."""
    starts: dict[str, tuple[int, int]] = {}  # by voice: the last start seen, and the one after it
    limits: list[int] = []
    for each in reversed(found):
        start = each.region.span.start
        last, after = starts.get(each.region.voice, (length, length))
        if last > start:
            after = last
        starts[each.region.voice] = (start, after)
        limits.append(after)
    return limits[::-1]


class _DialogueEnds:
    """Where the dialogue under a frame ends."""

    def __init__(self, sounds: Iterable[SoundPiece]) -> None:
        self._tracks: dict[str, list[SoundPiece]] = {}
        for piece in sounds:
            if piece.dialogue:
                self._tracks.setdefault(piece.track, []).append(piece)

    def end_after(self, frame: int, least: int) -> int | None:
        """The nearest end of dialogue that sounds at `frame` and goes on for at least `least` frames."""
        ends = [piece.span.end for pieces in self._tracks.values() for piece in _around(pieces, frame)]
        return min((end for end in ends if end - frame >= least), default=None)


def _around(pieces: Sequence[SoundPiece], frame: int) -> Iterator[SoundPiece]:
    """The pieces of one track, by start, that sound at `frame`: one, or two in a crossfade."""
    after = bisect_right(pieces, frame, key=lambda piece: piece.span.start)
    return (piece for piece in pieces[max(0, after - 2) : after] if piece.span.end > frame)


def _sound_under(frame: int, sounds: Iterable[SoundPiece]) -> SoundPiece | None:
    under = [piece for piece in sounds if piece.span.start <= frame < piece.span.end and piece.source.path]
    return max(under, key=lambda piece: (piece.dialogue, piece.span.end), default=None)


def _with_ids(found: Iterable[MarkedRegion]) -> Iterator[MarkedRegion]:
    """An id for every mark without one, from what it says and where: the same at every reading."""
    marked = list(found)
    taken = {each.region.id for each in marked}
    for each in marked:
        region_id, attempt = each.region.id, 0
        while not region_id:
            candidate = _derived_id(each, attempt)
            region_id, attempt = ("" if candidate in taken else candidate), attempt + 1
        taken.add(region_id)
        yield replace(each, region=replace(each.region, id=region_id))


def _derived_id(each: MarkedRegion, attempt: int) -> str:
    region = each.region
    said = [region.register, region.voice.casefold(), region.line, region.look, region.cue]
    place = [each.marks[0].owner.kind, region.span.start, attempt]
    return hashlib.sha256(json.dumps([said, place]).encode()).hexdigest()[:8]
