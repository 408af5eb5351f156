"""The scene to export: as it was spliced last, or spliced now where that is out of date."""

from dataclasses import dataclass
from pathlib import Path

from sottovoce.deciding import Asked
from sottovoce.exporting.values import Export, Links
from sottovoce.last_splice import LastSplice, last_splice, still_spliced
from sottovoce.project import Project
from sottovoce.reading import plan_settings_from, splice_settings_from
from sottovoce.rendering import splice_scene
from sottovoce_engine import session
from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job
from sottovoce_engine.splice.values import Spliced
from sottovoce_engine.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """What is exported, and whether it had to be spliced for that."""

    export: Export
    spliced_now: bool
    without: tuple[str, ...]  # ids of regions that have no take


def current_export(project: Project, folder: Path, links: Links, job: Job, reel: str = "") -> Current:
    """The project's scene with its chosen takes.

    Args:
        project: As read; nothing is rendered for it, and no choice is changed.
        folder: Where movie and stems go, where the scene has to be spliced.
        links: How media are named.
        job: Splicing takes its time.
        reel: Of a film in reels, as handed to the mix.

    Raises:
        InputError, SetupError, RenderError, JobCancelled: As `splice_scene`.
    """
    if not project.scene.regions:
        raise InputError(
            f"No regions are marked on '{project.source.name}'. Mark and render some, then export: "
            "sottovoce render TIMELINE -o DIR."
        )
    last = last_splice(project.store_root)
    still = None if last is None else _still(project, last)
    spliced, without = still or _spliced_now(project, folder, last, job)
    export = Export(
        name=project.name,
        loaded=project.loaded,
        scene=project.scene,
        spliced=spliced,
        registers=project.reading.registers,
        links=links,
        reel=reel,
        esteem=project.opinions({}).esteem,
    )
    return Current(export=export, spliced_now=still is None, without=without)


def _still(project: Project, last: LastSplice) -> tuple[Spliced, tuple[str, ...]] | None:
    """The last splice and the regions it has no take of, where it is what a splice would make now."""
    with Store.opened(project.store_root, writing=False) as store:
        takes = store.takes()
        plan = session.with_shots(project.plan(plan_settings_from(project.reading.settings), takes), takes, store.path)
        placement = session.placement(plan, store, session.choices_after(plan, takes, (), project.opinions({})))
    spliced = still_spliced(last, plan.scene, placement.placed)
    return None if spliced is None else (spliced, placement.without)


def _spliced_now(project: Project, folder: Path, last: LastSplice | None, job: Job) -> tuple[Spliced, tuple[str, ...]]:
    """Spliced as it was the last time, into `folder`."""
    settings = project.reading.settings
    asked = Asked(
        folder=folder, splice=splice_settings_from(settings) if last is None else last.settings, mp4=False, judge=None
    )
    scene = splice_scene(project, plan_settings_from(settings), asked, job)
    return scene.spliced, scene.without
