"""A file as a person names it inside another file: beside that file, anywhere on the machine, or on a hub."""

from pathlib import Path


def place_from(folder: Path, named: str) -> str:
    """What a file in `folder` names, as an absolute path where it is a path.

    A name such as "owner/name" may be a path or a hub id: it is a path where something lies there.
    """
    if not named:
        return ""
    path = folder.absolute() / Path(named).expanduser()
    is_path = path.exists() or named.startswith((".", "~")) or Path(named).is_absolute()
    return str(path) if is_path else named
