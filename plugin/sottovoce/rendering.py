"""From an opened project to the files that go back to the editor."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sottovoce.deciding import Asked, Decided, Making, decided_on, judged_regions, judging, retaken
from sottovoce.exports import record_export
from sottovoce.last_splice import Handed, remember_splice
from sottovoce.project import Project
from sottovoce.render_times import render_timed
from sottovoce.report_page.writing import write_report_page
from sottovoce.results_folder import make_results_folder
from sottovoce_engine import session
from sottovoce_engine.errors import InputError, RenderError
from sottovoce_engine.names import file_name, free_number, numbered
from sottovoce_engine.plan import Plan, PlanSettings
from sottovoce_engine.progress import Job
from sottovoce_engine.renderers.worker import Worker
from sottovoce_engine.splice.offline import check_media
from sottovoce_engine.splice.report import JudgedRegion, report_of
from sottovoce_engine.splice.splicing import splice
from sottovoce_engine.splice.values import Spliced, SpliceTarget
from sottovoce_engine.store import Store
from sottovoce_engine.take import Failure, Outcome
from sottovoce_otio.placing import new_file
from sottovoce_otio.scene_timeline import scene_document
from sottovoce_otio.writing import write_otio, write_otioz


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneFiles:
    """The files of one render; all share a version number."""

    timeline: Path
    bundle: Path | None
    report: Path
    page: Path  # the report to look at


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedScene:
    """What came of it."""

    plan: Plan
    spliced: Spliced
    files: SceneFiles
    failures: tuple[Failure, ...]
    without: tuple[str, ...]  # ids of regions that have no usable take; the timeline's own sound stays there
    left_out: tuple[str, ...]  # what the bundle could not hold, one sentence each
    judged: Mapping[str, JudgedRegion]  # by region id


def render_scene(
    project: Project,
    settings: PlanSettings,
    asked: Asked,
    job: Job,
    *,
    on_plan: Callable[[Plan], None] | None = None,
    on_outcome: Callable[[Outcome], None] | None = None,
) -> RenderedScene:
    """Renders what is missing, chooses, splices, and writes the results into a folder.

    Raises:
        InputError: The timeline or the folder cannot be used.
        SetupError: The renderer cannot work here, or another program has the store.
        RenderError: No region has a take, so that there is nothing to splice.
        JobCancelled: The person stopped it; finished takes are in the store.
    """
    _check_before(project, asked)
    with Store.opened(project.store_root) as store:
        plan = project.plan(settings, store.takes())
        if on_plan is not None:
            on_plan(plan)
        with judging(asked, store, plan) as judged, Worker(settings.renderer, store.media.root) as worker:
            rendered = render_timed(plan, worker, store, job, on_outcome, judged)
            decided = decided_on(project, asked, plan, store, job, judged, rendered.takes)
            failures = rendered.failures
            if plan.jobs or asked.most_takes > 1:
                making = Making(project=project, asked=asked, store=store, job=job, judged=judged, worker=worker)
                given_up = frozenset(failure.job.region.id for failure in failures)
                decided, more = retaken(making, plan, decided, given_up, on_outcome)
                failures += more
        project.save_choices(decided.choices, settings)
        return _spliced_scene(project, plan, store, decided, failures, asked, job)


def splice_scene(project: Project, settings: PlanSettings, asked: Asked, job: Job) -> RenderedScene:
    """Splices the takes there are; renders nothing.

    Raises:
        InputError, SetupError, RenderError, JobCancelled: As `render_scene`.
    """
    _check_before(project, asked)
    with Store.opened(project.store_root) as store:
        plan = project.plan(settings, store.takes())
        with judging(asked, store, plan) as judged:
            decided = decided_on(project, asked, plan, store, job, judged)
        project.save_choices(decided.choices)
        return _spliced_scene(project, plan, store, decided, (), asked, job)


def _check_before(project: Project, asked: Asked) -> None:
    """Finds what would fail at the end before an hour is spent on rendering."""
    if not project.scene.regions:
        raise InputError(
            f"No regions are marked on '{project.source.name}'. Add markers such as \"whisper: close your eyes\" and "
            "save the timeline."
        )
    check_media(project.scene, asked.splice)
    _make_folder(asked.folder)


def _make_folder(folder: Path) -> None:
    make_results_folder(folder)
    if not os.access(folder, os.W_OK):
        raise InputError(
            f"The folder '{folder}' cannot be written to. Name another with -o, or change its permissions."
        )


def _spliced_scene(
    project: Project,
    plan: Plan,
    store: Store,
    decided: Decided,
    failures: tuple[Failure, ...],
    asked: Asked,
    job: Job,
) -> RenderedScene:
    plan = session.with_shots(plan, store.takes(), store.path)
    placement = session.placement(plan, store, decided.choices)
    if not placement.placed:
        reasons = (
            " ".join(failure.reason for failure in failures[:3]) or "Render it first: sottovoce render TIMELINE -o DIR."
        )
        raise RenderError(f"No region of '{project.source.name}' has a take, so there is nothing to splice. {reasons}")
    name, files = _free_files(project, asked)
    target = SpliceTarget(folder=asked.folder, name=name, mp4=asked.mp4)
    settings = replace(asked.splice, joins=project.joins)
    spliced = splice(plan.scene, placement.placed, project.reading.registers, settings, target, job)
    document = scene_document(project.loaded, spliced, project.reading.registers)
    write_otio(document, files.timeline)
    left_out = write_otioz(document, files.bundle) if files.bundle is not None else ()
    record_export(project.store_root, files.timeline)
    handed = Handed(timeline=files.timeline, report=files.report, page=files.page, bundle=files.bundle)
    remember_splice(project.store_root, plan.scene, placement.placed, settings, spliced, handed)
    judged = judged_regions(placement.placed, decided, strict=asked.strict)
    report = report_of(plan.scene, spliced, failures, judged)
    _write_report(files.report, report)
    write_report_page(files.page, report, spliced)
    return RenderedScene(
        plan=plan,
        spliced=spliced,
        files=files,
        failures=failures,
        without=placement.without,
        left_out=left_out,
        judged=judged,
    )


def _free_files(project: Project, asked: Asked) -> tuple[str, SceneFiles]:
    """The first version number under which none of the files exists yet."""
    stem = file_name(project.name)
    names = [f"{stem}{suffix}" for suffix in (".otio", ".otioz", ".mov", ".mp4")]
    number = free_number(asked.folder, [*names, "report.json", "report.html"])
    otio, otioz, movie = (asked.folder / numbered(name, number) for name in names[:3])
    report, page = (asked.folder / numbered(name, number) for name in ("report.json", "report.html"))
    return movie.stem, SceneFiles(timeline=otio, bundle=otioz if asked.bundle else None, report=report, page=page)


def _write_report(path: Path, report: Mapping[str, Any]) -> None:
    with new_file(path, "report") as staged:
        staged.write_text(json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False) + "\n", encoding="utf-8")
