"""What small files say, parsed again only where they have changed. One memory for a process: values are frozen.

A window asks for all records of a project whenever one is added; parsing the others again would hold it up.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_State = tuple[int, int, int]  # which file it is, its size, when it was changed


class ReadOnce:
    """Values by file and by how they are read, the oldest forgotten first. Safe from several threads."""

    def __init__(self, most: int) -> None:
        """`most` values are remembered."""
        self._most = most
        self._changing = threading.Lock()
        self._values: dict[tuple[Path, Callable[[bytes, str], Any]], tuple[_State, Any]] = {}

    def value(self, path: Path, read: Callable[[bytes, str], T]) -> T:
        """What `read` makes of the file's bytes and its name; a frozen value.

        A file is taken for unchanged while it is the same one (inode), as long, and changed at the same nanosecond. So it
        has to be replaced, not written over in place.

        Raises:
            OSError: It cannot be read.
            Exception: What `read` raises; nothing is remembered then.
        """
        status = path.stat()
        state = (status.st_ino, status.st_size, status.st_mtime_ns)
        known = self._values.get((path, read))
        if known is not None and known[0] == state:
            remembered: T = known[1]
            return remembered
        value = read(path.read_bytes(), str(path))
        with self._changing:
            self._values.pop((path, read), None)
            self._values[path, read] = (state, value)
            if len(self._values) > self._most:
                del self._values[next(iter(self._values))]
        return value
