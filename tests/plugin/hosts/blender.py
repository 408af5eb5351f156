"""Starting the real Blender with the add-on installed."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.programs import need_program

from sottovoce.cli import run
from sottovoce.terminal import ExitCode

_SESSION = Path(__file__).with_name("blender_session.py")


def install_add_on(folder: Path) -> Path:
    """The folder of scripts that holds the add-on as `sottovoce host install` puts it there."""
    need_program("blender", "apt-get install blender")
    (folder / "addons").mkdir(parents=True)
    assert run(["host", "install", "blender", "--to", str(folder / "addons")]) is ExitCode.DONE
    return folder


def blender_session(scripts: Path, *arguments: str | Path) -> str:
    """What a session in Blender printed.

    Blender ends with 0 after an error in a script, so that only the session's own last word counts.
    """
    done = subprocess.run(
        ["blender", "--background", "--factory-startup", "--python", str(_SESSION), "--", *map(str, arguments)],
        env=os.environ | {"BLENDER_USER_SCRIPTS": str(scripts)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "SESSION DONE" not in done.stdout:
        pytest.fail(f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}", pytrace=False)
    return done.stdout
