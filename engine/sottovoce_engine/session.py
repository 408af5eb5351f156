"""The order of work: plan, render what is missing, choose, place, splice. Nothing else knows all of it.

scene ──► plan ──► render ──► store ──► choices ──► placed takes ──► splice
            │ pinned regions skip rendering ─────────────▲
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sottovoce_engine.plan import Plan, PlannedRegion, PlanSettings, RegionState, answers, plan_for, takes_by_region
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import Register, RegisterTable
from sottovoce_engine.renderers.socket import Renderer
from sottovoce_engine.scene import Scene
from sottovoce_engine.store import Store
from sottovoce_engine.take import Failure, PlacedTake, Take

Choices = Mapping[str, str]  # region id -> key of its chosen take


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What came of a plan's jobs."""

    takes: tuple[Take, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Every region that has a usable take, and those that have none."""

    placed: tuple[PlacedTake, ...]
    without: tuple[str, ...]  # region ids


def planned(
    scene: Scene,
    registers: RegisterTable,
    settings: PlanSettings,
    takes: Mapping[str, Take],
    choices: Choices,
    fingerprint: Callable[[Register], str],
) -> Plan:
    """The plan for the scene as marked, over the takes there are.

    Raises:
        InputError: See `plan_for`.
    """
    chosen = {region_id: takes[key] for region_id, key in choices.items() if key in takes}
    return plan_for(scene, registers, settings, chosen=chosen, known=takes, fingerprint=fingerprint)


def render(
    plan: Plan, renderer: Renderer, store: Store, job: Job, on_outcome: Callable[[Take | Failure], None] | None = None
) -> Rendered:
    """Renders the plan's jobs. Each take is in the store before the next one is asked for.

    Raises:
        JobCancelled: Cancelling was asked for; takes finished before are in the store.
        SetupError: The renderer cannot work on this machine.
    """
    takes: list[Take] = []
    failures: list[Failure] = []
    if plan.jobs:
        for outcome in renderer.render(plan.jobs, job):
            if isinstance(outcome, Take):
                store.add(outcome)
                takes.append(outcome)
            else:
                failures.append(outcome)
            if on_outcome is not None:
                on_outcome(outcome)
    return Rendered(takes=tuple(takes), failures=tuple(failures))


def choices_after(plan: Plan, takes: Mapping[str, Take], rendered: Sequence[Take] = ()) -> dict[str, str]:
    """The chosen take of every planned region that has a usable one.

    A pinned choice stays unless it was rendered again on purpose. Otherwise the first of the takes just
    rendered is chosen, else the usable one with the lowest seed.
    """
    found = takes_by_region(takes.values())
    fresh = takes_by_region(rendered)
    choices: dict[str, str] = {}
    for planned_region in plan.regions:
        take = _choice(plan, planned_region, found, fresh)
        if take is not None:
            choices[planned_region.region.id] = take.key
    return choices


def placement(plan: Plan, store: Store, choices: Choices) -> Placement:
    """The chosen takes with their files and their alternatives, ready for the splice."""
    takes = store.takes()
    found = takes_by_region(takes.values())
    placed: list[PlacedTake] = []
    without: list[str] = []
    for planned_region in plan.regions:
        region = planned_region.region
        chosen = takes.get(choices.get(region.id, ""))
        if chosen is None or not answers(chosen, planned_region, plan.scene):
            without.append(region.id)
            continue
        others = [take for take in _usable(plan, planned_region, found) if take.key != chosen.key]
        placed.append(
            PlacedTake(
                region=region,
                take=chosen,
                path=str(store.path(chosen)),
                alternatives=tuple((take, str(store.path(take))) for take in others),
            )
        )
    return Placement(placed=tuple(placed), without=tuple(without))


def _choice(
    plan: Plan,
    planned_region: PlannedRegion,
    found: Mapping[str, tuple[Take, ...]],
    fresh: Mapping[str, tuple[Take, ...]],
) -> Take | None:
    region_id = planned_region.region.id
    if planned_region.state is RegionState.PINNED and not (plan.settings.again and fresh.get(region_id)):
        return planned_region.chosen
    candidates = _usable(plan, planned_region, fresh) or _usable(plan, planned_region, found)
    return candidates[0] if candidates else None


def _usable(plan: Plan, planned_region: PlannedRegion, takes: Mapping[str, tuple[Take, ...]]) -> list[Take]:
    region_takes = takes.get(planned_region.region.id, ())
    usable = [take for take in region_takes if answers(take, planned_region, plan.scene)]
    return sorted(usable, key=lambda take: (take.job.seed, take.made, take.key))
