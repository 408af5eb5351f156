"""Programs that are not ours: run under a time limit, and skipped with the line that installs them; never in CI."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest


def need(program: str, install: str) -> None:
    """Skips the test where a program is missing; in CI it fails instead."""
    if shutil.which(program) is None:
        missing(f"{program} is missing: {install}")


def missing(why: str) -> None:
    """Skips, or fails in CI, where everything is to be there."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def ran(
    command: Sequence[str], folder: Path, *, seconds: float = 60, environment: Mapping[str, str] | None = None
) -> str:
    """What a program said. Neither its exit code nor its words count: look at what it wrote."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False, env=environment
    )
    return done.stdout + done.stderr
