"""Real programs that tests hand files to: skipped with the install line where they are missing, never in CI."""

import importlib.util
import os
import shutil
import subprocess
import sys
from typing import NoReturn

import pytest


def need_program(program: str, install: str, *, path: str | None = None) -> None:
    """Skips the test where `program` is not on the path; in CI it fails, for there everything is installed.

    Args:
        program: Its name.
        install: How to get it: `apt-get install melt`.
        path: Where to look instead, as in PATH.
    """
    if shutil.which(program, path=path) is None:
        lacking(f"{program} is missing: {install}")


def lacking(reason: str) -> NoReturn:
    """Skips the test for something that this machine lacks; in CI it fails."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def need_ges() -> None:
    """Skips the test where GES cannot render an `.otio`; in CI it fails."""
    need_program(
        "ges-launch-1.0",
        "apt-get install ges1.0-tools python3-gi gir1.2-ges-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
        "gstreamer1.0-plugins-bad gstreamer1.0-libav",
        path="/usr/bin:/bin",
    )
    if importlib.util.find_spec("otio_xges_adapter") is None:
        lacking("GES reads .otio through otio-xges-adapter: pip install otio-xges-adapter")
    system = subprocess.run(
        ["/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    if system.stdout.strip() != f"{sys.version_info.major}.{sys.version_info.minor}":
        lacking("GES runs the system's Python: make the environment with the same version of it")
