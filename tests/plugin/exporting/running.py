"""Programs that are not ours, run under a time limit."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def ran(
    command: Sequence[str], folder: Path, *, seconds: float = 60, environment: Mapping[str, str] | None = None
) -> str:
    """What a program said. Neither its exit code nor its words count: look at what it wrote."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False, env=environment
    )
    return done.stdout + done.stderr
