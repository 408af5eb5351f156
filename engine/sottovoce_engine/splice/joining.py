"""The joins of a scene: which two sides meet in every fade, and what they have in common there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sottovoce_engine.splice.arranging import Arranged
from sottovoce_engine.splice.fades import Fade, Samples, correlation
from sottovoce_engine.splice.mix import SourceLayer, TakeLayer
from sottovoce_engine.splice.running import OpenSounds, Running
from sottovoce_engine.timing import Span

SOURCE = "source"
ROOM_TONE = "room tone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedJoin:
    """One fade from `before` to `after`: region ids, or the timeline's own dialogue, or room tone."""

    before: str
    after: str
    fade: Fade

    @property
    def span(self) -> Span:
        return self.fade.span


def joins_for(takes: Sequence[Arranged], sources: Sequence[SourceLayer], sounds: OpenSounds) -> tuple[PlannedJoin, ...]:
    """Every join in order, with its correlation measured on what overlaps there.

    Raises:
        InputError: A file is missing or damaged.
    """
    by_region = {take.region.id: take for take in takes}
    sides: list[tuple[Span, str, str]] = []
    for take in takes:
        sides.append((take.cuts.fade_in, take.cuts.from_region, take.region.id))
        if not take.cuts.to_region:
            sides.append((take.cuts.fade_out, take.region.id, ""))
    dialogue = Running([source for source in sources if source.dialogue and source.path])
    joins = []
    for span, before, after in sorted(sides):
        under = dialogue.during(span)
        own = _dialogue(under, span, sounds)
        outgoing = _take(by_region[before], span, sounds) if before else own
        incoming = _take(by_region[after], span, sounds) if after else own
        other = SOURCE if under else ROOM_TONE
        fade = Fade(span=span, correlation=correlation(outgoing, incoming))
        joins.append(PlannedJoin(before=before or other, after=after or other, fade=fade))
    return tuple(joins)


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
