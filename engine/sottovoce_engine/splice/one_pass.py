"""Takes cut from one sampled window: what lies between their regions was made with them, and stays.

window      |  handle |## A ##|   gap   |## B ##| handle |
A's take    |---------------------|
B's take                        |------------------------|
spliced               |#### A ####|#### B ####|             one fade half-way, the same samples on both sides of it

Where the timeline has dialogue of its own in the gap, or the editor asked for a J or L cut there, it is a gap as any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sottovoce_engine.scene import Scene
from sottovoce_engine.take import PlacedTake
from sottovoce_engine.timing import Span, samples_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePass:
    """Which takes run on into which. Everything is by region id."""

    spans: Mapping[str, Span]  # scene frames: a region and its half of the gaps to those it shares a window with
    following: Mapping[str, str]  # the region that a region's take runs on into
    notes: Mapping[str, str]  # what is to be said where a take could run on from the one before it and does not


def one_pass_of(scene: Scene, placed: Sequence[PlacedTake], dialogue: Sequence[Span]) -> OnePass:
    """The takes of a scene that lie beside each other in one window.

    Args:
        scene: As it is spliced.
        placed: One take for each region.
        dialogue: Where the timeline has dialogue of its own, scene samples.
    """
    spans: dict[str, Span] = {}
    following: dict[str, str] = {}
    notes: dict[str, str] = {}
    gated = sorted((take for take in placed if take.take.job.gating is not None), key=lambda take: take.region.span)
    for before, after in pairwise(gated):
        gap = Span(before.region.span.end, max(before.region.span.end, after.region.span.start))
        if not _neighbours(before, after) or any(span.overlaps(samples_of(gap, scene.rate)) for span in dialogue):
            continue
        if not _run_on(before, after):
            notes[after.region.id] = (
                f"it was sampled in one window with '{before.region.line[:40]}', and the takes chosen are of two passes or "
                "lie otherwise now: they are joined as any two"
            )
            continue
        half_way = (gap.start + gap.end) // 2
        spans[before.region.id] = Span(spans.get(before.region.id, before.region.span).start, half_way)
        spans[after.region.id] = Span(half_way, after.region.span.end)
        following[before.region.id] = after.region.id
    return OnePass(spans=spans, following=following, notes=notes)


def _neighbours(before: PlacedTake, after: PlacedTake) -> bool:
    """Whether two takes are of neighbouring lines of one window."""
    first, second = before.take.job, after.take.job
    lines = () if first.gating is None else first.gating.lines
    spans = [(one.span, other.span) for one, other in pairwise(lines)]
    return first.gating == second.gating and (first.region.span, second.region.span) in spans


def _run_on(before: PlacedTake, after: PlacedTake) -> bool:
    """Whether two neighbouring takes of one window come from one pass and lie as they lay there, untrimmed."""
    first, second = before.take.job, after.take.job
    return (
        (first.seed, before.take.fingerprints) == (second.seed, after.take.fingerprints)
        and all(take.region.span.length == take.take.job.region.span.length for take in (before, after))
        and before.start_frame - first.window.start == after.start_frame - second.window.start
        and not before.region.tail_frames
        and not after.region.lead_frames
    )
