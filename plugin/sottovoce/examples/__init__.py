"""The example timelines, written into a folder together with the media they need.

    night      two voices in a kitchen at night, in all seven registers, over no picture
    footage    three lines over footage with sound and music, made here

To change an example, change the table at the top of its module.
"""

from pathlib import Path

from sottovoce.examples import footage, night
from sottovoce_engine.errors import InputError, nearest
from sottovoce_otio.writing import write_otio

EXAMPLES = ("night", "footage")


def write_example(name: str, folder: Path) -> Path:
    """The timeline of an example in `folder`, written there with its media where it is not there yet.

    Raises:
        InputError: No example has that name, or the folder cannot be written to.
        SetupError: The disk is full.
    """
    if name not in EXAMPLES:
        raise InputError(f"'{name}' is no example. {nearest(name, EXAMPLES)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder '{folder}' cannot be made: {error.strerror}. Choose another one.") from error
    if name == "footage":
        footage.write_media(folder)
    path = folder / f"{name}.otio"
    if not path.exists():
        write_otio(night.timeline() if name == "night" else footage.timeline(), path)
    return path
