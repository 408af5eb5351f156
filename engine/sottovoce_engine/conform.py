"""Regions of one cut, placed on another by the material under them.

old cut    |==== A 100-148 ====|==== B 0-96 ====|          A, B: what lies there, and which of its frames
region              [############]
new cut    |== C ==|==== A 100-148 ====|= B 20-96 =|
region                      [##########]                   moved with A; what lay on B 0-19 is gone: trimmed

Where old and new show the same frame of a source, they differ by a number of frames. A region is placed by the
difference that keeps most of it: by its picture; by its dialogue, where that keeps more; by other sound where it has
neither. Where several keep the same, because a source is used more than once, its neighbours decide.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from fractions import Fraction

from sottovoce_engine.scene import Region
from sottovoce_engine.span_sets import largest_first, length_of, merged, without
from sottovoce_engine.timing import Span

_LEAST_KEPT = Fraction(1, 3)  # of what lay under a region: with less of it there, a line has nothing to stand on


class Kind(IntEnum):
    """What a region goes by, best first."""

    PICTURE = 0
    DIALOGUE = 1
    SOUND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A stretch of a source on a timeline."""

    span: Span  # scene frames
    source: str  # the same for the same material in both cuts
    at: Fraction  # seconds on the source's own clock at the first frame
    kind: Kind


class Fate(StrEnum):
    """What became of a region."""

    STAYS = "stays"
    MOVED = "moved"
    TRIMMED = "trimmed"  # a part of what lay under it is gone
    SPLIT = "split"  # a part of what lay under it lies elsewhere now
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a region lies in the new cut."""

    region: Region  # as in the old cut
    fate: Fate
    span: Span | None = None  # scene frames of the new cut; None: nowhere
    by: int = 0  # frames that its material lies later
    kind: Kind | None = None  # what it went by
    elsewhere: tuple[Span, ...] = ()  # where in the new cut the rest of it lies
    uses: int = 1  # places in the new cut that would have done
    why: str = ""  # of a loss


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """A place in the new cut: `by` frames later than in the old one."""

    by: int
    kind: Kind
    covered: tuple[Span, ...]  # frames of the old cut that lie there


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """What a region goes by, and every place that the new cut has for it."""

    region: Region
    lain_on: tuple[Span, ...] = ()  # frames under the region that something lay on
    offers: tuple[_Offer, ...] = ()

    @property
    def most_kept(self) -> int:
        """How many of those frames the best offer keeps."""
        return max((length_of(offer.covered) for offer in self.offers), default=0)

    @property
    def share(self) -> Fraction:
        """The same as a part of them."""
        return Fraction(self.most_kept, length_of(self.lain_on)) if self.lain_on else Fraction(0)

    @property
    def best(self) -> tuple[_Offer, ...]:
        """The offers that keep most of it, all alike."""
        most = self.most_kept
        return tuple(offer for offer in self.offers if length_of(offer.covered) == most)


def placements(
    regions: Iterable[Region], before: Iterable[Laid], after: Iterable[Laid], rate: Fraction, length: int
) -> tuple[Placement, ...]:
    """Where each region lies in the new cut, by start.

    Args:
        regions: Of the old cut.
        before: What lies on the old cut.
        after: What lies on the new one, in the old one's sources and clocks.
        rate: Frames a second of both.
        length: Frames of the new cut.
    """
    old, new = _Ground(before, rate), _Sources(after)
    choices = [_choice(region, old, new) for region in sorted(regions, key=lambda region: (region.span, region.id))]
    settled = _settled(choices)
    return tuple(
        _without_clashes([_placement(each, offer, length) for each, offer in zip(choices, settled, strict=True)])
    )


class _Ground:
    """What lies under a span of the old cut."""

    def __init__(self, laid: Iterable[Laid], rate: Fraction) -> None:
        self.rate = rate
        self._laid: dict[Kind, list[Laid]] = {kind: [] for kind in Kind}
        for each in sorted(laid, key=lambda each: each.span):
            self._laid[each.kind].append(each)
        self._longest = {
            kind: max((each.span.length for each in found), default=0) for kind, found in self._laid.items()
        }

    def under(self, span: Span, kind: Kind) -> Iterator[Laid]:
        found = self._laid[kind]
        first = bisect_left(found, span.start - self._longest[kind], key=lambda each: each.span.start)
        last = bisect_left(found, span.end, key=lambda each: each.span.start)
        return (each for each in found[first:last] if each.span.overlaps(span))


class _Sources:
    """Where the new cut uses a source."""

    def __init__(self, laid: Iterable[Laid]) -> None:
        self._laid: dict[tuple[Kind, str], list[Laid]] = {}
        for each in sorted(laid, key=lambda each: (each.at, each.span)):
            self._laid.setdefault((each.kind, each.source), []).append(each)
        self._longest = {key: max(each.span.length for each in found) for key, found in self._laid.items()}

    def uses(self, kind: Kind, source: str, start: Fraction, end: Fraction, rate: Fraction) -> Sequence[Laid]:
        """Uses that may reach into a stretch of the source's clock."""
        found = self._laid.get((kind, source), [])
        reach = self._longest.get((kind, source), 0) / rate
        return found[
            bisect_left(found, start - reach, key=lambda each: each.at) : bisect_right(
                found, end, key=lambda each: each.at
            )
        ]


