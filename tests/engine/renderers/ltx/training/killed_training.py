"""Trains in a process of its own, which kills itself in the middle of writing its second checkpoint.

python killed_training.py DATASET.json MODEL CACHE FOLDER
"""

import os
import signal
import sys
from pathlib import Path

import torch
from tests.engine.renderers.ltx.training.clips import SHORT, events, settings_for

from sottovoce_engine.codec import from_json
from sottovoce_engine.media.durable import watch_write_points
from sottovoce_engine.training.values import Dataset

_written: list[str] = []


def _kill(point: str) -> None:
    if point == "checkpoint synced":
        _written.append(point)
        if len(_written) == 2:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    torch.set_num_threads(1)
    watch_write_points(_kill)
    data, model, cache, folder = map(Path, sys.argv[1:])
    found = from_json(data.read_bytes(), Dataset, format_version=1, source=str(data))
    events(found, folder, settings_for(model, cache), SHORT)
