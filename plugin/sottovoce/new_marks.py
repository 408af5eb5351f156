"""Marks that came from somewhere else, written down: into the working copy, or as a timeline of their own."""

from pathlib import Path

from sottovoce.project import Project
from sottovoce_engine.errors import InputError
from sottovoce_engine.names import file_name, free_number, numbered
from sottovoce_engine.scene import Scene
from sottovoce_otio.links import absolute_url, url_relative_to
from sottovoce_otio.plain import Plain
from sottovoce_otio.scene_timeline import marked_timeline, readdress
from sottovoce_otio.working_copy import kept_copy, working_copy_path
from sottovoce_otio.writing import write_otio


def write_marks(project: Project, scene: Scene, folder: Path | None) -> Path:
    """Writes a scene's regions for a timeline that was read; its own file is never touched.

    Args:
        project: The timeline.
        scene: Its scene with the new marks.
        folder: Where a new timeline goes. None: the working copy gets the marks, and an earlier one of it
            is kept in the store's folder.

    Returns:
        The file written.

    Raises:
        InputError, SetupError: It cannot be written.
    """
    marked = scene.with_regions((*scene.regions, *project.loaded.unfinished))
    if folder is None:
        path = working_copy_path(project.source)
        if path.exists():
            kept_copy(path, project.store_root / "earlier")
        project.save(project.choices, marked)
        return path
    document = marked_timeline(project.loaded, marked, project.reading.registers)
    path = _free_path(folder, project.name)
    packed = project.source.suffix.lower() == ".otioz"
    readdress(document, project.loaded, absolute_url if packed else url_relative_to(path.parent))
    write_otio(document, path)
    return path


def write_timeline(document: Plain, folder: Path, name: str) -> Path:
    """Writes a new timeline to a name that is free.

    Raises:
        InputError, SetupError: It cannot be written.
    """
    path = _free_path(folder, name)
    write_otio(document, path)
    return path


def _free_path(folder: Path, name: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder '{folder}' cannot be made: {error.strerror}. Name another with -o.") from error
    file = f"{file_name(name)}.otio"
    return folder.absolute() / numbered(file, free_number(folder, [file]))
