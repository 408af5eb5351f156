"""Every change of the marks, written down as it is made, so that a crash loses none.

night.sottovoce/journal.jsonl
    {"kind": "JournalStart", …}     the marks as they were opened or last saved
    {"kind": "Change", …}           one line for each change since, undone and redone ones too

A line is handed to the system before the change counts as made; what a process that was killed had begun to write is an
unfinished last line, and is left out. Saving removes the journal; the next change starts another.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sottovoce_engine.choices import Choice
from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.editing.changes import Change, change_between, changed
from sottovoce_engine.editing.draft import Draft
from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinWish
from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.durable import moved_into_place, reached, staged_path, synced
from sottovoce_engine.scene import Region, Scene, Voice

FORMAT = 2  # 1 knew of no wishes for joins, and reads as it is
NAME = "journal.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalStart:
    """The marks before the changes of a journal."""

    source_digest: str  # SHA-256 of the timeline they were read from, hex
    when: str  # ISO 8601 with its zone
    regions: tuple[Region, ...]
    voices: tuple[Voice, ...]
    choices: tuple[Choice, ...]
    deleted: tuple[str, ...]
    joins: tuple[JoinWish, ...] = ()

    def draft(self, scene: Scene) -> Draft:
        """These marks on a timeline."""
        bare = Draft(scene=scene, choices=self.choices, deleted=frozenset(self.deleted), joins=self.joins)
        return bare.with_voices(self.voices).with_regions(self.regions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a process that ended early left in its journal."""

    start: JournalStart
    changes: tuple[Change, ...]
    whole: bool  # False: lines after these changes are damaged

    def draft(self, scene: Scene) -> Draft:
        """The marks after the last change, on a timeline."""
        draft = self.start.draft(scene)
        for change in self.changes:
            draft = changed(draft, change)
        return draft


class Journal:
    """Where changes are written down; one writer at a time, which the store's lock sees to."""

    def __init__(self, path: Path, draft: Draft, *, source_digest: str, now: datetime) -> None:
        """Starts anew at `draft`, over an older journal.

        Raises:
            InputError, SetupError: The disk does not take it.
        """
        self.path = path
        start = JournalStart(
            source_digest=source_digest,
            when=now.isoformat(timespec="seconds"),
            regions=draft.regions,
            voices=draft.scene.voices,
            choices=draft.choices,
            deleted=tuple(sorted(draft.deleted)),
            joins=draft.joins,
        )
        staged = staged_path(path.parent, "jsonl")
        try:
            staged.write_text(to_json(start, format_version=FORMAT) + "\n", encoding="utf-8")
            moved_into_place(staged, path, "journal")
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        except OSError as error:
            staged.unlink(missing_ok=True)
            raise write_error(path, error) from error
        self._draft = draft

    def note(self, after: Draft, label: str) -> None:
        """Writes down the change from the draft noted last.

        Raises:
            InputError, SetupError: The disk does not take it.
        """
        change = change_between(self._draft, after, label)
        if change.is_empty:
            return
        line = (to_json(change, format_version=FORMAT) + "\n").encode()
        end = os.fstat(self._file).st_size
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, end)  # else half a line would hide all that are written once there is room
            raise write_error(self.path, error) from error
        self._draft = after
        reached("change noted")

    def sync(self) -> None:
        """Brings what was noted to the disk, so that it outlives the machine's power, too.

        Raises:
            InputError, SetupError: The disk does not take it.
        """
        try:
            synced(self.path)
        except OSError as error:
            raise write_error(self.path, error) from error

    def close(self, *, keep: bool) -> None:
        """Ends it; `keep` where changes were not saved."""
        os.close(self._file)
        if not keep:
            self.path.unlink(missing_ok=True)


def recovered(path: Path) -> Recovered | None:
    """The changes of a journal that was not closed; None where there is none, or no change in it.

    Raises:
        InputError: It cannot be read, is no journal, or a newer version wrote it.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"The journal '{path}' cannot be read: {error.strerror}. Check its permissions.") from error
    if not lines:
        raise InputError(f"The journal '{path}' is empty: the disk may have been full. Move it away to go on.")
    start = from_json(lines[0], JournalStart, format_version=FORMAT, source=f"The journal '{path}'")
    finished = [line for line in lines[1:] if line.endswith(b"\n")]
    changes = tuple(_readable(finished, path))
    if not changes:
        return None
    return Recovered(start=start, changes=changes, whole=len(changes) == len(finished))


def put_aside(path: Path, now: datetime) -> Path:
    """Moves a journal nobody wants to go on from out of the way, and returns where it lies now.

    Raises:
        InputError, SetupError: The disk does not allow it.
    """
    aside = path.with_name(f"{path.stem}-{now.strftime('%Y-%m-%dT%H-%M-%S')}{path.suffix}")
    try:
        path.replace(aside)
    except OSError as error:
        raise write_error(aside, error) from error
    return aside


def _readable(lines: list[bytes], path: Path) -> Iterator[Change]:
    """Changes up to the first that cannot be read: those after it would be made to something else."""
    with suppress(InputError):
        for line in lines:
            yield from_json(line, Change, format_version=FORMAT, source=f"The journal '{path}'")