def _choice(region: Region, old: _Ground, new: _Sources) -> _Choice:
    best = _Choice(region=region)
    for kind in Kind:
        lain_on = merged(each.span.common(region.span) for each in old.under(region.span, kind))
        if lain_on and (kind is not Kind.SOUND or not best.lain_on):
            found = _Choice(region=region, lain_on=lain_on, offers=tuple(_offers(region.span, kind, old, new)))
            best = found if not best.lain_on or found.share > best.share else best
    return best


def _offers(span: Span, kind: Kind, old: _Ground, new: _Sources) -> list[_Offer]:
    """Every place in the new cut that shows frames that lie under `span`."""
    covered: dict[int, list[Span]] = {}
    rate = old.rate
    for laid in old.under(span, kind):
        part = laid.span.common(span)
        if part is None:
            continue
        start = laid.at + (part.start - laid.span.start) / rate
        for use in new.uses(kind, laid.source, start, start + part.length / rate, rate):
            by = round(use.span.start - laid.span.start - (use.at - laid.at) * rate)
            shared = part.common(use.span.shifted(-by))
            if shared is not None:
                covered.setdefault(by, []).append(shared)
    return [_Offer(by=by, kind=kind, covered=merged(spans)) for by, spans in sorted(covered.items())]


def _settled(choices: Sequence[_Choice]) -> list[_Offer | None]:
    """The offer each region takes: the only best one, else the one that fits its neighbours."""
    bests = [each.best for each in choices]
    settled = [best[0] if len(best) == 1 else None for best in bests]
    for index, each in enumerate(choices):
        if len(bests[index]) > 1:
            before = next((at for at in range(index - 1, -1, -1) if settled[at] is not None), None)
            after = next((at for at in range(index + 1, len(choices)) if settled[at] is not None), None)
            neighbours = [(choices[at].region, settled[at]) for at in (before, after) if at is not None]
            settled[index] = min(bests[index], key=lambda offer: _strangeness(each.region, offer, neighbours))
    return settled


def _strangeness(
    region: Region, offer: _Offer, neighbours: Iterable[tuple[Region, _Offer | None]]
) -> tuple[int, int, int, int]:
    """How little an offer fits: neighbours it changes places with, its distance from the nearest one's, its own."""
    swapped, nearest = 0, []
    for neighbour, theirs in neighbours:
        if theirs is None:
            continue
        apart = region.span.start - neighbour.span.start
        swapped += (apart + offer.by - theirs.by) * apart < 0
        nearest.append((abs(apart), abs(offer.by - theirs.by)))
    return swapped, min(nearest, default=(0, 0))[1], abs(offer.by), offer.by


def _placement(choice: _Choice, offer: _Offer | None, length: int) -> Placement:
    region = choice.region
    if not choice.lain_on:
        return _lost(region, "nothing lies under it that it could go by")
    if offer is None:
        return _lost(region, "nothing of what lies under it is in the new cut")
    beyond = without((region.span.shifted(offer.by),), (Span(0, length),))
    gone = merged((*without(choice.lain_on, offer.covered), *(span.shifted(-offer.by) for span in beyond)))
    kept = next(iter(largest_first(without((region.span,), gone), by=offer.covered)), None)
    on_it = 0 if kept is None else length_of(without((kept,), without((kept,), offer.covered)))
    if kept is None or on_it < _LEAST_KEPT * length_of(choice.lain_on):
        return _lost(region, f"of the {length_of(choice.lain_on)} frames under it only {on_it} are left in one piece")
    elsewhere = tuple(_elsewhere(gone, (other for other in choice.offers if other is not offer)))
    cut = Fate.SPLIT if elsewhere else Fate.TRIMMED
    whole = Fate.MOVED if offer.by else Fate.STAYS
    return Placement(
        region=region,
        fate=whole if kept == region.span else cut,
        span=kept.shifted(offer.by),
        by=offer.by,
        kind=offer.kind,
        elsewhere=elsewhere,
        uses=sum(other.covered == offer.covered for other in choice.offers),
    )


def _lost(region: Region, why: str) -> Placement:
    return Placement(region=region, fate=Fate.LOST, why=why)


def _elsewhere(gone: tuple[Span, ...], others: Iterable[_Offer]) -> Iterator[Span]:
    """Where the new cut has the frames that are gone, each once, the largest stretches first."""
    for offer in sorted(others, key=lambda offer: (-length_of(offer.covered), offer.by)):
        for missing in gone:
            yield from (
                common.shifted(offer.by) for span in offer.covered if (common := span.common(missing)) is not None
            )
        gone = without(gone, offer.covered)


def _without_clashes(placed: Sequence[Placement]) -> list[Placement]:
    """One voice says one line at a time: of two regions over each other, the one of which more was kept stays."""
    taken: dict[str, list[Span]] = {}
    found = list(placed)
    for index, each in sorted(enumerate(placed), key=lambda pair: (-_kept(pair[1]), pair[0])):
        if each.span is None:
            continue
        voice = taken.setdefault(each.region.voice, [])
        at = bisect_left(voice, each.span)
        if any(other.overlaps(each.span) for other in voice[max(0, at - 1) : at + 1]):
            found[index] = _lost(each.region, f"another line of {each.region.voice} lies where it would go")
        else:
            insort(voice, each.span)
    return found


def _kept(placement: Placement) -> Fraction:
    return Fraction(0 if placement.span is None else placement.span.length, placement.region.span.length)
