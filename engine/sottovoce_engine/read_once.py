"""What small files say, parsed again only where they have changed. One memory for a process: values are frozen.

A window asks for all records of a project whenever one is added; parsing the others again would hold it up. Media, which are not
read whole, are remembered by `media/looking.py`.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_State = tuple[int, int, int]  # which file it is, its size, when it was changed


class ReadOnce:
    """Values by file and by how they are read, those not asked for longest forgotten first. Safe from several threads."""

    def __init__(self, most: int) -> None:
        """`most` values are remembered."""
        self._read = lru_cache(maxsize=most)(_read)

    def value(self, path: Path, read: Callable[[bytes, str], T]) -> T:
        """What `read` makes of the file's bytes and its name; a frozen value.

        A file is taken for unchanged while it is the same one (inode), as long, and changed at the same nanosecond. So it
        has to be replaced, not written over in place.

        Raises:
            OSError: It cannot be read.
            Exception: What `read` raises; nothing is remembered then.
        """
        status = path.stat()
        value: T = self._read(path, (status.st_ino, status.st_size, status.st_mtime_ns), read)
        return value


def _read(path: Path, _state: _State, read: Callable[[bytes, str], Any]) -> Any:
    return read(path.read_bytes(), str(path))
