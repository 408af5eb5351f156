"""Finding a timeline's missing media elsewhere. A file counts as the missing one only where nothing speaks against it.

    missing   /footage/day 1/A001.mov    length 12 s, starts at 10:00:00:00    as the timeline says
    found     /backup/x/A001.mov         length 12 s, starts at 10:00:00:00    taken
              /proxies/A001.mov          length  8 s                           not taken

The name, the length to a frame, and the start timecode where the timeline gives one, must agree, and only one file may.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PureWindowsPath
from unicodedata import normalize

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.recorded_at import recorded_at
from sottovoce_engine.progress import Job
from sottovoce_otio.layout import layout_of, media_reference_of
from sottovoce_otio.plain import plain_object
from sottovoce_otio.references import local_path
from sottovoce_otio.timeline import LoadedTimeline
from sottovoce_otio.times import start_and_duration
from sottovoce_ui.desk import FoundMedia

MOST_FILES = 500_000  # that are looked at by name below one folder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """What a timeline says of a whole file."""

    start: Fraction  # seconds of its timecode; 0 also where the timeline knows none
    seconds: Fraction


def find_media(
    loaded: LoadedTimeline, missing: Sequence[Path], folder: Path, job: Job, *, most: int = MOST_FILES
) -> dict[Path, FoundMedia]:
    """Looks below a folder for missing files.

    Args:
        loaded: The timeline that names them.
        missing: As it names them.
        folder: Where to look; links to other folders are not followed.
        job: Reports each file of a right name that was looked into.
        most: Files in the folder after which the search ends.

    Raises:
        InputError: The folder holds more files than that, or is none.
        JobCancelled: Cancelling was asked for.
    """
    extents = _extents(loaded)
    named = _files_named({_name(path) for path in missing}, folder, job, most)
    found = {}
    for done, path in enumerate(missing):
        job.step("comparing media", done, len(missing))
        found[path] = _the_one(named.get(_name(path), []), extents.get(str(path), ()), loaded.scene.rate)
    return found


def compare_media(loaded: LoadedTimeline, missing: Path, file: Path) -> FoundMedia:
    """A file that a person chose for a missing one, with how it differs from what the timeline says.

    Raises:
        InputError: It cannot be played.
    """
    file = file.absolute()
    probe(file)
    return FoundMedia(path=file, told=_difference(file, _extents(loaded).get(str(missing), ()), loaded.scene.rate))


def _the_one(candidates: Sequence[Path], extents: Sequence[_Extent], rate: Fraction) -> FoundMedia:
    if not candidates:
        return FoundMedia(path=None, told="no file of this name is there")
    if not extents:
        return FoundMedia(path=None, told=f"the timeline does not say how long it is; is it {candidates[0]}?")
    differences = {path: _difference(path, extents, rate) for path in candidates}
    same = [path for path, difference in differences.items() if not difference]
    if len(same) == 1:
        return FoundMedia(path=same[0])
    if same:
        return FoundMedia(path=None, told=f"{len(same)} files are alike: {same[0]}, {same[1]}")
    path, difference = next(iter(differences.items()))
    return FoundMedia(path=None, told=f"{path}: {difference}")


def _difference(file: Path, extents: Iterable[_Extent], rate: Fraction) -> str:
    """How a file differs from what the timeline says of it; "" where it does not, by more than a frame."""
    try:
        length, start = probe(file).seconds, recorded_at(file, rate)
    except InputError as error:
        return str(error)
    for extent in extents:
        if abs(length - extent.seconds) > 1 / rate:
            return f"it is {float(length):.2f} s long, the timeline says {float(extent.seconds):.2f} s"
        if extent.start and start is None:
            return f"it has no timecode, the timeline says that it starts at {float(extent.start):.2f} s"
        if extent.start and start is not None and abs(start - extent.start) > 1 / rate:
            return f"its timecode starts at {float(start):.2f} s, the timeline says {float(extent.start):.2f} s"
    return ""


def _extents(loaded: LoadedTimeline) -> Mapping[str, tuple[_Extent, ...]]:
    """What the timeline says of each file that it names, by path; clips may say different things."""
    found: dict[str, dict[_Extent, None]] = {}
    for placed in layout_of(plain_object(loaded.timeline)).everything():
        reference = media_reference_of(placed.item)
        there = None if reference is None else reference.get("available_range")
        path = None if reference is None else local_path(reference.get("target_url") or "", loaded.media_root)
        if path is not None and there is not None:
            start, seconds = start_and_duration(there, str(placed))
            found.setdefault(str(path), {})[_Extent(start=start, seconds=seconds)] = None
    return {path: tuple(extents) for path, extents in found.items()}


def _files_named(names: set[str], folder: Path, job: Job, most: int) -> dict[str, list[Path]]:
    """The files below a folder that have one of the names, sorted by path."""
    found: dict[str, list[Path]] = {}
    seen = 0
    if not folder.is_dir():
        raise InputError(f"'{folder}' is no folder that can be searched. Choose the one that the media lie in.")
    for root, folders, files in os.walk(folder):
        job.step("searching", seen, 0)
        folders.sort()
        seen += len(files)
        if seen > most:
            raise InputError(f"'{folder}' holds more than {most} files. Choose a folder nearer to the media.")
        for file in sorted(files):
            if normalize("NFC", file) in names:
                found.setdefault(normalize("NFC", file), []).append(Path(root, file).absolute())
    return found


def _name(path: Path) -> str:
    """The name of a file, also of one that another system's path names."""
    return normalize("NFC", PureWindowsPath(path).name)
