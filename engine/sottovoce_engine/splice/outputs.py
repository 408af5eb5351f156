"""The files of a splice: written to a folder beside the results, moved into place when all are whole."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sottovoce_engine.media.container import write_error
from sottovoce_engine.names import distinct_names, file_name
from sottovoce_engine.splice.values import SpliceTarget

_STAGING = ".splicing-"
_LEFT_OVER_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where everything goes, and the folder where it is written until it is whole."""

    staged: Path
    movie: Path
    mp4: Path | None
    stems: tuple[Path, ...]  # of voices
    tone: Path

    def aside(self, path: Path) -> Path:
        """Where `path` is written until it is whole."""
        return self.staged / path.name

    def move_into_place(self) -> None:
        """Moves every file to where it belongs, or, where one cannot be moved, none.

        Raises:
            InputError, SetupError: One cannot be moved.
        """
        placed: list[Path] = []
        folder = self.tone.parent
        try:
            folder.mkdir(exist_ok=True)
            for path in (*self.stems, self.tone, *([self.mp4] if self.mp4 else []), self.movie):
                self.aside(path).replace(path)
                placed.append(path)
        except OSError as error:
            for path in placed:
                path.unlink(missing_ok=True)
            with suppress(OSError):  # other stems are in it
                folder.rmdir()
            raise write_error(folder, error) from error


@contextmanager
def staged_outputs(target: SpliceTarget, voices: Sequence[str]) -> Iterator[Outputs]:
    """The files of a splice, whose staging folder is gone afterwards, whatever happens.

    Raises:
        InputError, SetupError: The folder cannot be made or written to.
    """
    made_folder = not target.folder.exists()
    try:
        target.folder.mkdir(parents=True, exist_ok=True)
        _remove_left_overs(target.folder)
        staged = Path(tempfile.mkdtemp(prefix=_STAGING, dir=target.folder))
    except OSError as error:
        raise write_error(target.folder, error) from error
    stems = target.folder / "stems"
    *names, tone = distinct_names([f"{target.name} {file_name(name)}.wav" for name in (*voices, "room tone")])
    try:
        yield Outputs(
            staged=staged,
            movie=target.folder / f"{target.name}.mov",
            mp4=target.folder / f"{target.name}.mp4" if target.mp4 else None,
            stems=tuple(stems / name for name in names),
            tone=stems / tone,
        )
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        if made_folder:
            with suppress(OSError):  # the results are in it
                target.folder.rmdir()


def _remove_left_overs(folder: Path) -> None:
    """Removes what a process that was killed left behind a day or more ago."""
    for left in folder.glob(f"{_STAGING}*"):
        if time.time() - left.stat().st_mtime > _LEFT_OVER_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
