"""Which takes are chosen, and which regions are rendered once more before that is settled.

render ──► judge ──► choose ──► all pass, or enough were tried ──► splice
  ▲                    │
  └── the next seed ◄──┘ of all regions that fail, in one batch
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sottovoce.project import Project
from sottovoce.render_times import render_timed
from sottovoce_engine import session
from sottovoce_engine.codec import to_plain
from sottovoce_engine.judge.judgement import Judgement, headline
from sottovoce_engine.judge.take_judge import TakeJudge
from sottovoce_engine.judged_takes import JudgedTakes, standing_of
from sottovoce_engine.plan import Plan, PlanSettings, RegionState
from sottovoce_engine.progress import Job
from sottovoce_engine.ranking import Esteem, Opinions
from sottovoce_engine.renderers.worker import Worker
from sottovoce_engine.splice.report import JudgedRegion, TriedTake
from sottovoce_engine.splice.values import SpliceSettings
from sottovoce_engine.store import Store
from sottovoce_engine.take import Failure, Outcome, PlacedTake, Take
from sottovoce_engine.windows import whole_region_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the person asked for."""

    folder: Path
    splice: SpliceSettings = field(default_factory=SpliceSettings)
    mp4: bool = True
    bundle: bool = False  # an .otioz with all takes inside
    judge: TakeJudge | None = None  # None: takes are not measured, and the first one is chosen
    strict: bool = False  # half-whispered and doubtful takes fail
    most_takes: int = 1  # of a region, made until one passes; 1: what the plan says


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was chosen, and on what grounds."""

    choices: Mapping[str, str]  # region id -> key of its chosen take
    judgements: Mapping[str, Judgement]  # by take key
    opinions: Opinions

    def by_person(self, key: str) -> bool:
        """Whether a person settled on that take."""
        return key in self.opinions.picked or self.opinions.esteemed(key) is Esteem.APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What is at work while takes are made."""

    project: Project
    asked: Asked
    store: Store
    job: Job
    judged: JudgedTakes | None
    worker: Worker


@contextmanager
def judging(asked: Asked, store: Store, plan: Plan) -> Iterator[JudgedTakes | None]:
    """The judge at work on the store, where one was asked for."""
    if asked.judge is None:
        yield None
        return
    with JudgedTakes(asked.judge, store, plan.scene) as judged:
        yield judged


def decided_on(
    project: Project,
    asked: Asked,
    plan: Plan,
    store: Store,
    job: Job,
    judged: JudgedTakes | None,
    rendered: Sequence[Take] = (),
) -> Decided:
    """The choices for the plan once all its takes are judged; `rendered` were just added.

    Raises:
        InputError, SetupError, JobCancelled: As `session.judgements`.
    """
    takes = store.takes()
    judgements = {} if judged is None else session.judgements(plan, takes, judged, job)
    standings = {key: standing_of(judgement, strict=asked.strict) for key, judgement in judgements.items()}
    opinions = project.opinions(standings)
    choices = session.choices_after(plan, takes, rendered, opinions)
    return Decided(choices=choices, judgements=judgements, opinions=opinions)


def retaken(
    making: Making,
    plan: Plan,
    decided: Decided,
    given_up: frozenset[str],
    on_outcome: Callable[[Outcome], None] | None,
) -> tuple[Decided, tuple[Failure, ...]]:
    """The choices once every region has a take that passes, or enough were tried; and what could not be made.

    Regions in `given_up` could not be rendered; they are not tried again. A region whose picture continues from a take
    that is not chosen any more is rendered anew with them.

    Raises:
        InputError, SetupError, JobCancelled: As `decided_on` and `session.render`.
    """
    settings, project, store = plan.settings, making.project, making.store
    failures: list[Failure] = []
    for _ in range(making.asked.most_takes + len(plan.regions)):
        takes = store.takes()
        now = project.plan(replace(settings, again=False, takes=1), takes, decided.choices)
        wanted = [region_id for region_id in _to_render(making, now, takes, decided) if region_id not in given_up]
        if not wanted:
            break
        retake = replace(settings, only=tuple(wanted), again=True, takes=1)
        retake_plan = project.plan(retake, takes, decided.choices)
        rendered = render_timed(retake_plan, making.worker, store, making.job, on_outcome, making.judged)
        failures += rendered.failures
        given_up |= set(wanted) - {take.job.region.id for take in rendered.takes}
        chosen_from = replace(retake_plan, settings=now.settings)
        decided = decided_on(project, making.asked, chosen_from, store, making.job, making.judged, rendered.takes)
    return decided, tuple(failures)


def _to_render(making: Making, now: Plan, takes: Mapping[str, Take], decided: Decided) -> Iterator[str]:
    """Ids of regions that fail, or continue from a take that is not chosen any more, among those asked for."""
    most, settings = making.asked.most_takes, now.settings
    failing = session.to_retake(now, takes, decided.choices, decided.opinions, most, settings.renderer)
    stale = {planned.region.id for planned in now.regions if planned.state is RegionState.STALE and planned.jobs}
    for planned in now.regions:
        region_id = planned.region.id
        if _was_asked_for(region_id, settings) and (region_id in failing or region_id in stale):
            yield region_id


def _was_asked_for(region_id: str, settings: PlanSettings) -> bool:
    """Whether the region is to be rendered; a part of a long one is with the whole."""
    return not settings.only or not {region_id, whole_region_id(region_id)}.isdisjoint(settings.only)


def judged_regions(placed: Iterable[PlacedTake], decided: Decided, *, strict: bool) -> dict[str, JudgedRegion]:
    """What the report says of the chosen takes, by region id."""
    found = {}
    for each in placed:
        judgement = decided.judgements.get(each.take.key)
        takes = [each.take, *(take for take, _ in each.alternatives)]
        found[each.region.id] = JudgedRegion(
            word=headline(judgement, strict=strict),
            passes=None if judgement is None else judgement.passing(strict=strict),
            amber=judgement is not None and judgement.amber,
            by_person=decided.by_person(each.take.key),
            judgement=None if judgement is None else to_plain(judgement),
            takes=tuple(
                _tried(take, decided.judgements.get(take.key), take is each.take, strict=strict)
                for take in sorted(takes, key=lambda take: (take.job.seed, take.made, take.key))
            ),
        )
    return found


def _tried(take: Take, judgement: Judgement | None, chosen: bool, *, strict: bool) -> TriedTake:
    return TriedTake(
        key=take.key,
        seed=take.job.seed,
        renderer=take.job.renderer,
        media=take.media,
        chosen=chosen,
        word=headline(judgement, strict=strict),
        passes=None if judgement is None else judgement.passing(strict=strict),
        amber=judgement is not None and judgement.amber,
        why=() if judgement is None else judgement.why,
    )
