"""The joins of a scene: which two sides meet in every fade, what they have in common there, and what is asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sottovoce_engine.join_wishes import JoinKey, JoinWish, Side, key_of, key_of_side
from sottovoce_engine.splice.arranging import Arranged
from sottovoce_engine.splice.beds import Gap
from sottovoce_engine.splice.cut_wishes import Cut, wish_notes
from sottovoce_engine.splice.fades import Fade, Samples, correlation
from sottovoce_engine.splice.mix import SourceLayer, TakeLayer, ToneChange
from sottovoce_engine.splice.running import OpenSounds, Running
from sottovoce_engine.timing import Span

SOURCE = "source"
ROOM_TONE = "room tone"

_NO_TONE = "there is no room tone after it to be changed: the timeline's own sound goes on there"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedJoin:
    """One fade from `before` to `after`: region ids, or the timeline's own dialogue, or room tone."""

    before: str
    after: str
    fade: Fade
    key: JoinKey
    cut: Cut
    wish: JoinWish | None  # None: nothing is asked of it
    instead_of: tuple[JoinKey, ...]  # other keys that a wish for it may lie under, where it was two joins before

    @property
    def span(self) -> Span:
        return self.fade.span


def joins_for(
    takes: Sequence[Arranged], sources: Sequence[SourceLayer], sounds: OpenSounds, near: Span | None = None
) -> tuple[PlannedJoin, ...]:
    """Every join in order, with its correlation measured on what overlaps there.

    Args:
        takes: Every take.
        sources: The timeline's own sound.
        sounds: Reads the takes.
        near: Only joins in these scene samples are listened to; None: all.

    Raises:
        InputError: A file is missing or damaged.
    """
    by_region = {take.region.id: take for take in takes}
    sides: list[tuple[Span, str, str, Cut]] = []
    for take in takes:
        sides.append((take.cuts.fade_in, take.cuts.from_region, take.region.id, take.cuts.cut_in))
        if not take.cuts.to_region:
            sides.append((take.cuts.fade_out, take.region.id, "", take.cuts.cut_out))
    dialogue = Running([source for source in sources if source.dialogue and source.path])
    joins = []
    for span, before, after, cut in sorted(sides, key=lambda side: side[:3]):
        under = dialogue.during(span)
        common = 0.0
        if near is None or near.overlaps(span):
            own = _dialogue(under, span, sounds)
            outgoing = _take(by_region[before], span, sounds) if before else own
            incoming = _take(by_region[after], span, sounds) if after else own
            common = correlation(outgoing, incoming)
        other = SOURCE if under else ROOM_TONE
        joins.append(
            PlannedJoin(
                before=before or other,
                after=after or other,
                fade=Fade(span=span, correlation=common),
                key=key_of(before, after, by_region),
                cut=cut,
                wish=_wish(by_region.get(before), by_region.get(after)),
                instead_of=(key_of_side(before, Side.OUT, by_region),) if before and after else (),
            )
        )
    return tuple(joins)


def tone_changes(joins: Sequence[PlannedJoin], length_samples: int) -> tuple[ToneChange, ...]:
    """What is asked of room tone: from a join to the next one, whosoever that is."""
    found = []
    for join, following in pairwise((*joins, None)):
        if join is not None and join.wish is not None and join.wish.tone_gain != 1.0:
            end = following.span.end if following is not None else length_samples
            found.append(
                ToneChange(
                    gain=join.wish.tone_gain,
                    rise=join.fade,
                    fall=None if following is None else following.fade,
                    span=Span(join.span.start, max(join.span.start, end)),
                )
            )
    return tuple(found)


def tone_follows(
    joins: Sequence[PlannedJoin], takes: Sequence[Arranged], gaps: Sequence[Gap], length_samples: int
) -> tuple[bool, ...]:
    """Whether room tone lies between each join and the next one."""
    under, where, found, start = Running(takes), Running(gaps), [], 0
    for join, following in pairwise((*joins, None)):
        if join is not None:
            start = max(start, join.span.end)
            stretch = Span(start, max(start, length_samples if following is None else following.span.start))
            found.append(bool(under.during(stretch)) | bool(where.during(stretch)))
    return tuple(found)


def notes_of(join: PlannedJoin, tone: bool) -> tuple[str, ...]:
    """What was asked of a join and could not be done in full; `tone`: whether any follows it."""
    silent = join.wish is not None and join.wish.tone_gain != 1.0 and not tone
    return (*wish_notes(join.cut), _NO_TONE) if silent else wish_notes(join.cut)


def take_layers(
    takes: Sequence[Arranged], joins: Sequence[PlannedJoin], gains: Sequence[float]
) -> tuple[TakeLayer, ...]:
    """The takes as the mix lays them; `gains` are factors."""
    rising = {join.after: join.fade for join in joins}
    falling = {join.before: join.fade for join in joins}
    return tuple(
        TakeLayer(
            region=take.region.id,
            voice=take.region.voice,
            path=take.path,
            origin=take.origin,
            gain=gain,
            fade_in=rising[take.region.id],
            fade_out=falling[take.region.id],
        )
        for take, gain in zip(takes, gains, strict=True)
    )


def _wish(before: Arranged | None, after: Arranged | None) -> JoinWish | None:
    """What is asked of a join: of the region that comes in, else of the one that goes out."""
    asked = None if after is None else after.place.wishes.coming_in
    return asked or (None if before is None else before.place.wishes.going_out)


def _take(take: Arranged, span: Span, sounds: OpenSounds) -> Samples:
    return sounds.sound(take.path, span.shifted(-take.origin))


def _dialogue(layers: Sequence[SourceLayer], span: Span, sounds: OpenSounds) -> Samples:
    total = np.zeros((2, span.length), np.float32)
    for layer in layers:
        part = layer.span.common(span)
        if part is not None:
            inside = slice(part.start - span.start, part.end - span.start)
            total[:, inside] += sounds.sound(layer.path, part.shifted(-layer.origin)) * layer.envelope(part)
    return total
