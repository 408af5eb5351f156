"""Takes on disk, by content; nothing half-written is ever visible.

night.sottovoce/
    format.json              which format this folder has
    lock                     held by the one writer
    media/<sha256>.mov       picture and sound of takes, by the hash of their content; of shots the latents beside them
    takes/<key>.json         how a take was made and what was measured on it
    judgements/<key>.json    what the judge says of that take; made again when it is damaged or outdated
    trash/<date>/            what was cleaned, laid out as above
"""

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from sottovoce_engine import take as take_format
from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.durable import is_left_over, moved_into_place, reached, staged_path, swept, synced
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.lock import FolderLock
from sottovoce_engine.read_once import ReadOnce
from sottovoce_engine.take import Take

FORMAT = 1

T = TypeVar("T")

_RECORDS = ReadOnce(most=20_000)  # a few kB each


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFormat:
    """What `format.json` holds besides the format's number."""

    layout: str = "media, takes, judgements, trash"


class Store:
    """The takes of one timeline.

    Attributes:
        root: The folder.
        media: Their media.
        writing: Whether this process may write.
        problems: What the last `takes()` could not use, each a paragraph with its remedy.
    """

    def __init__(self, root: Path, *, writing: bool) -> None:
        self.root, self.writing = root, writing
        self.media = MediaFolder(root / "media")
        self.problems: tuple[str, ...] = ()
        self._records = root / "takes"
        self._judgements = root / "judgements"
        self._unreadable = 0

    @classmethod
    @contextmanager
    def opened(cls, root: Path, *, writing: bool = True) -> Iterator[Self]:
        """The store in the folder `root`, made when it is missing; held by no other writer until the end.

        With `writing` off nothing is made or locked, and a missing folder is a store without takes.

        Raises:
            InputError: A newer version wrote it, it is damaged, or it cannot be made there.
            SetupError: Another process writes it; the message says which.
        """
        store = cls(Path(root).absolute(), writing=writing)
        store._check_format()  # before anything is made in a folder that a newer version understands better
        if not writing:
            yield store
            return
        store._make_folders()
        lock = FolderLock(store.root / "lock")
        lock.take()
        try:
            store._make_ready()
            yield store
        finally:
            lock.release()

    def takes(self) -> dict[str, Take]:
        """Every usable take by key. Records other processes add are seen; what is damaged becomes a problem."""
        takes: dict[str, Take] = {}
        problems: list[str] = []
        self._unreadable = 0
        present = frozenset(self.media.names())
        for path in sorted(self._records.glob("[!.]*.json")):  # what starts with a dot is still being written
            try:
                take = _take_of(path)
            except FileNotFoundError:
                continue  # the writer moved it to the trash this very moment
            except InputError as error:
                problems.append(str(error))
                self._unreadable += 1
                continue
            if take.media in present:
                takes[take.key] = take
            else:
                problems.append(
                    f"The take of '{take.job.region.line[:40]}' ({take.job.region.voice}) has lost its media: there is no "
                    f"{take.media} in {self.media.root}. Put the file back, or render the take again."
                )
        self.problems = tuple(problems)
        return takes

    def add(self, take: Take) -> None:
        """Keeps a take whose media are already in the folder.

        Raises:
            InputError, SetupError: The disk does not take it.
        """
        if not self.writing or not self.media.has(take.media):
            raise ValueError(
                f"take {take.key} cannot be added: the store is open for reading, or its media are missing"
            )
        self._write(self._records / f"{take.key}.json", to_json(take, format_version=take_format.FORMAT), "take")

    def path(self, take: Take) -> Path:
        """Where the take's media lie."""
        return self.media.path(take.media)

    def judgements(self, keys: Iterable[str], read: Callable[[bytes, str], T]) -> dict[str, T]:
        """What is kept of the judgements of these takes, by key; those that are missing or damaged are left out.

        Args:
            keys: Of the takes.
            read: From a record's bytes and the name of its file to a frozen value; raises InputError where it cannot. The
                same function is asked again only where the record has changed.
        """
        found: dict[str, T] = {}
        for key in keys:
            path = self._judgements / f"{key}.json"
            with suppress(OSError, InputError):
                found[key] = _RECORDS.value(path, read)
        return found

    def add_judgement(self, key: str, text: str) -> None:
        """Keeps the judgement of the take `key`, over an older one. Safe beside `add` and `takes` from another thread.

        Raises:
            InputError, SetupError: The disk does not take it.
        """
        self._write(self._judgements / f"{key}.json", text, "judgement")

    def unused(self, keep: Collection[str]) -> tuple[Take, ...]:
        """Takes whose keys are not in `keep`, oldest first."""
        unused = [take for key, take in self.takes().items() if key not in keep]
        return tuple(sorted(unused, key=lambda take: (take.made, take.key)))

    def move_to_trash(self, takes: Collection[Take], now: datetime) -> Path:
        """Moves takes, and media that no take uses any more, to `trash/<date>`, and returns that folder.

        A take goes with its record; its media follow, so that no record is ever left without them.

        Raises:
            InputError, SetupError: The disk does not allow it.
        """
        if not self.writing:
            raise ValueError("takes cannot be moved: the store is open for reading")
        going = {take.key for take in takes}
        needed = {name for key, take in self.takes().items() if key not in going for name in take.files}
        media = {name for take in takes for name in take.files} | self._abandoned(needed)
        trash = self._new_trash(now)
        try:
            (trash / "takes").mkdir(parents=True)
            (trash / "media").mkdir()
            (trash / "judgements").mkdir()
            reached("trash made")
            for key in sorted(going):
                (self._records / f"{key}.json").replace(trash / "takes" / f"{key}.json")
                reached("take trashed")
                with suppress(FileNotFoundError):
                    (self._judgements / f"{key}.json").replace(trash / "judgements" / f"{key}.json")
            for name in sorted(media - needed):
                with suppress(FileNotFoundError):  # latents may be gone already
                    self.media.path(name).replace(trash / "media" / name)
                reached("media trashed")
            for folder in (trash / "takes", trash / "media", trash / "judgements", self._records, self.media.root):
                synced(folder)
        except OSError as error:
            raise write_error(trash, error) from error
        return trash

    def _abandoned(self, needed: Collection[str]) -> set[str]:
        """Media that a crash left without a take. None while a record cannot be read: they may be its own."""
        if self._unreadable:
            return set()
        return {name for name in self.media.names() if name not in needed and is_left_over(self.media.path(name))}

    def _new_trash(self, now: datetime) -> Path:
        name = now.strftime("%Y-%m-%dT%H-%M-%S")
        endings = itertools.chain([""], (f"-{count}" for count in itertools.count(2)))
        folders = (self.root / "trash" / f"{name}{ending}" for ending in endings)
        return next(folder for folder in folders if not folder.exists())

    def _make_folders(self) -> None:
        try:
            self.media.root.mkdir(parents=True, exist_ok=True)
            self._records.mkdir(exist_ok=True)
            self._judgements.mkdir(exist_ok=True)
        except OSError as error:
            raise write_error(self.root, error) from error

    def _make_ready(self) -> None:
        """Finishes what making or writing this folder left undone."""
        if not self._check_format():
            self._write(self.root / "format.json", to_json(StoreFormat(), format_version=FORMAT), "format")
        self.media.sweep()
        for folder in (self.root, self._records, self._judgements):
            swept(folder)

    def _check_format(self) -> bool:
        """Whether the folder says its format.

        Raises:
            InputError: It is a newer one, or the file is damaged.
        """
        path = self.root / "format.json"
        try:
            text = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise _record_error(path, error) from error
        from_json(text, StoreFormat, format_version=FORMAT, source=str(path))
        return True

    def _write(self, path: Path, text: str, what: str) -> None:
        """Writes a small file to the side and moves it into place; `what` names the write points."""
        staged = staged_path(path.parent, "json")
        try:
            staged.write_text(text, encoding="utf-8")
            moved_into_place(staged, path, what)
        except OSError as error:
            staged.unlink(missing_ok=True)
            raise write_error(path, error) from error


def _take_of(path: Path) -> Take:
    """The take of a record.

    Raises:
        FileNotFoundError: There is none.
        InputError: It cannot be read, is damaged, or has another take's name.
    """
    try:
        return _RECORDS.value(path, _take_in)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _record_error(path, error) from error


def _take_in(record: bytes, source: str) -> Take:
    take = from_json(record, Take, format_version=take_format.FORMAT, source=source)
    if take.key != Path(source).stem:
        raise InputError(f"{source} holds the take {take.key}: the file was renamed. Give it its name back.")
    return take


def _record_error(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be read: {error.strerror}. Change its permissions, or restore it from a backup.")
