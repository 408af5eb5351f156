"""Hashes of files by content. One of a large file is kept on disk, so that no plan reads 46 GB a second time."""

import hashlib
import json
import logging
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_LOG = logging.getLogger(__name__)
_FORMAT = 1
_LARGE = 100_000_000  # bytes, a tenth of a second to read: smaller ones are not worth a place on disk
_MOST = 200  # hashes kept


@dataclass(slots=True, kw_only=True)
class ContentHashes:
    """Known hashes: a file of the same path, size and time is not read again."""

    file: Path | None  # where those of large files are kept; None keeps none
    large: int = _LARGE
    _known: dict[str, str] = field(default_factory=dict)  # "path|size|time" -> hash

    def of(self, path: Path) -> str:
        """The hash of a file's content.

        In the hub's cache a file is a link to one that is named by its content, and is not read at all.

        Raises:
            OSError: It cannot be read.
        """
        real = path.resolve(strict=True)
        if real.parent.name == "blobs":
            return real.name[:16]
        state = real.stat()
        key = f"{real}|{state.st_size}|{state.st_mtime_ns}"
        if key not in self._known and state.st_size >= self.large:
            self._known = self._kept() | self._known
        if key not in self._known:
            self._known[key] = _read_hash(real, state.st_size >= self.large)
            if state.st_size >= self.large:
                self._keep(key)
        return self._known[key]

    def _kept(self) -> dict[str, str]:
        """What the file on disk holds; nothing where it is missing or damaged, as it can be made again."""
        try:
            given = json.loads(self.file.read_bytes()) if self.file is not None else {}
            kept = given["hashes"] if given.get("format") == _FORMAT else {}
            return {str(key): str(value) for key, value in kept.items()}
        except (OSError, ValueError, AttributeError, KeyError):
            return {}

    def _keep(self, key: str) -> None:
        """Adds one hash to the file on disk. A folder that cannot be written to costs time, never the work."""
        if self.file is None:
            return
        kept = self._kept()
        kept.pop(key, None)
        newest = [*kept.items(), (key, self._known[key])][-_MOST:]
        text = json.dumps({"format": _FORMAT, "hashes": dict(newest)}, indent=1)
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self.file.parent, delete=False, encoding="utf-8") as aside:
                aside.write(text)
            os.replace(aside.name, self.file)  # noqa: PTH105  whole or not at all, beside other processes


def _read_hash(path: Path, is_large: bool) -> str:
    if is_large:
        _LOG.info("Reading %s once, to tell it from others", path.name)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
