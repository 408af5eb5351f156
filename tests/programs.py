"""Real programs that tests hand files to: skipped with the install line where they are missing, never in CI."""

import os
import shutil
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
