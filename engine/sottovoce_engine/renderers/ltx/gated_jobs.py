"""Takes that are cut from one window: it is sampled and decoded once, for one job that stands for all of them.

jobs        first (seed 1)   second (seed 1)   first (seed 2)   another region
             └──────┬──────┘                    │                │
sampled       the window (seed 1)              the window (2)   its own window
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sottovoce_engine.take import Failure, Gating, RenderJob


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledJobs:
    """What is sampled for a batch of jobs."""

    jobs: tuple[RenderJob, ...]  # one for each window, by the key of the first job it is sampled for
    takes: Mapping[str, tuple[RenderJob, ...]]  # the jobs that each of them stands for, by its key

    def failures(self, failure: Failure) -> Iterator[Failure]:
        """One for each take that comes to nothing: those of a window, or the one that could not be cut from it."""
        lost = self.takes[failure.job.key] if failure.job in self.jobs else (failure.job,)
        return (Failure(job=asked, reason=failure.reason) for asked in lost)


def sampled_jobs(jobs: Sequence[RenderJob]) -> SampledJobs:
    """The windows of these jobs, in the order given: gated ones of one seed are one."""
    stands_for: dict[tuple[Gating, int], str] = {}
    sampled: dict[str, RenderJob] = {}
    takes: dict[str, tuple[RenderJob, ...]] = {}
    for asked in jobs:
        key = asked.key if asked.gating is None else stands_for.setdefault((asked.gating, asked.seed), asked.key)
        sampled.setdefault(key, asked if asked.gating is None else _whole(asked, asked.gating))
        takes[key] = (*takes.get(key, ()), asked)
    return SampledJobs(jobs=tuple(sampled.values()), takes=takes)


def captions_of(job: RenderJob) -> tuple[str, ...]:
    """What is read for a job: its caption, and in a gated window each line's."""
    return (job.caption, *(line.caption for line in job.gating.lines)) if job.gating is not None else (job.caption,)


def _whole(asked: RenderJob, gating: Gating) -> RenderJob:
    """The whole window that a job's take is cut from."""
    over = asked.on_shot
    return replace(
        asked,
        region=replace(asked.region, span=gating.lines[0].span),
        register=gating.strongest,
        caption=gating.caption,
        window=gating.window,
        locked_on=gating.locked_on,
        on_shot=over and replace(over, first=over.first + gating.window.start - asked.window.start),
        kept_frames=None,
    )
