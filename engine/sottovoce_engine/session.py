"""The order of work: plan, render what is missing, judge, choose, place, splice. Nothing else knows all of it.

scene ──► plan ──► render ──► store ──► judge ──► choices ──► placed takes ──► splice
            │ pinned regions skip rendering ─────────────▲
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sottovoce_engine.choosing import choice, still_answers, takes_by_region, usable
from sottovoce_engine.errors import InputError
from sottovoce_engine.held_sounds import holdings_of
from sottovoce_engine.locked_picture import WATCHING, pictures_under
from sottovoce_engine.media.footage_look import footage_look
from sottovoce_engine.plan import plan_for
from sottovoce_engine.planned import Plan, PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.ranking import NO_OPINIONS, Esteem, Opinions
from sottovoce_engine.registers import Register, RegisterTable
from sottovoce_engine.renderers.socket import Renderer
from sottovoce_engine.scene import BLACK, PictureMode, Scene
from sottovoce_engine.shots import scene_with_shots
from sottovoce_engine.starts import FootageLook
from sottovoce_engine.store import Store
from sottovoce_engine.take import Failure, PlacedTake, Take

if TYPE_CHECKING:  # a plan judges nothing, and should not wait for what a judge needs
    from sottovoce_engine.judge.judgement import Judgement
    from sottovoce_engine.judged_takes import JudgedTakes

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
    scene = scene.with_picture(settings.picture)
    footage = footage_looked_at(scene, locked=settings.renderer in WATCHING)
    return plan_for(
        scene,
        registers,
        settings,
        chosen=chosen,
        known=takes,
        fingerprint=fingerprint,
        footage=footage,
        holdings=holdings_of(scene, settings, takes),
    )


def with_shots(plan: Plan, takes: Mapping[str, Take], path: Callable[[Take], Path]) -> Plan:
    """The plan whose scene shows the pictures that regions share, as far as they are among the takes."""
    return replace(plan, scene=scene_with_shots(plan.scene, plan.shots, takes, path))


def footage_looked_at(scene: Scene, *, locked: bool = False) -> dict[str, FootageLook]:
    """What is known of the pictures that regions start from, by path; those that cannot be read are left out.

    With `locked`, of those, too, that lie under a region whose picture is locked.
    """
    starting = [region for region in scene.regions if scene.picture_mode(region) is PictureMode.START]
    pieces = [scene.picture_at(region.span.start) for region in starting]
    paths = {piece.source.path for piece in pieces if piece is not None and piece.source != BLACK}
    if locked:
        staying = [region for region in scene.regions if scene.picture_mode(region) is PictureMode.LOCK]
        paths |= {piece.source.path for region in staying for piece in pictures_under(region.span, scene)}
    looks: dict[str, FootageLook] = {}
    for path in paths:
        with suppress(InputError):
            looks[path] = footage_look(path)
    return looks


def render(
    plan: Plan,
    renderer: Renderer,
    store: Store,
    job: Job,
    on_outcome: Callable[[Take | Failure], None] | None = None,
    judged: "JudgedTakes | None" = None,
) -> Rendered:
    """Renders the plan's jobs. Each take is in the store, and on its way to the judge, before the next one is asked for.

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
                if judged is not None and not outcome.job.is_shot:
                    judged.begin(outcome)
            else:
                failures.append(outcome)
            if on_outcome is not None:
                on_outcome(outcome)
    return Rendered(takes=tuple(takes), failures=tuple(failures))


def judgements(plan: Plan, takes: Mapping[str, Take], judged: "JudgedTakes", job: Job) -> "dict[str, Judgement]":
    """The judgements, by key, of all takes that will do for a region of the plan.

    Raises:
        JobCancelled: Cancelling was asked for.
        InputError, SetupError: They cannot be kept.
    """
    found = takes_by_region(takes.values())
    wanted = [take for planned_region in plan.regions for take in usable(planned_region, found, plan.scene)]
    return judged.finished(wanted, job)


def choices_after(
    plan: Plan,
    takes: Mapping[str, Take],
    rendered: Sequence[Take] = (),
    opinions: Opinions = NO_OPINIONS,
) -> dict[str, str]:
    """The chosen take of every planned region that has a usable one.

    A person's pick stays; so does a pinned choice as long as no take was added. See `choosing` for the others.
    """
    found = takes_by_region(takes.values())
    fresh = takes_by_region(rendered)
    choices: dict[str, str] = {}
    for planned_region in plan.regions:
        take = choice(planned_region, found, plan.scene, fresh=fresh, again=plan.settings.again, opinions=opinions)
        if take is not None:
            choices[planned_region.region.id] = take.key
    return choices


def to_retake(
    plan: Plan, takes: Mapping[str, Take], choices: Choices, opinions: Opinions, most: int, renderer: str
) -> tuple[str, ...]:
    """Ids of the planned regions whose chosen take fails, which no person settled, and of which fewer than `most` were made.

    Of a region, those takes count that `renderer` made and that say what it asks for.
    """
    found = takes_by_region(takes.values())
    wanted = []
    for planned_region in plan.regions:
        chosen = choices.get(planned_region.region.id, "")
        tried = [take for take in usable(planned_region, found, plan.scene) if take.job.renderer == renderer]
        settled = chosen in opinions.picked or opinions.esteemed(chosen) < Esteem.NONE
        if chosen and not settled and opinions.standing(chosen).fails and len(tried) < most:
            wanted.append(planned_region.region.id)
    return tuple(wanted)


def placement(plan: Plan, store: Store, choices: Choices) -> Placement:
    """The chosen takes with their files and their alternatives, ready for the splice."""
    takes = store.takes()
    found = takes_by_region(takes.values())
    placed: list[PlacedTake] = []
    without: list[str] = []
    for planned_region in plan.regions:
        region = planned_region.region
        chosen = takes.get(choices.get(region.id, ""))
        if chosen is None or not still_answers(chosen, planned_region, plan.scene):
            without.append(region.id)
            continue
        others = [take for take in usable(planned_region, found, plan.scene) if take.key != chosen.key]
        placed.append(
            PlacedTake(
                region=region,
                take=chosen,
                path=str(store.path(chosen)),
                alternatives=tuple((take, str(store.path(take))) for take in others),
            )
        )
    return Placement(placed=tuple(placed), without=tuple(without))
