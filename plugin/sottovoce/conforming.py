"""A timeline's regions and takes, taken over to the new cut of it.

cut 1.otio, cut 1.sottovoce/              the old cut with its takes; only read
cut 2.otio                                the new cut; only read
cut 2 conformed.otio, .sv.otio            the new cut with the regions, and the choices
cut 2 conformed.sottovoce/                its takes: the same files under another name where the disk can do that
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sottovoce.came_back import STORE_SUFFIX
from sottovoce.new_marks import write_marked
from sottovoce.project import Project, store_root_of
from sottovoce_engine.conform import Fate
from sottovoce_engine.errors import InputError
from sottovoce_engine.names import file_name, free_number, numbered
from sottovoce_engine.progress import Job
from sottovoce_engine.store import Store
from sottovoce_engine.take import Take
from sottovoce_engine.travelling import bring_takes, moved_take, record_text
from sottovoce_engine.windows import whole_region_id
from sottovoce_otio.conform import Conformed, conformed
from sottovoce_otio.timeline import ReadOptions, read_timeline
from sottovoce_otio.working_copy import SUFFIX, write_working_copy


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """The new cut with the old one's regions, as written."""

    conformed: Conformed
    timeline: Path
    takes: int


def conform(old: Project, new: Project, folder: Path, job: Job, *, force: bool = False) -> NewVersion:
    """Writes the new cut with the old one's regions and takes, under a name that is free.

    Args:
        old: The timeline as it was.
        new: The same after its picture changed.
        folder: Where the new version goes.
        job: Takes on another disk are copied.
        force: Write it even where nothing of the old one is found in it.

    Raises:
        InputError: The two have nothing to do with each other, or the folder cannot be written to.
        SetupError: The disk is full, or another program has a store.
        JobCancelled: Cancelling was asked for.
    """
    if not old.scene.regions:
        raise InputError(
            f"No regions are marked on '{old.source.name}', so there is nothing to take over to '{new.source.name}'."
        )
    found = conformed(old.loaded, new.loaded)
    if not found.related and not force:
        raise InputError(_unrelated(old, new))
    path = _free_path(folder, new)
    takes = _write(path, old, new, found, job)
    return NewVersion(conformed=found, timeline=path, takes=takes)


def _unrelated(old: Project, new: Project) -> str:
    return (
        f"Nothing that lies under the {len(old.scene.regions)} regions of '{old.source.name}' is in '{new.source.name}', by "
        "file, name, reel and timecode, or content, nor does it have their marks: it is another timeline. Nothing was "
        "written. Name the new cut of it, or give --force to have it written without regions."
    )


def _free_path(folder: Path, new: Project) -> Path:
    """A name under which neither timeline, working copy nor store are there."""
    stem = f"{file_name(new.name.removesuffix(' conformed'))} conformed"
    number = free_number(folder, [f"{stem}.otio", f"{stem}{SUFFIX}", f"{stem}{STORE_SUFFIX}"])
    return folder.absolute() / numbered(f"{stem}.otio", number)


def _write(path: Path, old: Project, new: Project, found: Conformed, job: Job) -> int:
    """Takes first, the timeline last: what is there of an end in between is no version yet."""
    with (
        Store.opened(old.store_root, writing=False) as origin,
        Store.opened(store_root_of(path)) as target,
    ):
        takes = origin.takes()
        judgements = origin.judgements(takes, record_text)
        bring_takes(origin, target, _moved(takes.values(), old, found), judgements, job)
    anchors = {anchor.voice: anchor for anchor in (*old.scene.anchors, *new.scene.anchors)}
    scene = replace(found.scene, anchors=tuple(anchors.values()))
    scene = scene.with_regions((*scene.regions, *new.loaded.unfinished))
    write_marked(new, scene, path)
    options = ReadOptions(
        voices=new.reading.voices, dialogue_tracks=new.reading.dialogue_tracks, drop_frame=new.reading.drop_frame
    )
    loaded = read_timeline(path, new.reading.registers, options)
    write_working_copy(loaded, new.reading.registers, old.choices, settings=old.last_render, joins=old.joins)
    return len(takes)


def _moved(takes: Iterable[Take], old: Project, found: Conformed) -> list[Take]:
    """Takes as they lie in the new cut; those of regions without a place stay as they are."""
    regions = {region.id: region for region in old.scene.regions}
    by = {each.region.id: each.by for each in found.placements if each.fate is not Fate.LOST}
    by |= {region.id: region.span.start - regions[region.id].span.start for region in found.marked}
    return [
        moved_take(take, regions.get(take.job.region.id), by.get(whole_region_id(take.job.region.id), 0))
        for take in takes
    ]
