"""Which takes will do for a region, and which of them is chosen.

picked by a person                            stays, whatever else there is
chosen before and good                        stays, unless a person likes another one better
takes were added                              the best of all there are; after `again` a new one, if any passes
in the store                                  first those that start from what the region starts from now,
                                              then the one chosen before, then the best

Which one is the better, `ranking` says; among equals it is the one chosen before, then the one with the lowest seed.
A take that a person rejected is never chosen. A take that says other words than the mark is left out of a scene:
wrong words are worse than a hole. One that only starts from another picture than it should stays in, and a note says so.
"""

from collections.abc import Iterable, Mapping

from sottovoce_engine.planned import PlannedRegion, RegionState
from sottovoce_engine.ranking import NO_OPINIONS, Esteem, Opinions, failing_rank, measured_rank
from sottovoce_engine.scene import PictureMode, Region, Scene
from sottovoce_engine.starts import starts_so
from sottovoce_engine.take import RenderJob, Take, take_start
from sottovoce_engine.timing import Span

Takes = Mapping[str, tuple[Take, ...]]  # by region id


def takes_by_region(takes: Iterable[Take]) -> dict[str, tuple[Take, ...]]:
    """Takes grouped by the region they answer, in the order given."""
    grouped: dict[str, list[Take]] = {}
    for take in takes:
        grouped.setdefault(take.job.region.id, []).append(take)
    return {region_id: tuple(found) for region_id, found in grouped.items()}


def answers(take: Take, planned: PlannedRegion, scene: Scene) -> bool:
    """Whether the take says what the region asks for now, and covers it where it now lies."""
    return says(take, planned.region, planned.content) and reaches(take, planned.region, scene, planned.picture)


def still_answers(chosen: Take, planned: PlannedRegion, scene: Scene) -> bool:
    """As `answers`, of the take that was chosen for the region, whatever the region's id was when it was made.

    A mark without a tag that is moved in an editor comes back under a new id, with the take it had.
    """
    return chosen.job.content == planned.content and reaches(chosen, planned.region, scene, planned.picture)


def usable(planned: PlannedRegion, takes: Takes, scene: Scene) -> list[Take]:
    """The takes that answer, by seed."""
    found = [take for take in takes.get(planned.region.id, ()) if answers(take, planned, scene)]
    return sorted(found, key=lambda take: (take.job.seed, take.made, take.key))


def choice(
    planned: PlannedRegion,
    takes: Takes,
    scene: Scene,
    *,
    fresh: Takes,
    again: bool,
    opinions: Opinions = NO_OPINIONS,
) -> Take | None:
    """The take that is chosen for a region; None where none will do.

    Args:
        planned: The region, with the take that was chosen before.
        takes: Every take there is.
        scene: As planned.
        fresh: Those of `takes` that were just rendered.
        again: Whether good takes were to be rendered again.
        opinions: What was measured on the takes, and what people said of them.
    """
    there = [take for take in usable(planned, takes, scene) if opinions.esteemed(take.key) is not Esteem.REJECTED]
    before = planned.chosen.key if planned.chosen is not None else ""
    if before in opinions.picked and planned.chosen in there:
        return planned.chosen
    new = frozenset(take.key for take in fresh.get(planned.region.id, ()))
    liked = min((opinions.esteemed(take.key) for take in there), default=Esteem.NONE)
    if not new and planned.state is RegionState.PINNED and opinions.esteemed(before) is liked:
        return planned.chosen

    def rank(take: Take) -> tuple[object, ...]:
        """The smallest is chosen."""
        standing, kept, is_old = opinions.standing(take.key), take.key == before, take.key not in new
        measured = measured_rank(standing)
        return (
            opinions.esteemed(take.key),
            not starts_so(take, planned.start),
            *(
                (failing_rank(standing), again and is_old, measured, not kept)
                if new
                else (not kept, failing_rank(standing), measured)
            ),
            is_old,
            take.job.seed,
            take.made,
            take.key,
        )

    return min(there, key=rank, default=None)


def expected(planned: PlannedRegion, takes: Takes, scene: Scene, *, again: bool) -> Take | RenderJob | None:
    """What will be chosen for a region once its jobs are done; the take chosen before where nothing will do."""
    if planned.jobs and (planned.state is not RegionState.PINNED or again):
        return planned.jobs[0]
    return choice(planned, takes, scene, fresh={}, again=False) or planned.chosen


def says(take: Take, region: Region, content: str) -> bool:
    """Whether the take answers this region, and says what it asks for."""
    return take.job.region.id == region.id and take.job.content == content


def reaches(take: Take, region: Region, scene: Scene, picture: PictureMode) -> bool:
    """Whether the take covers the region where it now lies, at the scene's rate, with a picture if one is needed."""
    if take.job.rate != scene.rate:
        return False
    if not picture.stays and not (take.has_picture and take.job.raster == scene.raster):
        return False
    start = take_start(take, region)
    return Span(start, start + take.length_frames).contains(region.span)
