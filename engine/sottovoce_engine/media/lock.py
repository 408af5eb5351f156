"""One writer at a time: an advisory lock that the system itself frees when its holder ends, however it ends."""

import errno
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sottovoce_engine.errors import SetupError
from sottovoce_engine.media.container import write_error

_HELD: set[Path] = set()  # locks that this process holds for all it does

_BUSY = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


class FolderLock:
    """The lock of a folder, held from `take` to `release`. Its file says who holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> None:
        """Takes the lock at once or not at all; where `held` by this process, there is nothing to take.

        Raises:
            SetupError: Somebody else holds it, or this disk knows no locks.
            InputError: The file cannot be made there.
        """
        if self._path in _HELD:
            return
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise write_error(self._path, error) from error
        try:
            _lock(handle)
        except OSError as error:
            os.close(handle)
            raise self._refusal(error) from error
        os.ftruncate(handle, 0)
        os.write(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode())
        self._handle = handle

    def release(self) -> None:
        """Lets others write. The file stays: after removing it, two could hold two files of one name."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    @classmethod
    @contextmanager
    def held(cls, path: Path) -> Iterator[None]:
        """Keeps all other processes out until the end, while this one takes and releases the lock as it likes.

        Raises:
            SetupError, InputError: As `take`.
        """
        lock = cls(path)
        lock.take()
        _HELD.add(path)
        try:
            yield
        finally:
            _HELD.discard(path)
            lock.release()

    def _refusal(self, error: OSError) -> SetupError:
        folder = self._path.parent
        if error.errno not in _BUSY:
            return SetupError(
                f"{folder} lies on a disk that knows no locks ({error}). Keep the timeline on a local disk."
            )
        return SetupError(
            f"{folder} is being written by {self._holder()}. Close that program and try again; two writers would lose "
            "each other's takes."
        )

    def _holder(self) -> str:
        try:
            said = json.loads(self._path.read_bytes())
            return f"process {said['pid']:d} on {said['host']}"
        except (OSError, ValueError, TypeError, KeyError):
            return "another program"  # which has taken the lock this very moment and not yet said who it is


if sys.platform == "win32":
    import msvcrt

    _GUARDED_BYTE = 1 << 30  # Windows locks bytes and hides them from readers: one far behind what the file says

    def _lock(handle: int) -> None:
        os.lseek(handle, _GUARDED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
