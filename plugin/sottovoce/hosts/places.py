"""Where editors look for scripts, on each system.

A place is the editor's own folder, which says that the editor is there, and a folder below it for scripts,
which is made where it is missing.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_OLDEST_BLENDER = (3, 4)
_BLENDER_VERSION = re.compile(r"^(\d+)\.(\d+)$")
_MACOS_SUPPORT = Path("Library/Application Support")
# Resolve from Apple's store keeps its files in a container.
_RESOLVE_FROM_STORE = Path("Library/Containers/com.blackmagic-design.DaVinciResolveLite/Data") / _MACOS_SUPPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose folders, on which system."""

    system: str  # as `sys.platform`: linux, darwin, win32
    home: Path
    environ: Mapping[str, str]

    @classmethod
    def here(cls) -> "Person":
        return cls(system=sys.platform, home=Path.home(), environ=os.environ)

    def folder(self, variable: str, otherwise: str) -> Path:
        """The folder an environment variable names, else one below the home folder."""
        named = self.environ.get(variable)
        return Path(named) if named else self.home / otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One installation of an editor."""

    editor: Path  # there where the editor is, or was
    scripts: Path


def resolve_places(person: Person) -> tuple[Place, ...]:
    """DaVinci Resolve's.

    Source: the README that comes with Resolve's scripting examples.
    """
    scripts = Path("Fusion/Scripts/Utility")
    match person.system:
        case "darwin":
            editors = [
                person.home / _MACOS_SUPPORT / "Blackmagic Design" / "DaVinci Resolve",
                person.home / _RESOLVE_FROM_STORE,
            ]
        case "win32":
            roaming = person.folder("APPDATA", "AppData/Roaming")
            editors = [roaming / "Blackmagic Design" / "DaVinci Resolve" / "Support"]
        case _:
            editors = [person.folder("XDG_DATA_HOME", ".local/share") / "DaVinciResolve"]
    return tuple(Place(editor=editor, scripts=editor / scripts) for editor in editors)


def blender_places(person: Person) -> tuple[Place, ...]:
    """Blender's, one for each version that was started once; the newest first."""
    match person.system:
        case "darwin":
            root = person.home / _MACOS_SUPPORT / "Blender"
        case "win32":
            root = person.folder("APPDATA", "AppData/Roaming") / "Blender Foundation" / "Blender"
        case _:
            root = person.folder("XDG_CONFIG_HOME", ".config") / "blender"
    versions = _blender_versions(root.iterdir() if root.is_dir() else ())
    return tuple(Place(editor=folder, scripts=folder / "scripts" / "addons") for folder in versions)


def _blender_versions(folders: Iterable[Path]) -> list[Path]:
    found = {}
    for folder in folders:
        match = _BLENDER_VERSION.match(folder.name)
        if match and (int(match[1]), int(match[2])) >= _OLDEST_BLENDER:
            found[int(match[1]), int(match[2])] = folder
    return [found[version] for version in sorted(found, reverse=True)]


def desktop_places(person: Person) -> tuple[Place, ...]:
    """Where a desktop that follows freedesktop.org keeps a person's own programs and file types."""
    if person.system in ("darwin", "win32"):
        return ()
    data = person.folder("XDG_DATA_HOME", ".local/share")
    return (Place(editor=person.home, scripts=data),)
