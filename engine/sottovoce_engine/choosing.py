"""Which takes will do for a region, and which of them is chosen.

chosen before and good                        stays, unless it was asked for again
just rendered                                 the one with the lowest seed
in the store                                  first those that start from what the region starts from now,
                                              then the one chosen before, then the one with the lowest seed

A take that says other words than the mark is left out of a scene: wrong words are worse than a hole. One that only
starts from another picture than it should stays in, and a note says so.
"""

from collections.abc import Iterable, Mapping

from sottovoce_engine.planned import PlannedRegion, RegionState
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


def usable(planned: PlannedRegion, takes: Takes, scene: Scene) -> list[Take]:
    """The takes that answer, by seed."""
    found = [take for take in takes.get(planned.region.id, ()) if answers(take, planned, scene)]
    return sorted(found, key=lambda take: (take.job.seed, take.made, take.key))


def choice(planned: PlannedRegion, takes: Takes, scene: Scene, *, fresh: Takes, again: bool) -> Take | None:
    """The take that is chosen for a region; None where none will do.

    Args:
        planned: The region, with the take that was chosen before.
        takes: Every take there is.
        scene: As planned.
        fresh: Those of `takes` that were just rendered.
        again: Whether good takes were to be rendered again.
    """
    if planned.state is RegionState.PINNED and not (again and fresh.get(planned.region.id)):
        return planned.chosen
    rendered = usable(planned, fresh, scene)
    if rendered:
        return rendered[0]
    before = planned.chosen.key if planned.chosen is not None else ""
    return min(
        usable(planned, takes, scene),
        key=lambda take: (not starts_so(take, planned.start), take.key != before, take.job.seed, take.made),
        default=None,
    )


def expected(planned: PlannedRegion, takes: Takes, scene: Scene, *, again: bool) -> Take | RenderJob | None:
    """What will be chosen for a region once its jobs are done; the take chosen before where nothing will do."""
    if planned.jobs and (planned.state is not RegionState.PINNED or again):
        return planned.jobs[0]
    return choice(planned, takes, scene, fresh={}, again=False) or planned.chosen


def says(take: Take, region: Region, content: str) -> bool:
    """Whether the take answers this region, and says what it asks for."""
    return take.job.region.id == region.id and take.job.content == content


def reaches(take: Take, region: Region, scene: Scene, picture: PictureMode) -> bool:
    """Whether the take covers the region where it now lies, at the scene's rate, with a picture of its size if needed."""
    if take.job.rate != scene.rate:
        return False
    if picture is not PictureMode.LOCK and not (take.has_picture and take.job.raster == scene.raster):
        return False
    start = take_start(take, region)
    return Span(start, start + take.length_frames).contains(region.span)
