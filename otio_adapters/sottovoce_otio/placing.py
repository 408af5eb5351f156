"""Writing a file so that it is there whole or not at all, and never over another one."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sottovoce_engine.errors import InputError, SetupError, SottovoceError
from sottovoce_engine.media.durable import moved_into_place, reached, synced


@contextmanager
def new_file(path: Path, what: str) -> Iterator[Path]:
    """A path to the side to write to; moved to `path` when the block ends well, removed when it does not.

    Write points: "<what> written", "<what> synced", "<what> moved".

    Raises:
        InputError: `path` exists already, or its folder cannot be written to.
        SetupError: The disk is full, or fails.
    """
    with _staged(path, what) as staged:
        yield staged
        reached(f"{what} written")
        synced(staged)
        reached(f"{what} synced")
        _moved_to_free(staged, path, what)
        synced(path.parent)
        reached(f"{what} moved")


@contextmanager
def replaced_file(path: Path, what: str) -> Iterator[Path]:
    """As `new_file`, over an older file of that name.

    Raises:
        InputError: The folder cannot be written to.
        SetupError: The disk is full, or fails.
    """
    with _staged(path, what) as staged:
        yield staged
        moved_into_place(staged, path, what)


@contextmanager
def _staged(path: Path, what: str) -> Iterator[Path]:
    staged = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield staged
    except OSError as error:
        raise _writing_error(error, path, what) from error
    finally:
        with suppress(OSError):
            staged.unlink()


def _moved_to_free(staged: Path, path: Path, what: str) -> None:
    """Moves a file to a name that nobody has taken, not even since it was looked at."""
    try:
        os.link(staged, path)  # fails where the name is taken, which a rename on Linux and macOS does not
    except FileExistsError as error:
        raise InputError(
            f"The {what} '{path}' exists already and is never written over. Choose a free name."
        ) from error
    except OSError:
        if path.exists():
            raise
        staged.rename(path)  # exFAT and some network drives know no links


def _writing_error(error: OSError, path: Path, what: str) -> SottovoceError:
    said = error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return InputError(
            f"The {what} '{path}' cannot be written: {said}. Choose a folder that you may write to, or change its "
            "permissions."
        )
    return SetupError(f"The {what} '{path}' could not be written: {said}. Free space on that disk, or choose another.")
