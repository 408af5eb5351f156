"""Regions of a timeline as it was, matched with those of the timeline as it is.

before    [1f0c ANNA one]  [88aa BEN two]              [c001 ANNA three]
after        [1f0c ANNA one]   [new BEN two, then]
          moved             edited: 88aa is now …      lost
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher

from sottovoce_engine.scene import Region
from sottovoce_engine.timing import Span

_ALIKE = 0.6  # share of a line's characters that must be kept for two overlapping regions to be one
_NOT_EDITS = ("id", "span")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A region before and after."""

    before: Region
    after: Region

    @property
    def moved(self) -> bool:
        return self.before.span.start != self.after.span.start and not self.trimmed

    @property
    def trimmed(self) -> bool:
        return self.before.span.length != self.after.span.length

    @property
    def edited(self) -> tuple[str, ...]:
        """The names of the fields that changed, other than the span."""
        names = (field.name for field in fields(Region) if field.name not in _NOT_EDITS)
        return tuple(name for name in names if getattr(self.before, name) != getattr(self.after, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """How the regions of a timeline changed."""

    matches: tuple[Match, ...]
    lost: tuple[Region, ...]
    new: tuple[Region, ...]

    @property
    def moved(self) -> tuple[Match, ...]:
        return tuple(match for match in self.matches if match.moved)

    @property
    def trimmed(self) -> tuple[Match, ...]:
        return tuple(match for match in self.matches if match.trimmed)

    @property
    def edited(self) -> tuple[Match, ...]:
        return tuple(match for match in self.matches if match.edited)

    @property
    def new_ids(self) -> Mapping[str, str]:
        """The id each matched region has now, by the id it had."""
        return {match.before.id: match.after.id for match in self.matches}

    @property
    def old_ids(self) -> Mapping[str, str]:
        """The id each matched region had, by the id it has now."""
        return {match.after.id: match.before.id for match in self.matches}

    def sentences(self, most: int = 20) -> tuple[str, ...]:
        """What a person should know, one sentence per region that changed."""
        said = [sentence for match in self.matches if (sentence := _changed(match))]
        said += [f"{_named(region)} is no longer marked; its takes are kept." for region in self.lost]
        said += [f"{_named(region)} is new." for region in self.new]
        more = len(said) - most
        return (*said[:most], f"{more} more regions changed.") if more > 0 else tuple(said)


def matched(before: Sequence[Region], after: Sequence[Region]) -> Differences:
    """Matches regions by id; what is left, by voice and line; what is still left, by voice, overlap and a similar line."""
    pairs: dict[str, Region] = {}
    old = {region.id: region for region in before}
    new = {region.id: region for region in after}
    for region_id in old.keys() & new.keys():
        pairs[region_id] = new[region_id]
    for find in (_same_line, _overlapping):
        taken = {region.id for region in pairs.values()}
        left = [region for region in before if region.id not in pairs]
        free = [region for region in after if region.id not in taken]
        pairs |= find(left, free)
    taken = {region.id for region in pairs.values()}
    return Differences(
        matches=tuple(Match(before=region, after=pairs[region.id]) for region in before if region.id in pairs),
        lost=tuple(region for region in before if region.id not in pairs),
        new=tuple(region for region in after if region.id not in taken),
    )


def _same_line(left: Sequence[Region], free: Sequence[Region]) -> dict[str, Region]:
    """Regions whose voice says the same words as before: the nearest where it says them often, else in order."""
    before, after = _by_words(left), _by_words(free)
    pairs: dict[str, Region] = {}
    for words, group in before.items():
        others = after.get(words, [])
        near = [
            (abs(other.span.start - one.span.start), one.id, other) for one in group for other in _near(one, others)
        ]
        pairs |= _best_first(near)
        taken = {other.id for other in pairs.values()}
        rest = [one.id for one in group if one.id not in pairs]
        pairs |= zip(rest, (other for other in others if other.id not in taken), strict=False)
    return pairs


def _by_words(regions: Sequence[Region]) -> dict[tuple[str, ...], list[Region]]:
    """Regions by voice and words, each list rising."""
    grouped: dict[tuple[str, ...], list[Region]] = {}
    for region in sorted(regions, key=lambda region: region.span):
        grouped.setdefault((region.voice.casefold(), *region.line.casefold().split()), []).append(region)
    return grouped


def _near(region: Region, others: Sequence[Region]) -> Iterable[Region]:
    """The two before and the two after."""
    middle = bisect_left(others, region.span.start, key=lambda other: other.span.start)
    return others[max(0, middle - 2) : middle + 2]


def _overlapping(left: Sequence[Region], free: Sequence[Region]) -> dict[str, Region]:
    """Regions of one voice that lie over each other and say nearly the same; the most alike first."""
    by_voice: dict[str, list[Region]] = {}
    for region in sorted(free, key=lambda region: region.span):
        by_voice.setdefault(region.voice.casefold(), []).append(region)
    return _best_first(
        (1.0 - likeness, region.id, other)
        for region in left
        for other in _under(region.span, by_voice.get(region.voice.casefold(), []))
        if (likeness := _likeness(region, other)) >= _ALIKE
    )


def _best_first(scored: Iterable[tuple[float, str, Region]]) -> dict[str, Region]:
    """Pairs from (distance, id before, region after), nearest first, each region once."""
    pairs: dict[str, Region] = {}
    taken: set[str] = set()
    for _, region_id, other in sorted(scored, key=lambda score: (score[0], score[1], score[2].id)):
        if region_id not in pairs and other.id not in taken:
            pairs[region_id] = other
            taken.add(other.id)
    return pairs


def _under(span: Span, regions: Sequence[Region]) -> Iterable[Region]:
    """Those of one voice's regions, rising and apart, that share frames with `span`."""
    first = bisect_right(regions, span.start, key=lambda region: region.span.end)
    after = bisect_left(regions, span.end, key=lambda region: region.span.start)
    return regions[first:after]


def _likeness(one: Region, other: Region) -> float:
    return SequenceMatcher(None, one.line.casefold(), other.line.casefold(), autojunk=False).ratio()


def _changed(match: Match) -> str:
    before, after = match.before, match.after
    said = []
    if match.moved:
        by = after.span.start - before.span.start
        said.append(f"moved by {by:+} frames")
    if match.trimmed:
        said.append(f"was {before.span.length} frames long and is {after.span.length}")
    if match.edited:
        said.append(f"has another {', '.join(match.edited)}".replace("_", " "))
    if before.id != after.id:
        said.append(f"had the id {before.id}")
    return f"{_named(after)} {', '.join(said)}." if said else ""


def _named(region: Region) -> str:
    line = region.line if len(region.line) <= 40 else region.line[:39] + "…"
    return f"{region.id} {region.voice} '{line}'"
