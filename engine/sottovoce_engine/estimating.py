"""How much a render is before it begins: takes, registers, time, and what is there already.

  window seconds      of all takes to make; sound alone counts less
× seconds per second  of this renderer, as measured on this machine, else a rough figure
= seconds
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sottovoce_engine.planned import Plan, PlannedRegion
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import RenderJob
from sottovoce_engine.windows import whole_region_id

# A window without picture skips drawing and encoding, which is most of scratch's time.
_SOUND_ONLY_SHARE = 0.3
_LONG_S = 600.0  # nobody waits that long for what was asked for by mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderRate:
    """What a renderer needs for a second of window with picture."""

    seconds: float
    measured: bool  # on this machine; False: a rough figure


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionWork:
    """What there is to do for one region, its parts together; in seconds of window with picture."""

    register: str
    jobs: int  # that would be rendered now
    window_s: float  # of these
    again_jobs: int  # of another take
    again_window_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a render would be."""

    takes: int
    registers: tuple[tuple[str, int], ...]  # takes of each, the most first
    seconds: float
    measured: bool
    there: int  # regions whose take is there and stays

    @property
    def is_long(self) -> bool:
        """Whether a person should be asked before it begins."""
        return self.seconds > _LONG_S


def window_seconds(job: RenderJob) -> float:
    """Of one take, in seconds of window with picture."""
    share = _SOUND_ONLY_SHARE if job.picture is PictureMode.LOCK else 1.0
    return float(job.window.length / job.rate) * share


def work_by_region(plan: Plan) -> dict[str, RegionWork]:
    """What there is to do for each region, by its id; those of a long one's parts are put together."""
    found: dict[str, RegionWork] = {}
    for planned in plan.regions:
        region_id = whole_region_id(planned.region.id)
        found[region_id] = _together(found.get(region_id), _work_of(planned, plan.settings.takes))
    return found


def estimate_of(plan: Plan, rate: RenderRate) -> Estimate:
    """Of a plan, with the pictures that its regions share."""
    shots = [shot.job for shot in plan.shots if shot.wanted]
    estimate = estimate_changed(work_by_region(plan), rate)
    more = sum(map(window_seconds, shots)) * rate.seconds
    return Estimate(
        takes=estimate.takes + len(shots),
        registers=estimate.registers,
        seconds=estimate.seconds + more,
        measured=rate.measured,
        there=estimate.there,
    )


def estimate_changed(works: Mapping[str, RegionWork], rate: RenderRate) -> Estimate:
    """Of all that is missing or out of date."""
    wanted = [work for work in works.values() if work.jobs]
    return Estimate(
        takes=sum(work.jobs for work in wanted),
        registers=_counted((work.register, work.jobs) for work in wanted),
        seconds=sum(work.window_s for work in wanted) * rate.seconds,
        measured=rate.measured,
        there=len(works) - len(wanted),
    )


def estimate_again(works: Mapping[str, RegionWork], region_ids: Collection[str], rate: RenderRate) -> Estimate:
    """Of another take of each of these regions; those without a line are left out."""
    wanted = [works[region_id] for region_id in region_ids if region_id in works]
    return Estimate(
        takes=sum(work.again_jobs for work in wanted),
        registers=_counted((work.register, work.again_jobs) for work in wanted),
        seconds=sum(work.again_window_s for work in wanted) * rate.seconds,
        measured=rate.measured,
        there=sum(not work.jobs for work in wanted),
    )


def _work_of(planned: PlannedRegion, takes: int) -> RegionWork:
    last = planned.jobs[-1] if planned.jobs else None if planned.chosen is None else planned.chosen.job
    return RegionWork(
        register=planned.region.register,
        jobs=len(planned.jobs),
        window_s=sum(map(window_seconds, planned.jobs)),
        again_jobs=takes,
        again_window_s=0.0 if last is None else takes * window_seconds(last),
    )


def _together(one: RegionWork | None, other: RegionWork) -> RegionWork:
    if one is None:
        return other
    return RegionWork(
        register=one.register,
        jobs=one.jobs + other.jobs,
        window_s=one.window_s + other.window_s,
        again_jobs=one.again_jobs + other.again_jobs,
        again_window_s=one.again_window_s + other.again_window_s,
    )


def _counted(takes: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for register, count in takes:
        counts[register] += count
    return tuple(counts.most_common())
