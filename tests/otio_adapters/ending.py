"""Ends this process at a named write point, without any clean-up, as a kill does.

python ending.py otio|copy FOLDER POINT
"""

import os
import sys
from pathlib import Path

import opentimelineio as otio

from sottovoce_engine.choices import Choice
from sottovoce_engine.media.durable import watch_write_points
from sottovoce_engine.registers import register_table
from sottovoce_otio.timeline import read_timeline
from sottovoce_otio.working_copy import write_working_copy
from sottovoce_otio.writing import write_otio

ENDED = 9


def main() -> None:
    """Writes what is asked for beside FOLDER/night.otio; never returns when the point is reached."""
    what, folder, point = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    watch_write_points(lambda reached: os._exit(ENDED) if reached == point else None)
    if what == "otio":
        write_otio(otio.adapters.read_from_file(str(folder / "night.otio")), folder / "out.otio")
    else:
        loaded = read_timeline(folder / "night.otio", register_table())
        choices = tuple(Choice(region_id=region.id, take_key="a" * 32) for region in loaded.scene.regions)
        write_working_copy(loaded, register_table(), choices)


if __name__ == "__main__":
    main()
