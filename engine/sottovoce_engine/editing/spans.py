"""Where regions lie: marking, moving, trimming, rolling and splitting, one voice saying one line at a time.

mark    |####A####|.........|###A###|               cut to what A leaves free
trim    |####A######|<      |###A###|               the edge follows up to the next region of A
roll    |####A####|###B###|  ->  |##A##|#####B#####|
split   |####A####|          ->  |##A##|#A#|
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from enum import StrEnum

from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import Side, with_side_moved
from sottovoce_engine.scene import Region
from sottovoce_engine.speaking import line_in_two
from sottovoce_engine.timing import Span


class Edge(StrEnum):
    """One of a region's two."""

    START = "start"
    END = "end"


def marked(draft: Draft, region: Region) -> Draft:
    """The draft with another region, cut to what its voice leaves free from the start of its span on.

    Raises:
        InputError: Its voice already speaks there, nothing of it lies in the timeline, or its id is taken.
    """
    if any(other.id == region.id for other in draft.regions):
        raise InputError(f"A region with the id '{region.id}' is there already.")
    whole = region.span.common(Span(0, draft.scene.length_frames))
    if whole is None:
        raise InputError(
            f"Between frames {region.span.start} and {region.span.end} there is nothing to mark: the timeline runs from "
            f"0 to {draft.scene.length_frames}. Set an in point, then an out point after it."
        )
    free = _free_at(draft, region, whole.start)
    if free is None:
        raise InputError(
            f"{region.voice} already speaks at frame {whole.start}. Change that region, or split it where a new line begins."
        )
    return draft.with_regions((*draft.regions, replace(region, span=Span(whole.start, min(whole.end, free.end)))))


def removed(draft: Draft, ids: Collection[str]) -> Draft:
    """The draft without these regions; what was chosen for them stays, for when they come back."""
    return draft.with_regions(tuple(region for region in draft.regions if region.id not in ids))


def moved(draft: Draft, ids: Collection[str], by: int) -> Draft:
    """The draft with these regions moved together, so far as the timeline reaches and their voices leave room."""
    moving = [region for region in draft.regions if region.id in ids]
    if not moving:
        return draft
    first, last = min(region.span.start for region in moving), max(region.span.end for region in moving)
    by = min(max(by, -first), draft.scene.length_frames - last)
    if any(_meets(draft, region, region.span.shifted(by), ids) for region in moving):
        by = _as_far_as_free(draft, moving, ids, by)
    return _with_spans(draft, {region.id: region.span.shifted(by) for region in moving})


def trimmed(draft: Draft, region_id: str, edge: Edge, frame: int) -> Draft:
    """The draft with an edge of a region at `frame`, or as near as its length of one frame and its voice allow."""
    region = draft.scene.region(region_id)
    free = _free_around(draft, region)
    if edge is Edge.START:
        span = Span(min(max(frame, free.start), region.span.end - 1), region.span.end)
    else:
        span = Span(region.span.start, max(min(frame, free.end), region.span.start + 1))
    return _with_spans(draft, {region_id: span})


def rolled(draft: Draft, left_id: str, right_id: str, frame: int) -> Draft:
    """The draft with the border between two regions at `frame`, or as near as either allows.

    Raises:
        InputError: The second does not begin where the first one ends.
    """
    left, right = draft.scene.region(left_id), draft.scene.region(right_id)
    if left.span.end != right.span.start:
        raise InputError(
            f"The regions at frames {left.span.start} and {right.span.start} do not touch, so there is no border to roll. "
            "Trim one of them first."
        )
    latest = min(_free_around(draft, left, {right_id}).end, right.span.end - 1)
    earliest = max(_free_around(draft, right, {left_id}).start, left.span.start + 1)
    if earliest > latest:
        return draft
    border = min(max(frame, earliest), latest)
    return _with_spans(draft, {left_id: Span(left.span.start, border), right_id: Span(border, right.span.end)})


def split(draft: Draft, region_id: str, frame: int, new_id: str) -> Draft:
    """The draft with a region cut in two at `frame`; the second part is new and says the words of its share of the time.

    Raises:
        InputError: The frame does not lie inside the region.
    """
    region = draft.scene.region(region_id)
    if not region.span.start < frame < region.span.end:
        raise InputError(
            f"Frame {frame} does not lie inside the region, which runs from {region.span.start} to {region.span.end}. "
            "Move the playhead into it."
        )
    share = (frame - region.span.start) / region.span.length
    before, after = line_in_two(region.line, share)
    first = replace(region, span=Span(region.span.start, frame), line=before, tail_frames=0)
    second = replace(region, id=new_id, span=Span(frame, region.span.end), line=after, lead_frames=0, cue="")
    others = (other for other in draft.regions if other.id != region_id)
    joins = with_side_moved(draft.joins, Side.OUT, region_id, new_id)
    return replace(draft.with_regions((*others, first, second)), joins=joins)


def _with_spans(draft: Draft, spans: dict[str, Span]) -> Draft:
    return draft.with_regions(
        tuple(
            replace(region, span=spans[region.id], length_guessed=False)
            if region.id in spans and spans[region.id] != region.span
            else region
            for region in draft.regions
        )
    )


def _of_voice(draft: Draft, voice: str, without: Collection[str]) -> Iterator[Region]:
    return (region for region in draft.regions if region.voice == voice and region.id not in without)


def _meets(draft: Draft, region: Region, span: Span, without: Collection[str]) -> bool:
    return any(span.overlaps(other.span) for other in _of_voice(draft, region.voice, without))


def _free_at(draft: Draft, region: Region, frame: int) -> Span | None:
    """What the voice leaves free around a frame; None where it speaks."""
    others = [other.span for other in _of_voice(draft, region.voice, ())]
    if any(span.start <= frame < span.end for span in others):
        return None
    return Span(
        max((span.end for span in others if span.end <= frame), default=0),
        min((span.start for span in others if span.start > frame), default=draft.scene.length_frames),
    )


def _free_around(draft: Draft, region: Region, without: Collection[str] = ()) -> Span:
    """What its voice leaves to a region, its own span included."""
    others = [other.span for other in _of_voice(draft, region.voice, {region.id, *without})]
    return Span(
        max((span.end for span in others if span.end <= region.span.start), default=0),
        min((span.start for span in others if span.start >= region.span.end), default=draft.scene.length_frames),
    )


def _as_far_as_free(draft: Draft, moving: list[Region], ids: Collection[str], by: int) -> int:
    """The farthest move towards `by` that leaves every region between its neighbours."""
    free = [(region.span, _free_around(draft, region, ids)) for region in moving]
    earliest = max(around.start - span.start for span, around in free)
    latest = min(around.end - span.end for span, around in free)
    return min(max(by, earliest), latest)
