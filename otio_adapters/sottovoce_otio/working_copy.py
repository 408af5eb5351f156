"""The working copy `<name>.sv.otio` beside the source: all marks in full, and the editor's choices of takes.

    night.otio       the editor's own; only read
    night.sv.otio    a clone of it with metadata["sottovoce"]["working_copy"] on the timeline

The source may change on disk; its regions are then matched with those noted here, so that the choices
stay with their lines.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from sottovoce_engine.choices import Choice
from sottovoce_engine.codec import from_plain, to_plain
from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinKey, JoinWish
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.scene import Region, Scene
from sottovoce_otio.matching import Differences, matched
from sottovoce_otio.ours import KEY
from sottovoce_otio.placing import replaced_file
from sottovoce_otio.scene_timeline import WORKING_COPY, marked_timeline
from sottovoce_otio.suffixes import NAMING_SUFFIXES
from sottovoce_otio.timeline import LoadedTimeline

# 1 had neither picks nor what is noted beside a star, a rating and a text, 2 neither deleted takes nor media found
# elsewhere, 3 no wishes for joins; all read as they are.
FORMAT = 4
SUFFIX = ".sv.otio"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCopy:
    """What a working copy holds beside the timeline itself."""

    source_digest: str  # SHA-256 of the source it was made from, hex
    regions: tuple[Region, ...]  # of that source; the copy's own marks may have been edited since
    choices: tuple[Choice, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()  # (name, value) of the last render, for the person to read
    deleted: tuple[str, ...] = ()  # keys of takes that are not shown any more; cleaning moves them away
    relinked: tuple[tuple[str, str], ...] = ()  # media found elsewhere: (path that the source names, path of the file)
    joins: tuple[JoinWish, ...] = ()  # by key: what differs from how the splice would make them

    @property
    def chosen(self) -> Mapping[str, str]:
        """The key of the chosen take of each region that has one, by region id."""
        return {choice.region_id: choice.take_key for choice in self.choices if choice.take_key}

    @property
    def kept(self) -> frozenset[str]:
        """Keys of takes that are never cleaned away: chosen, or noted as anything but rejected."""
        noted = (note for choice in self.choices for note in choice.notes if note.keeps)
        return frozenset(self.chosen.values()) | {note.take_key for note in noted}


def working_copy_path(source: Path) -> Path:
    """Where the working copy of a timeline lies; a working copy is its own."""
    if source.name.endswith(SUFFIX):
        return source
    return source.with_name(kept_name(source) + SUFFIX)


def kept_name(source: Path) -> str:
    """What everything kept beside a timeline is called after; "lines.srt" may lie beside a "lines.otio"."""
    return source.name if source.suffix.lower() in NAMING_SUFFIXES else source.stem


def read_working_copy(path: Path) -> WorkingCopy | None:
    """What the working copy at `path` holds; None where there is none.

    Raises:
        InputError: The file cannot be read, is damaged, is no working copy, or was written by a newer version.
    """
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(
            f"The working copy '{path}' cannot be read: {error.strerror}. Check its permissions."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"The working copy '{path}' is damaged: {error}. Restore it from a backup, or move it away: the regions are "
            "read from the timeline again and their takes are still in the store."
        ) from error
    found = _noted(document)
    if found is None:
        raise InputError(
            f"'{path}' lies where the working copy belongs and is none of ours. Rename it, or the timeline beside it."
        )
    written = found.pop("format", None)
    if not isinstance(written, int) or isinstance(written, bool) or written > FORMAT:
        raise InputError(f"'{path}' has format {written!r}; this version reads up to {FORMAT}. Update Sottovoce.")
    return from_plain(found, WorkingCopy, f"The working copy '{path}'")


def write_working_copy(
    loaded: LoadedTimeline,
    registers: RegisterTable,
    choices: tuple[Choice, ...],
    *,
    scene: Scene | None = None,
    source_regions: tuple[Region, ...] | None = None,
    settings: tuple[tuple[str, str], ...] = (),
    deleted: tuple[str, ...] = (),
    relinked: tuple[tuple[str, str], ...] = (),
    joins: tuple[JoinWish, ...] = (),
) -> Path:
    """Writes the working copy beside the source, over an older one, all at once.

    Args:
        loaded: The source as read; unchanged, like its file.
        registers: For the colours of the marks.
        choices: The editor's.
        scene: The regions as they are marked now, where they were edited since reading.
        source_regions: Those of the source itself, where what was read is an earlier working copy of it.
        settings: The last render's, for the person to read.
        deleted: Keys of takes that are not shown any more.
        relinked: Media found elsewhere. They are noted beside the timeline, whose own links stay.
        joins: What is asked of them.

    Raises:
        InputError: The folder cannot be written to.
        SetupError: The disk is full, or fails.
    """
    path = working_copy_path(loaded.path)
    timeline = marked_timeline(loaded, loaded.marked_scene if scene is None else scene, registers)
    noted = WorkingCopy(
        source_digest=loaded.digest,
        regions=loaded.scene.regions if source_regions is None else source_regions,
        choices=choices,
        settings=settings,
        deleted=deleted,
        relinked=relinked,
        joins=joins,
    )
    timeline["metadata"][KEY][WORKING_COPY] = {"format": FORMAT, **to_plain(noted)}
    with replaced_file(path, "working copy") as staged:
        staged.write_text(json.dumps(timeline), encoding="utf-8")
    return path


def kept_copy(path: Path, folder: Path) -> Path:
    """A copy of a working copy in `folder`, named by its content: the same one is kept once.

    Raises:
        InputError, SetupError: The disk does not take it.
    """
    try:
        content = path.read_bytes()
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"'{path}' cannot be kept in '{folder}' before it is written anew: {error.strerror}. Check the folder's permissions."
        ) from error
    kept = folder / f"{sha256(content).hexdigest()[:16]}{SUFFIX}"
    if not kept.exists():
        with replaced_file(kept, "earlier working copy") as staged:
            staged.write_bytes(content)
    return kept


def choices_for(working_copy: WorkingCopy, scene: Scene) -> tuple[tuple[Choice, ...], Differences]:
    """The choices as they hold for the scene as it is now, and how its regions differ from those noted.

    A choice of a region that is no longer there stays, so that it holds again when the region comes back.
    """
    differences = matched(working_copy.regions, scene.regions)
    new_ids = differences.new_ids
    choices = tuple(replace(choice, region_id=_renamed(choice.region_id, new_ids)) for choice in working_copy.choices)
    return choices, differences


def joins_for(working_copy: WorkingCopy, new_ids: Mapping[str, str]) -> tuple[JoinWish, ...]:
    """What is asked of joins, under the ids that regions have now."""
    renamed = (
        replace(wish, key=JoinKey(_renamed(wish.key.region_id, new_ids), wish.key.side)) for wish in working_copy.joins
    )
    return tuple(sorted(renamed, key=lambda wish: wish.key))


def _renamed(region_id: str, new_ids: Mapping[str, str]) -> str:
    """The id that a region, or a part of a long one ("1f0c9a42-2"), has now."""
    whole, dash, part = region_id.rpartition("-")
    if region_id not in new_ids and dash and part.isdecimal():
        return new_ids.get(whole, whole) + dash + part
    return new_ids.get(region_id, region_id)


def _noted(document: object) -> dict[str, object] | None:
    at = document
    for key in ("metadata", KEY, WORKING_COPY):
        at = at.get(key) if isinstance(at, dict) else None
    return dict(at) if isinstance(at, dict) else None
