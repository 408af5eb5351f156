"""The footage example, its media moved away from where the timeline says."""

import shutil
from pathlib import Path

from sottovoce.examples import write_example
from sottovoce.examples.footage import MEDIA_FOLDER

FILES = ("street.mov", "kitchen.mp4", "hall.mov", "music.wav")


def write_moved_footage(folder: Path, media: Path) -> Path:
    """The timeline in `folder`, its files in `media`, each in a folder of its own."""
    timeline = write_example("footage", folder)
    for name in FILES:
        there = media / "day 1" / name / name
        there.parent.mkdir(parents=True)
        shutil.move(folder / MEDIA_FOLDER / name, there)
    return timeline


def missing_in(timeline: Path) -> list[Path]:
    """The files as the timeline names them."""
    return [timeline.parent / MEDIA_FOLDER / name for name in FILES]
