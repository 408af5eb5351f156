"""`sottovoce` and `sottovoce TIMELINE`: the panel."""

import argparse
import os
import sys

from sottovoce.app import open_panel
from sottovoce.reading import reading_of
from sottovoce.terminal import ExitCode
from sottovoce_engine.errors import SetupError


def run(arguments: argparse.Namespace) -> ExitCode:
    """Shows the window until it is closed.

    Raises:
        SetupError: There is no screen to show it on; Qt would end the program without a word.
    """
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in screens):
        raise SetupError(
            "There is no screen for the panel: neither DISPLAY nor WAYLAND_DISPLAY is set. Use the commands instead "
            "(sottovoce --help), or start it from a desktop session."
        )
    return ExitCode.DONE if open_panel(reading_of(arguments), arguments.timeline) == 0 else ExitCode.SETUP
