"""The takes of a timeline as one pile: looked through, added to, picked from and marked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sottovoce.project import Project
from sottovoce.reading import plan_settings_from
from sottovoce_engine.choices import Said, TakeNote, note_on, with_pick, with_said
from sottovoce_engine.choosing import answers
from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.judgement import Judgement, judgement_from_json
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.judged_takes import JudgedTakes
from sottovoce_engine.plan import Plan, PlannedRegion
from sottovoce_engine.progress import Job
from sottovoce_engine.recording import RecordingWish, recorded_take
from sottovoce_engine.store import Store
from sottovoce_engine.take import RECORDING, PlacedTake, Take

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTake:
    """A take, and what is known of it besides."""

    take: Take
    path: Path
    chosen: bool
    picked: bool  # by a person
    answers: bool  # whether it says what its region asks for now, and covers it
    judgement: Judgement | None
    note: TakeNote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedTake:
    """A recording that is in the pile now."""

    take: Take
    judgement: Judgement | None
    known: bool  # it was there before


def listed_takes(project: Project, region: str) -> tuple[ListedTake, ...]:
    """The takes of the regions that `region` may mean ("": all), in the order of the scene, chosen ones first.

    Raises:
        InputError: No region begins so.
    """
    with Store.opened(project.store_root, writing=False) as store:
        takes = store.takes()
        plan = _plan(project, takes)
        planned = {one.region.id: one for one in (_regions_meant(plan, region) if region else plan.regions)}
        judgements = store.judgements(takes, judgement_from_json)
        found = [
            _listed(take, project, planned[take.job.region.id], plan, store, judgements.get(take.key))
            for take in takes.values()
            if take.job.region.id in planned
        ]
    order = {region_id: number for number, region_id in enumerate(planned)}
    return tuple(sorted(found, key=lambda one: (order[one.take.job.region.id], not one.chosen, one.take.made)))


def add_recording(
    project: Project, region: str, file: Path, at: int | None, judge: Judge | None, job: Job
) -> AddedTake:
    """Makes a recording a take of a region and has it judged; the choice stays as it is.

    Raises:
        InputError: The region is not known, or the recording cannot be used.
        SetupError: The disk does not take it, or another program has the store.
        JobCancelled: The person stopped it.
    """
    with Store.opened(project.store_root) as store:
        takes = store.takes()
        plan = _plan(project, takes)
        planned = region_meant(plan, region)
        job.step("conforming", 0, 1, about=file.name)
        wish = RecordingWish(
            path=file.absolute(),
            register=project.reading.registers.get(planned.region.register),
            at=at,
            handle_frames=plan.settings.handle_frames,
            language=judge.language if judge is not None else None,
            beneath=_beneath(planned, plan, store),
        )
        take = recorded_take(planned, plan.scene, wish, store.media)
        known = take.key in takes
        store.add(take)
        job.step("conforming", 1, 1)
        if judge is None:
            return AddedTake(take=take, judgement=None, known=known)
        voice = (take.job.voice.name, RECORDING)
        same = [other for other in takes.values() if (other.job.voice.name, other.job.renderer) == voice]
        with JudgedTakes(judge, store, plan.scene) as judged:
            judgement = judged.finished((*same, take), job)[take.key]
        return AddedTake(take=take, judgement=judgement, known=known)


def pick_take(project: Project, region: str, key: str) -> Take:
    """Chooses a take for a region; renders that follow leave it chosen.

    Raises:
        InputError: Region or take are not known, or the take does not answer the region.
        SetupError: Another program has the store.
    """
    with Store.opened(project.store_root) as store:
        takes = store.takes()
        plan = _plan(project, takes)
        planned = region_meant(plan, region)
        region_id = planned.region.id
        own = {take.key: take for take in takes.values() if take.job.region.id == region_id}
        take = _take_meant(own, key, f"of the region {region_id}")
        if not answers(take, planned, plan.scene):
            raise InputError(
                f"The take {take.key} does not answer the region {region_id} as it is marked now: it says "
                f"'{take.job.region.line[:40]}' in {take.job.register.name}, or does not reach over it. Choose another one."
            )
        project.save(with_pick(project.choices, region_id, take.key))
    return take


def mark_take(project: Project, key: str, said: Said) -> tuple[Take, TakeNote | None]:
    """Notes what a person says of a take.

    Raises:
        InputError: The take is not known.
        SetupError: Another program has the store.
    """
    with Store.opened(project.store_root) as store:
        take = _take_meant(store.takes(), key, "in the store")
        choices = with_said(project.choices, take.job.region.id, take.key, said)
        project.save(choices)
    return take, note_on(choices, take.key)


def _plan(project: Project, takes: Mapping[str, Take]) -> Plan:
    return project.plan(plan_settings_from(project.reading.settings), takes)


def _listed(
    take: Take, project: Project, planned: PlannedRegion, plan: Plan, store: Store, judgement: Judgement | None
) -> ListedTake:
    chosen = project.chosen.get(take.job.region.id) == take.key
    return ListedTake(
        take=take,
        path=store.path(take),
        chosen=chosen,
        picked=chosen and any(one.picked for one in project.choices if one.region_id == take.job.region.id),
        answers=answers(take, planned, plan.scene),
        judgement=judgement,
        note=note_on(project.choices, take.key),
    )


def _beneath(planned: PlannedRegion, plan: Plan, store: Store) -> PlacedTake | None:
    """The take chosen now, where it still answers."""
    take = planned.chosen
    if take is None or not answers(take, planned, plan.scene):
        return None
    return PlacedTake(region=planned.region, take=take, path=str(store.path(take)))


def _regions_meant(plan: Plan, text: str) -> tuple[PlannedRegion, ...]:
    """The region of that id, or those whose ids begin so."""
    exact = tuple(one for one in plan.regions if one.region.id == text)
    found = exact or tuple(one for one in plan.regions if one.region.id.startswith(text))
    if not text or not found:
        raise InputError(f"No region's id is '{text}' or begins so. {_known(one.region.id for one in plan.regions)}")
    return found


def region_meant(plan: Plan, text: str) -> PlannedRegion:
    """The region of that id, or the only one whose id begins so.

    Raises:
        InputError: There is none, or more than one.
    """
    found = _regions_meant(plan, text)
    if len(found) > 1:
        raise InputError(
            f"'{text}' may mean several regions. {_known(one.region.id for one in found)} Write more of it."
        )
    return found[0]


def _take_meant(takes: Mapping[str, Take], text: str, where: str) -> Take:
    """The take of that key, or the only one whose key begins so."""
    found = [take for key, take in takes.items() if text and key.startswith(text)]
    if len(found) != 1:
        matter = f"'{text}' may mean {len(found)} takes" if found else f"No take {where} has the key '{text}'"
        keys = [take.key for take in found] or list(takes)
        raise InputError(f"{matter}. {_known(keys)} `sottovoce take list` shows them all.")
    return found[0]


def _known(names: Iterable[str]) -> str:
    listed = list(names)
    if not listed:
        return "There is none."
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return f"Known: {', '.join(listed[:_SHOWN])}{more}."
