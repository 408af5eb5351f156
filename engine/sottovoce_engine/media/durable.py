"""Writing so that a crash at any moment leaves either nothing visible or the whole thing.

A file is written to the side, brought to the disk, and moved into place in one step. The moments
between are named, so that tests can end the process at each of them.
"""

import os
from collections.abc import Callable
from pathlib import Path

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
