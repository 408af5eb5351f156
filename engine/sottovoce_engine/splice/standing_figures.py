"""Which figures of the last splice still hold for the joins as they are now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sottovoce_engine.join_wishes import JoinKey
from sottovoce_engine.scene import Region
from sottovoce_engine.splice.values import JoinFigures, SceneJoin, Spliced
from sottovoce_engine.take import PlacedTake


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFigures:
    """The figures there are, and those of joins that are otherwise now."""

    figures: Mapping[JoinKey, JoinFigures]
    stale: frozenset[JoinKey]


def standing_figures(now: Sequence[SceneJoin], placed: Sequence[PlacedTake], last: Spliced) -> StandingFigures:
    """The last splice's figures by join.

    They are stale where a cut lies or fades otherwise, another take or another region meets there, or another room tone.
    """
    figures = {join.wish.key: join for join in last.joins if join.wish is not None}
    tones = _tones_before(last.joins)
    then, there = _sounding(region.placed for region in last.regions), _sounding(placed)
    stale, tone = set(), 1.0
    for join in now:
        before = figures.get(join.key)
        if before is not None and before.wish is not None:
            same = (before.before, before.after, before.fade) == (join.before, join.after, join.fade)
            same &= all(then.get(side) == there.get(side) for side in (join.before, join.after))
            same &= (tones[join.key], before.wish.tone_gain) == (tone, join.wish.tone_gain)
            if not same:
                stale.add(join.key)
        tone = join.wish.tone_gain
    return StandingFigures(
        figures={join.key: figures[join.key] for join in now if join.key in figures}, stale=frozenset(stale)
    )


def _tones_before(joins: Sequence[JoinFigures]) -> dict[JoinKey, float]:
    """The gain of room tone that led up to each join."""
    found: dict[JoinKey, float] = {}
    for before, join in pairwise((None, *joins)):
        if join is not None and join.wish is not None:
            found[join.wish.key] = 1.0 if before is None or before.wish is None else before.wish.tone_gain
    return found


def _sounding(placed: Iterable[PlacedTake]) -> dict[str, tuple[Region, str]]:
    """What each region sounds like: itself as it is marked, and its take."""
    return {take.region.id: (take.region, take.take.key) for take in placed}
