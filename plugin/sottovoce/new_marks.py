"""Marks that came from somewhere else, written down: into the working copy, or as a timeline of their own."""

from pathlib import Path

from sottovoce.project import Project
from sottovoce.results_folder import make_results_folder
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
    path = _free_path(folder, project.name)
    write_marked(project, marked, path)
    return path


def write_marked(project: Project, scene: Scene, path: Path) -> None:
    """Writes a timeline that was read with a scene's regions, to a path that is free; it finds its media from there.

    Raises:
        InputError, SetupError: It cannot be written.
    """
    document = marked_timeline(project.loaded, scene, project.reading.registers)
    packed = project.loaded.unpacked is not None or project.source.suffix.lower() == ".otioz"
    readdress(document, project.loaded, absolute_url if packed else url_relative_to(path.parent))
    write_otio(document, path)


def write_timeline(document: Plain, folder: Path, name: str) -> Path:
    """Writes a new timeline to a name that is free.

    Raises:
        InputError, SetupError: It cannot be written.
    """
    path = _free_path(folder, name)
    write_otio(document, path)
    return path


def _free_path(folder: Path, name: str) -> Path:
    make_results_folder(folder)
    file = f"{file_name(name)}.otio"
    return folder.absolute() / numbered(file, free_number(folder, [file]))
