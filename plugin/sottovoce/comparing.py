"""One region's sound made both ways over its locked picture: fast, which watches it, and exact, which it listens to."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sottovoce.pile import region_meant
from sottovoce.project import Project
from sottovoce_engine.errors import InputError, RenderError
from sottovoce_engine.judge.judgement import Judgement
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.judge.sound_difference import Sound, SoundDifference, sound_difference
from sottovoce_engine.judged_takes import JudgedTakes
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.plan import Plan, PlannedRegion, PlanSettings
from sottovoce_engine.progress import Job, Progress
from sottovoce_engine.renderers.ltx.settings import OVER_VARIABLE
from sottovoce_engine.renderers.worker import Worker
from sottovoce_engine.store import Store
from sottovoce_engine.take import RenderJob, Take
from sottovoce_engine.timing import Span

MODES = ("fast", "exact")
_LOADING = "loading the model"
_NOT_THE_TAKES = ("", _LOADING, "captions")  # stages that any number of takes share


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The take of one mode."""

    mode: str
    take: Take
    path: Path
    seconds: Mapping[str, float]  # by stage
    judgement: Judgement | None

    @property
    def cost_seconds(self) -> float:
        """What the take took, the model being loaded and its caption read."""
        return sum(spent for stage, spent in self.seconds.items() if stage not in _NOT_THE_TAKES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both takes, and how the exact one differs from the fast one."""

    region: str  # id
    fast: Made
    exact: Made
    difference: SoundDifference


def compared(project: Project, region: str, settings: PlanSettings, judge: Judge | None, job: Job) -> Comparison:
    """Renders a region with both modes from one seed. Both takes stay in the store; what is chosen stays chosen.

    Raises:
        InputError: The region is not known, or its picture is not locked or not there.
        SetupError: The renderer cannot work here, or another program has the store.
        RenderError: A take could not be made.
        JobCancelled: The person stopped it.
    """
    with Store.opened(project.store_root) as store:
        shots = {key: take for key, take in store.takes().items() if take.job.is_shot}
        found: list[tuple[str, Take, Mapping[str, float]]] = []
        for mode in MODES:
            with _lock_mode(mode):
                plan = _plan(project, region, settings, shots)
                asked = _job_of(region_meant(plan, region))
                found.append((mode, *_rendered(asked, store, job)))
        judgements = _judged([take for _, take, _ in found], store, plan, judge, job)
        fast, exact = (
            Made(mode=mode, take=take, path=store.path(take), seconds=seconds, judgement=judgements.get(take.key))
            for mode, take, seconds in found
        )
        sounds = [_sound(made.path, asked.length_samples) for made in (fast, exact)]
    return Comparison(region=asked.region.id, fast=fast, exact=exact, difference=sound_difference(*sounds))


def _plan(project: Project, region: str, settings: PlanSettings, shots: Mapping[str, Take]) -> Plan:
    """The plan as if the region had no take yet."""
    every = project.plan(settings, shots, {})
    return project.plan(replace(settings, only=(region_meant(every, region).region.id,)), shots, {})


def _job_of(planned: PlannedRegion) -> RenderJob:
    """The job of a region whose picture is locked, and there."""
    what = f"The region {planned.region.id} ('{planned.region.line[:40]}')"
    if not planned.picture.stays:
        raise InputError(
            f"{what} has the picture mode '{planned.picture}': only over a locked picture is there something to compare. "
            "Add --picture lock, or choose a region over footage."
        )
    job = planned.jobs[0]
    if job.locked_on is None and job.on_shot is None:
        reason = planned.start.notes[0] if planned.start.notes else "there is no picture under it"
        raise InputError(f"{what} has nothing to be made for: {reason}. Put a picture under it, or relink the clip.")
    if job.on_shot is not None and not job.on_shot.media:
        raise InputError(f"{what} lies over a shot that is not rendered yet. Render the timeline first.")
    return job


def _rendered(asked: RenderJob, store: Store, job: Job) -> tuple[Take, Mapping[str, float]]:
    """A take made now, though there may be one already, and the seconds of each stage."""
    watch = _Watch(job)
    with Worker(asked.renderer, store.media.root) as worker:
        (outcome,) = worker.render([asked], Job(watch.told))
        watch.stopped()
    if not isinstance(outcome, Take):
        raise RenderError(outcome.reason)
    known = store.takes().get(outcome.key)
    if known is None:
        store.add(outcome)
    return known or outcome, watch.seconds


class _Watch:
    """Passes progress on, and adds up how long each stage takes.

    Attributes:
        seconds: By stage.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._stage, self._since = "", time.monotonic()
        self._working = ""  # the stage that models are loaded for, and that goes on with them
        self.seconds: dict[str, float] = {}

    def told(self, progress: Progress) -> None:
        self._job.step(progress.stage, progress.done, progress.total, about=progress.about)
        if progress.stage != _LOADING:
            self._working = progress.stage
        self._turned_to(progress.stage if progress.done < progress.total else self._working)

    def stopped(self) -> None:
        self._turned_to("")

    def _turned_to(self, stage: str) -> None:
        now = time.monotonic()
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now


def _judged(takes: list[Take], store: Store, plan: Plan, judge: Judge | None, job: Job) -> Mapping[str, Judgement]:
    if judge is None:
        return {}
    with JudgedTakes(judge, store, plan.scene) as judged:
        return judged.finished(takes, job)


def _sound(path: Path, samples: int) -> Sound:
    with SoundReader(path) as reader:
        return reader.read(Span(0, samples))


@contextmanager
def _lock_mode(mode: str) -> Iterator[None]:
    """The renderer's setting `lock`, over all that was said of it."""
    before = os.environ.get(OVER_VARIABLE)
    os.environ[OVER_VARIABLE] = "\n".join([*(before or "").splitlines(), f'lock = "{mode}"'])
    try:
        yield
    finally:
        if before is None:
            del os.environ[OVER_VARIABLE]
        else:
            os.environ[OVER_VARIABLE] = before
