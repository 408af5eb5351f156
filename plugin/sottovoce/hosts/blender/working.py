"""Runs Sottovoce beside Blender: the panel or a render on a timeline file, and where its result lies."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .cut import CutError

PYTHON = "@PYTHON@"  # filled in when the add-on is installed
# Of the host's own Python and libraries, which are not Sottovoce's.
_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


@dataclass(slots=True, kw_only=True)
class Work:
    """A command of Sottovoce that runs."""

    timeline: Path
    process: "subprocess.Popen[bytes]"
    said: IO[bytes]  # all it prints

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def last_words(self) -> str:
        """What it said last: the reason, where it failed."""
        self.said.seek(0)
        return self.said.read().decode("utf-8", "replace").strip()[-600:]


def started(timeline: Path, *arguments: str) -> Work:
    """Starts a command of Sottovoce on a timeline.

    Raises:
        CutError: It cannot be started.
    """
    said = tempfile.TemporaryFile()  # noqa: SIM115  # open for as long as the command runs
    try:
        process = subprocess.Popen(
            _command(*arguments), stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=_environment()
        )
    except OSError as error:
        said.close()
        raise CutError(_not_started(error)) from error
    return Work(timeline=timeline, process=process, said=said)


def result_of(timeline: Path) -> Path:
    """The newest timeline that Sottovoce made from this one as it is now.

    Raises:
        CutError: There is none; in Sottovoce's own words.
    """
    try:
        done = subprocess.run(
            _command("host", "result", str(timeline)),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=_environment(),
            check=False,
        )
    except OSError as error:
        raise CutError(_not_started(error)) from error
    if done.returncode:
        raise CutError(done.stderr.strip())
    return Path(done.stdout.strip())


def _command(*arguments: str) -> list[str]:
    return [PYTHON, "-m", "sottovoce", *arguments]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN} | {"PYTHONUTF8": "1"}


def _not_started(error: OSError) -> str:
    return f"Sottovoce does not start: {error}. Install the add-on again: sottovoce host install blender"
