"""Reading `.safetensors` files: a header in JSON and plain numbers, so that nothing in them is ever run.

    |8 bytes: header length|header: name -> dtype, shape, byte range|numbers|

Source: the format section of the safetensors documentation.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError

_LONGEST_HEADER = 100_000_000  # bytes; the format's own limit
_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
_ALL_BYTES = _BYTES | {"I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1}
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorEntry:
    """Where a tensor lies in its file."""

    dtype: str  # as the format names it: "BF16"
    shape: tuple[int, ...]
    start: int  # byte of the file
    end: int

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorFile:
    """What a file holds, without its numbers."""

    path: Path
    entries: Mapping[str, TensorEntry]
    metadata: Mapping[str, str]

    def values(self, name: str) -> NDArray[np.float32]:
        """One tensor as float32 of its own shape.

        Raises:
            InputError: It is stored in a form that weights are not read from, or cannot be read.
        """
        entry = self.entries[name]
        if entry.dtype not in _BYTES:
            raise InputError(
                f"'{self.path}' stores '{name}' as {entry.dtype}. Save the weights as BF16, F16 or F32 and try again."
            )
        try:
            with self.path.open("rb") as file:
                file.seek(entry.start)
                data = file.read(entry.end - entry.start)
        except OSError as error:
            raise InputError(f"'{self.path}' cannot be read: {error}. Check the file and the disk.") from error
        if len(data) != entry.end - entry.start:
            raise InputError(f"'{self.path}' was cut short while it was read. Download it again.")
        return _float32(data, entry.dtype).reshape(entry.shape)


def tensor_file(path: Path) -> TensorFile:
    """The header of a `.safetensors` file, checked against the file's length.

    Raises:
        InputError: The file is missing, is something else, was cut short, or is damaged.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            _refuse_pickles(path, start)
            length = int.from_bytes(start, "little")
            if len(start) < 8 or not 2 <= length <= _LONGEST_HEADER:
                raise InputError(f"'{path}' is no .safetensors file. Give the file that the model's page offers.")
            if 8 + length > size:
                raise InputError(f"'{path}' ends inside its header: it was cut short. Download it again.")
            header = file.read(length)
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror}. Check the path.") from error
    entries, metadata = _parsed(path, header, 8 + length)
    _check_length(path, entries, 8 + length, size)
    return TensorFile(path=path, entries=MappingProxyType(entries), metadata=MappingProxyType(metadata))


def _refuse_pickles(path: Path, start: bytes) -> None:
    if start.startswith(_PICKLES):
        raise InputError(
            f"'{path}' is a pickle, whatever its name says: opening one can run any program. Get the .safetensors "
            "version of this file."
        )


def _parsed(path: Path, header: bytes, offset: int) -> tuple[dict[str, TensorEntry], dict[str, str]]:
    try:
        given: dict[str, Any] = json.loads(header)
        metadata = given.pop("__metadata__", {})
        entries = {name: _entry(described, offset) for name, described in given.items()}
        if not all(isinstance(value, str) for value in metadata.values()):
            raise TypeError("metadata must be text")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"'{path}' has a damaged header ({type(error).__name__}). Download it again.") from error
    return entries, metadata


def _entry(described: dict[str, Any], offset: int) -> TensorEntry:
    start, end = described["data_offsets"]
    shape = tuple(described["shape"])
    if not all(type(number) is int and number >= 0 for number in (start, end, *shape)):
        raise ValueError("sizes are whole numbers")
    width = _ALL_BYTES.get(described["dtype"])
    if width is not None and end - start != width * math.prod(shape):
        raise ValueError("a tensor's bytes do not fit its shape")
    return TensorEntry(dtype=described["dtype"], shape=shape, start=offset + start, end=offset + end)


def _check_length(path: Path, entries: Mapping[str, TensorEntry], offset: int, size: int) -> None:
    """Tensors lie end to end and fill the file, so that a damaged table is found before it is used."""
    reached = offset
    for entry in sorted(entries.values(), key=lambda entry: (entry.start, entry.end)):
        if entry.start != reached:
            raise InputError(f"'{path}' has a damaged header: its tensors overlap or leave gaps. Download it again.")
        reached = entry.end
    if reached > size:
        raise InputError(
            f"'{path}' is {size:,} bytes long and should be {reached:,}: it was cut short. Download it again."
        )
    if reached < size:
        raise InputError(f"'{path}' has {size - reached:,} bytes that belong to no tensor. Download it again.")


def _float32(data: bytes, dtype: str) -> NDArray[np.float32]:
    if dtype == "BF16":  # the upper half of a float32
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    return np.frombuffer(data, {"F64": "<f8", "F32": "<f4", "F16": "<f2"}[dtype]).astype(np.float32)
