"""Puts launchers where editors find them, and takes them away again. Files of others are never touched."""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from sottovoce.folders import exchange_folder
from sottovoce.hosts.launchers import MARK, Launcher, written
from sottovoce.hosts.places import Person, Place
from sottovoce_engine.errors import InputError
from sottovoce_otio.placing import replaced_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What was put where."""

    folders: tuple[Path, ...]
    files: tuple[Path, ...]


def installed_at(launcher: Launcher, person: Person) -> tuple[Path, ...]:
    """The folders for scripts that hold the launcher."""
    return tuple(
        place.scripts
        for place in launcher.places(person)
        if all(_is_ours(place.scripts / file.target) for file in launcher.files)
    )


def editors_found(launcher: Launcher, person: Person) -> tuple[Place, ...]:
    """Where the editor is on this machine."""
    return tuple(place for place in launcher.places(person) if place.editor.is_dir())


def install(launcher: Launcher, person: Person, to: Path | None = None) -> Installed:
    """Writes the launcher into each folder the editor looks in, over earlier versions of its own.

    Args:
        launcher: For which editor.
        person: Whose folders.
        to: The one folder to write into instead.

    Raises:
        InputError: The editor's folder is not there, or holds another's file of that name.
        SetupError: The disk is full.
    """
    folders = _folders(launcher, person, to)
    targets = [folder / file.target for folder in folders for file in launcher.files]
    for target in targets:
        if target.exists() and not _is_ours(target):
            raise InputError(
                f"'{target}' is there and is not Sottovoce's. Move it away, or install into another folder with --to."
            )
    exchange = exchange_folder()
    if launcher.exchanges:
        _make_folder(exchange)
    for folder in folders:
        for file in launcher.files:
            _write(folder / file.target, written(file, metadata.version("sottovoce"), Path(sys.executable), exchange))
        _refresh(launcher, folder)
    return Installed(folders=folders, files=tuple(targets))


def remove(launcher: Launcher, person: Person, to: Path | None = None) -> tuple[Path, ...]:
    """Removes what `install` wrote; the files that are gone.

    Raises:
        InputError: `to` is no folder, or a file cannot be removed.
    """
    folders = _named(to) if to is not None else tuple(place.scripts for place in launcher.places(person))
    gone = []
    for folder in folders:
        for target in (folder / file.target for file in launcher.files):
            if _is_ours(target):
                _unlink(target)
                gone.append(target)
        if gone:
            _refresh(launcher, folder)
        for parent in {(folder / file.target).parent for file in launcher.files} - {folder}:
            shutil.rmtree(parent / "__pycache__", ignore_errors=True)
            with suppress(OSError):  # not empty: others' files stay
                parent.rmdir()
    return tuple(gone)


def _folders(launcher: Launcher, person: Person, to: Path | None) -> tuple[Path, ...]:
    if to is not None:
        return _named(to)
    found = tuple(place.scripts for place in editors_found(launcher, person))
    if not found:
        looked = " and ".join(f"'{place.editor}'" for place in launcher.places(person))
        where = f" It was looked for as {looked}." if looked else ""
        raise InputError(f"There is no folder of {launcher.editor} here.{where} {launcher.without}")
    return found


def _named(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        raise InputError(f"'{folder}' is no folder. Name one that is there with --to.")
    return (folder.absolute(),)


def _is_ours(path: Path) -> bool:
    """Whether its first line says that it is a launcher of ours, of any version."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return MARK in file.readline()
    except OSError:
        return False


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder '{folder}' cannot be made: {error.strerror}. Change its permissions.") from error


def _write(target: Path, text: str) -> None:
    _make_folder(target.parent)
    with replaced_file(target, "launcher") as staged:
        staged.write_text(text, encoding="utf-8")


def _unlink(target: Path) -> None:
    try:
        target.unlink()
    except OSError as error:
        raise InputError(f"'{target}' cannot be removed: {error.strerror}. Change its permissions.") from error


def _refresh(launcher: Launcher, folder: Path) -> None:
    """Tells the desktop, where it has the programs for that; without them it looks for itself when it starts."""
    for program, below in _programs(launcher.refreshed_by):
        subprocess.run([program, str(folder / below)], capture_output=True, check=False, timeout=60)


def _programs(wanted: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for program, below in wanted:
        found = shutil.which(program)
        if found is not None:
            yield found, below
