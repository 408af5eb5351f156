"""A folder of media files, each named by the hash of its content."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.durable import moved_into_place, staged_path, swept

_NAME = re.compile(r"^[0-9a-f]{64}\.[a-z0-9]{1,16}$")


class MediaFolder:
    """Media by content. Worker and store use it on one root at the same time."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def path(self, name: str) -> Path:
        """Where the file of that name lies, or would lie.

        Raises:
            ValueError: The name was not given by `adopt`.
        """
        if not _NAME.match(name):
            raise ValueError(f"'{name}' is no name of this media folder")
        return self.root / name

    def has(self, name: str) -> bool:
        return self.path(name).is_file()

    def names(self) -> tuple[str, ...]:
        """All adopted files, sorted."""
        if not self.root.is_dir():
            return ()
        return tuple(sorted(entry.name for entry in self.root.iterdir() if _NAME.match(entry.name)))

    @contextmanager
    def staged(self, suffix: str) -> Iterator[Path]:
        """A path inside the folder to write a new file to; what is not adopted is removed at the end.

        Raises:
            InputError, SetupError: The folder cannot be made.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(self.root, error) from error
        path = staged_path(self.root, suffix)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def adopt(self, staged: Path) -> str:
        """Gives a finished file its name and its place, and returns the name.

        Raises:
            InputError, SetupError: The disk does not take it.
        """
        try:
            with staged.open("rb") as file:
                name = f"{hashlib.file_digest(file, 'sha256').hexdigest()}{staged.suffix.lower()}"
            moved_into_place(staged, self.path(name), "media")
        except OSError as error:
            raise write_error(staged, error) from error
        return name

    def sweep(self) -> tuple[Path, ...]:
        """Removes what processes that ended early left staged, and returns what it removed."""
        return swept(self.root)
