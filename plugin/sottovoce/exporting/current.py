"""The scene to export: as it was spliced last, or spliced now where that is out of date."""

from dataclasses import dataclass, replace
from pathlib import Path

from sottovoce.deciding import Asked
from sottovoce.exporting.values import Export, Links
from sottovoce.last_splice import LastSplice, last_splice, still_spliced
from sottovoce.placed_now import placed_now
from sottovoce.project import Project
from sottovoce.reading import plan_settings_from, splice_settings_from
from sottovoce.rendering import splice_scene
from sottovoce_engine.errors import InputError
from sottovoce_engine.progress import Job
from sottovoce_engine.splice.values import Spliced, SpliceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """What is exported, and whether it had to be spliced for that."""

    export: Export
    spliced_now: bool
    without: tuple[str, ...]  # ids of regions that have no take


def current_export(
    project: Project, folder: Path, links: Links, job: Job, reel: str = "", *, offline_media: bool = False
) -> Current:
    """The project's scene with its chosen takes.

    Args:
        project: As read; nothing is rendered for it, and no choice is changed.
        folder: Where movie and stems go, where the scene has to be spliced.
        links: How media are named.
        job: Splicing takes its time.
        reel: Of a film in reels, as handed to the mix.
        offline_media: Black and silence for missing media where the scene has to be spliced; a person agreed to that.

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
    spliced, without = still or _spliced_now(project, folder, _as_last_time(project, last, offline_media), job)
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
    now = placed_now(project)
    spliced = still_spliced(last, now.scene, now.placed, project.joins)
    return None if spliced is None else (spliced, now.without)


def _as_last_time(project: Project, last: LastSplice | None, offline_media: bool) -> SpliceSettings:
    """How the scene is spliced: as it was the last time, else as the settings say.

    What was agreed to do without the last time is asked about again: other media may be missing now.
    """
    before = splice_settings_from(project.reading.settings) if last is None else last.settings
    return replace(before, offline_media=offline_media)


def _spliced_now(project: Project, folder: Path, splice: SpliceSettings, job: Job) -> tuple[Spliced, tuple[str, ...]]:
    """The scene, spliced into `folder`."""
    asked = Asked(folder=folder, splice=splice, mp4=False, judge=None)
    scene = splice_scene(project, plan_settings_from(project.reading.settings), asked, job)
    return scene.spliced, scene.without
