"""Reading `.otioz` bundles: a zip of `content.otio` and the media it names.

A bundle may come from anywhere, so nothing in it is believed: names that lead out of the bundle, members
that unpack to far more than they are, and members that share bytes are refused before anything is
unpacked, and only the media that the timeline uses are.
"""

import os
import shutil
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from sottovoce_engine.errors import InputError, SetupError

CONTENT = "content.otio"

_MAX_MEMBERS = 20_000
_MAX_RATIO = 250  # sound that is silent packs about this well; zip bombs reach 1000
_SMALL = 2**24  # below this many bytes no ratio is dangerous
_CHUNK = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A checked `.otioz`."""

    path: Path
    listing: str  # one line a member: name, size, CRC
    sizes: Mapping[str, int]  # bytes of every member, by name

    def timeline(self, max_bytes: int) -> bytes:
        """The bundle's timeline.

        Raises:
            InputError: There is none, or it is damaged or larger than `max_bytes`.
        """
        size = self.sizes.get(CONTENT)
        if size is None:
            raise InputError(f"The bundle '{self.path}' holds no {CONTENT}. Export it again as .otioz.")
        if size > max_bytes:
            raise InputError(
                f"The timeline in '{self.path}' unpacks to {size // 2**20} MB; at most {max_bytes // 2**20} MB are read. "
                "Export less metadata."
            )
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(CONTENT) as member:
                return member.read(max_bytes + 1)
        except _DAMAGED as error:
            raise _damaged(self.path, error) from error

    def unpacked(self, name: str, folder: Path) -> Path:
        """The member `name` as a file under `folder`; one that lies there already in full is kept.

        Raises:
            InputError: The member is damaged.
            SetupError: The disk is full or cannot be written.
        """
        target = folder.joinpath(*PurePosixPath(name).parts)
        size = self.sizes[name]
        if target.is_file() and target.stat().st_size == size:
            return target
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(target.parent).free
            if size > free:
                raise SetupError(
                    f"'{name}' of '{self.path}' needs {size // 2**20} MB and '{folder}' has {free // 2**20} MB free. Free "
                    "space there, or unpack the bundle elsewhere."
                )
            self._unpack(name, target)
        except OSError as error:
            raise SetupError(
                f"'{name}' of '{self.path}' cannot be unpacked to '{folder}': {error}. Free space."
            ) from error
        return target

    def _unpack(self, name: str, target: Path) -> None:
        handle, staged = tempfile.mkstemp(dir=target.parent, prefix=".unpacking-")
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(name) as member, os.fdopen(handle, "wb") as file:
                shutil.copyfileobj(member, file, _CHUNK)
            Path(staged).replace(target)
        except _DAMAGED as error:
            raise _damaged(self.path, error) from error
        finally:
            Path(staged).unlink(missing_ok=True)


class UnpackingFolder:
    """Where a bundle's media are unpacked to; a temporary one is removed with this object."""

    def __init__(self, path: Path | None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="sottovoce-")) if path is None else path
        if path is None:
            weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def unpacking_folder(bundle: Bundle | None, cache: Path | None, digest: str) -> UnpackingFolder | None:
    """The folder for a bundle's media, of its own in `cache`; None where there is no bundle."""
    if bundle is None:
        return None
    return UnpackingFolder(None if cache is None else cache.absolute() / f"{bundle.path.stem}-{digest[:16]}")


def opened_bundle(path: Path) -> Bundle:
    """The bundle at `path`, its list of members checked.

    Raises:
        InputError: It is no zip, or holds something dangerous.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except _DAMAGED as error:
        raise _damaged(path, error) from error
    if len(members) > _MAX_MEMBERS:
        raise InputError(f"The bundle '{path}' holds {len(members):,} files; at most {_MAX_MEMBERS:,} are read.")
    for member in members:
        _check_name(member.filename, path)
        _check_size(member, path)
    if sum(member.compress_size for member in members) > path.stat().st_size:
        raise InputError(f"The members of '{path}' overlap, as those of zip bombs do. Do not open it; ask for another.")
    listing = "".join(f"{member.filename}\t{member.file_size}\t{member.CRC:08x}\n" for member in members)
    return Bundle(path=path, listing=listing, sizes={member.filename: member.file_size for member in members})


def _check_name(name: str, path: Path) -> None:
    windows = PureWindowsPath(name)
    leads_out = ".." in windows.parts or ".." in PurePosixPath(name).parts
    if leads_out or windows.drive or windows.root or name.startswith("/") or "\0" in name or not name:
        raise InputError(
            f"The bundle '{path}' holds a file named '{name}', which leads out of the bundle. Do not open it; ask for another."
        )


def _check_size(member: zipfile.ZipInfo, path: Path) -> None:
    if member.flag_bits & 1:
        raise InputError(f"'{member.filename}' in '{path}' is encrypted. Export the bundle without a password.")
    if member.file_size > _SMALL and member.file_size > _MAX_RATIO * member.compress_size:
        raise InputError(
            f"'{member.filename}' in '{path}' unpacks {member.file_size // max(1, member.compress_size)} times its size, as "
            "zip bombs do. Do not open it; ask for another."
        )


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(f"The bundle '{path}' is damaged: {error}. Export it again as .otioz.")


_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError)
