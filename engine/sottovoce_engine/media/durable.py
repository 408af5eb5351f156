"""Writing so that a crash at any moment leaves either nothing visible or the whole thing.

A file is written to the side, brought to the disk, and moved into place in one step. The moments
between are named, so that tests can end the process at each of them.
"""

import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_STAGED = re.compile(r"^\.staged-(\d+)-[0-9a-f]+\.[a-z0-9]{1,16}$")
_STARTED = time.time()

_watch: Callable[[str], None] | None = None


def watch_write_points(watch: Callable[[str], None] | None) -> None:
    """Calls `watch` with the name of every write point as it is reached."""
    global _watch
    _watch = watch


def reached(point: str) -> None:
    """Marks a moment of writing at which the process may end without harm."""
    if _watch is not None:
        _watch(point)


def moved_into_place(staged: Path, target: Path, what: str) -> None:
    """Brings a whole staged file to the disk and moves it to `target`, over a file of that name.

    Write points: "<what> written", "<what> synced", "<what> moved".
    """
    reached(f"{what} written")
    synced(staged)
    reached(f"{what} synced")
    staged.replace(target)
    synced(target.parent)
    reached(f"{what} moved")


def synced(path: Path) -> None:
    """Brings a file's or a folder's content to the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows keeps folders itself and lets nobody open them
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def staged_path(folder: Path, suffix: str) -> Path:
    """A name beside the target to write to; it says which process writes there."""
    return folder / f".staged-{os.getpid()}-{secrets.token_hex(8)}.{suffix.lstrip('.').lower()}"


def swept(folder: Path) -> tuple[Path, ...]:
    """Removes what processes that ended early left staged in `folder`, and returns what it removed."""
    removed = []
    for path in folder.glob(".staged-*"):
        if _is_abandoned(path):
            with suppress(PermissionError):  # Windows does not remove what is still being written
                path.unlink(missing_ok=True)
                removed.append(path)
    return tuple(removed)


def is_left_over(path: Path) -> bool:
    """Whether a file was there before this process started."""
    try:
        return path.stat().st_mtime < _STARTED
    except FileNotFoundError:
        return False


def _is_abandoned(path: Path) -> bool:
    match = _STAGED.match(path.name)
    return match is not None and is_left_over(path) and not _is_running(int(match[1]))


def _is_running(process: int) -> bool:
    if os.name == "nt":
        return False  # a signal of 0 would end it there; an open file cannot be removed anyway
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it belongs to somebody else
    return True
