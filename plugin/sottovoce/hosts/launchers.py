"""The launchers there are: for which editor, which files, and how a person starts them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sottovoce.hosts.places import Person, Place, blender_places, desktop_places, resolve_places
from sottovoce_engine.errors import InputError, nearest

_HERE = Path(__file__).parent
_COMMENTS = {".py": ("# ", ""), ".lua": ("-- ", ""), ".desktop": ("# ", ""), ".xml": ("<!-- ", " -->")}
MARK = "sottovoce-launcher:"


@dataclass(frozen=True, slots=True, kw_only=True)
class LauncherFile:
    """One file of a launcher."""

    source: Path  # in this package
    target: Path  # below the folder for scripts
    action: str = ""  # what the script does, where one source makes several


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """What is installed for one editor."""

    name: str
    editor: str
    files: tuple[LauncherFile, ...]
    places: Callable[[Person], tuple[Place, ...]]
    start: str  # where a person finds it in the editor
    without: str  # what to do where the editor's folder is not there
    exchanges: bool = False  # whether it hands over timelines in the common folder for that
    refreshed_by: tuple[tuple[str, str], ...] = ()  # programs to run, and on which folder below the scripts'


def _resolve_files(source: str) -> tuple[LauncherFile, ...]:
    path = _HERE / "resolve" / source
    actions = {
        "open": "Open in Sottovoce",
        "render": "Render with Sottovoce",
        "bring_back": "Bring back from Sottovoce",
    }
    return tuple(
        LauncherFile(source=path, target=Path("Sottovoce") / f"{title}{path.suffix}", action=action)
        for action, title in actions.items()
    )


def _blender_files() -> tuple[LauncherFile, ...]:
    package = Path("sottovoce_vse")
    return tuple(
        LauncherFile(source=path, target=package / ("__init__.py" if path.name == "add_on.py" else path.name))
        for path in sorted((_HERE / "blender").glob("*.py"))
        if path.name != "__init__.py"
    )


_RESOLVE_START = "Workspace > Scripts > Sottovoce in Resolve; what the scripts say appears in Workspace > Console."
_RESOLVE_WITHOUT = (
    "Start DaVinci Resolve once, or name its folder Fusion/Scripts/Utility with --to (docs/hosts/resolve.md "
    "says where it lies)."
)
_ALL = (
    Launcher(
        name="resolve",
        editor="DaVinci Resolve (Lua, also the free edition)",
        files=_resolve_files("sottovoce.lua"),
        places=resolve_places,
        start=_RESOLVE_START,
        without=_RESOLVE_WITHOUT,
        exchanges=True,
    ),
    Launcher(
        name="resolve-python",
        editor="DaVinci Resolve (Python)",
        files=_resolve_files("sottovoce_resolve.py"),
        places=resolve_places,
        start=_RESOLVE_START,
        without=_RESOLVE_WITHOUT,
        exchanges=True,
    ),
    Launcher(
        name="blender",
        editor="Blender's video sequencer",
        files=_blender_files(),
        places=blender_places,
        start="Switch it on in Blender's Preferences > Add-ons > Sottovoce; then Video Sequencer > Sidebar (N) > Sottovoce.",
        without="Start Blender 3.4 or newer once, or name its folder scripts/addons with --to.",
    ),
    Launcher(
        name="desktop",
        editor="the desktop's “open with” for .otio files",
        files=(
            LauncherFile(source=_HERE / "desktop" / "sottovoce.desktop", target=Path("applications/sottovoce.desktop")),
            LauncherFile(source=_HERE / "desktop" / "sottovoce.xml", target=Path("mime/packages/sottovoce.xml")),
        ),
        places=desktop_places,
        start="Open an .otio file in the file manager with Sottovoce.",
        without="This is for Linux desktops. On Windows and macOS, choose the program under “open with”.",
        refreshed_by=(("update-mime-database", "mime"), ("update-desktop-database", "applications")),
    ),
)
LAUNCHERS: Mapping[str, Launcher] = {launcher.name: launcher for launcher in _ALL}


def launcher_named(name: str) -> Launcher:
    """The launcher of that name.

    Raises:
        InputError: There is none.
    """
    if name not in LAUNCHERS:
        raise InputError(f"There is no launcher for '{name}'. {nearest(name, LAUNCHERS)}")
    return LAUNCHERS[name]


def written(file: LauncherFile, version: str, python: Path, exchange: Path) -> str:
    """A launcher's text for this machine: which Python has Sottovoce, and where timelines are exchanged."""
    opening, closing = _COMMENTS[file.source.suffix]
    quoted = _quoted_for_desktop if file.source.suffix == ".desktop" else json_quoted
    text = file.source.read_text(encoding="utf-8")
    for name, value in (("PYTHON", str(python)), ("EXCHANGE", str(exchange)), ("ACTION", file.action)):
        text = text.replace(f'"@{name}@"', quoted(value))
    return f"{opening}{MARK} {version}{closing}\n{text}"


def json_quoted(text: str) -> str:
    """A string as Python and Lua both read it."""
    return json.dumps(text, ensure_ascii=False)


def _quoted_for_desktop(text: str) -> str:
    """Source: Desktop Entry Specification 1.5, "The Exec key"."""
    for character in '\\"`$':
        text = text.replace(character, "\\" + character)
    return '"' + text.replace("\\", "\\\\").replace("%", "%%") + '"'
