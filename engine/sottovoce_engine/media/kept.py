"""What is measured on a file and kept as long as the file stays as it is."""

import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError

Array = NDArray[np.int8]


def kept_array(path: Path, folder: Path, told: str, dimensions: int, measure: Callable[[], Array]) -> Array:
    """An array measured on a file, from `folder` where it is kept there, else measured and kept.

    Args:
        path: The file.
        folder: Of the records; a damaged or missing one is made again.
        told: What is measured, with all that it depends on besides the file.
        dimensions: Of the array; a record of others is damaged.
        measure: Measures it.

    Raises:
        InputError: The file cannot be read, or as `measure`.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror}. Put the file back, or relink it.") from error
    told = f"{told} {path.absolute()} {state.st_mtime_ns} {state.st_size}"
    record = folder / f"{sha256(told.encode()).hexdigest()[:32]}.npy"
    try:
        found = np.load(record)
    except (OSError, ValueError, EOFError):
        found = None
    if found is not None and found.dtype == np.int8 and found.ndim == dimensions:
        return np.asarray(found)
    measured = measure()
    _keep(record, measured)
    return measured


def _keep(record: Path, measured: Array) -> None:
    """Writes the record whole or not at all; a disk that takes no more keeps nobody from working."""
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        handle, staged = tempfile.mkstemp(dir=record.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            np.save(file, measured)
        Path(staged).replace(record)
    except OSError:
        return
