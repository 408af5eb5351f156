"""Where room tone lies: under every region, and in gaps where the timeline has no sound of its own.

source sounds   |=====dialogue=====|                         |==music==|
regions               [ANNA, yard]         [BEN, kitchen]
tone            .     ~~yard~~~~~~~~~~~~~~~X~~kitchen~~~~~~~~~         .     X crossfade at the cut
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sottovoce_engine.splice.fades import Fade, Samples
from sottovoce_engine.timing import SAMPLE_RATE, Span

_SHORTEST_GAP = SAMPLE_RATE // 25  # tone in a gap under 40 ms would only be heard as a flutter


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch without source sound. Tone rises and falls inside it, but not at the scene's own ends."""

    span: Span
    rise: Fade | None
    fall: Fade | None

    def weight(self, block: Span) -> Samples:
        """How much of the tone is there for each sample of `block`."""
        rising = np.ones(block.length, np.float32) if self.rise is None else self.rise.weight(block)
        return rising if self.fall is None else rising * (1.0 - self.fall.weight(block))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """A region as far as tone goes."""

    location: str
    sound: Span
    fade_in: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """One location's tone over one stretch; `rise` and `fall` are the crossfades with its neighbours."""

    location: str
    span: Span
    rise: Fade | None = None
    fall: Fade | None = None


def gaps_between(sounds: Iterable[Span], length_samples: int, fade: int) -> tuple[Gap, ...]:
    """The stretches of the scene over which none of `sounds` (samples, any order) plays."""
    edges = [0]
    for sound in sorted(sounds):
        if sound.start > edges[-1]:
            edges += [sound.start, sound.end]
        else:
            edges[-1] = max(edges[-1], sound.end)
    spans = [
        Span(start, end) for start, end in zip(edges[::2], [*edges[1::2], length_samples], strict=True) if start < end
    ]
    return tuple(_gap(span, length_samples, fade) for span in spans if span.length >= _SHORTEST_GAP)


def beds_for(regions: Sequence[Sounding], length_samples: int, default: str) -> tuple[Bed, ...]:
    """One bed after the other over the whole scene; the location changes where a region of another one is cut in.

    Args:
        regions: In order of their sound.
        length_samples: Of the scene.
        default: The location of a scene without regions.
    """
    if not regions:
        return (Bed(location=default, span=Span(0, length_samples)),)
    changes: list[tuple[str, Span]] = []
    current, last = regions[0].location, 0
    for region in regions[1:]:
        if region.location != current and region.fade_in.start >= last:
            changes.append((region.location, region.fade_in))
            current, last = region.location, region.fade_in.end
    fades = [None, *(Fade(span=span) for _, span in changes), None]
    names = [regions[0].location, *(location for location, _ in changes)]
    return tuple(
        Bed(
            location=name,
            span=Span(rise.span.start if rise else 0, fall.span.end if fall else length_samples),
            rise=rise,
            fall=fall,
        )
        for name, (rise, fall) in zip(names, itertools.pairwise(fades), strict=True)
    )


def _gap(span: Span, length_samples: int, fade: int) -> Gap:
    inner_ends = (span.start > 0) + (span.end < length_samples)
    length = min(fade, span.length // max(1, inner_ends))
    rise = Fade(span=Span(span.start, span.start + length)) if span.start > 0 else None
    fall = Fade(span=Span(span.end - length, span.end)) if span.end < length_samples else None
    return Gap(span=span, rise=rise, fall=fall)
