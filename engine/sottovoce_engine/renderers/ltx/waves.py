"""In which order takes can be sampled: one that continues from another of the same batch, or lies over it, comes after it.

a ──► b ──► c        waves    (a, d)  (b, e)  (c)
d ──► e
"""

from collections.abc import Sequence

from sottovoce_engine.take import RenderJob


def waves_of(jobs: Sequence[RenderJob]) -> tuple[tuple[RenderJob, ...], ...]:
    """The jobs in waves, in the order given within each. Takes that are made already hold nothing up."""
    before = {job.key: job.continues if job.on_shot is None else job.on_shot.shot for job in jobs}
    depths: dict[str, int] = {}
    for job in jobs:
        chain, key = [], job.key
        while key in before and key not in depths:
            chain.append(key)
            key = before[key]
        depth = depths.get(key, -1)
        for number, link in enumerate(reversed(chain), start=depth + 1):
            depths[link] = number
    waves: list[list[RenderJob]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    for job in jobs:
        waves[depths[job.key]].append(job)
    return tuple(tuple(wave) for wave in waves)
