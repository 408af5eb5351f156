"""The footage example, its media moved away from where the timeline says."""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sottovoce.examples import write_example
from sottovoce.examples.footage import MEDIA_FOLDER

FILES = ("street.mov", "kitchen.mp4", "hall.mov", "music.wav")


def write_moved_footage(folder: Path, media: Path) -> Path:
    """The timeline in `folder`, its files in `media`, each in a folder of its own."""
    shutil.copytree(_example().name, folder, dirs_exist_ok=True)
    for name in FILES:
        there = media / "day 1" / name / name
        there.parent.mkdir(parents=True)
        shutil.move(folder / MEDIA_FOLDER / name, there)
    return folder / "footage.otio"


def missing_in(timeline: Path) -> list[Path]:
    """The files as the timeline names them."""
    return [timeline.parent / MEDIA_FOLDER / name for name in FILES]


@cache
def _example() -> "TemporaryDirectory[str]":
    """The example, written once in this process."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    write_example("footage", Path(folder.name))
    return folder
