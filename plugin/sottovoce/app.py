"""The composition root of the panel: settings, logging, renderer, window."""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sottovoce.folders import settings_folder
from sottovoce.reading import Reading
from sottovoce_engine.errors import SetupError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from sottovoce_ui.panel import Panel


# How long another thread may go on while the window waits for Python's lock. A paint lets go of it many times, and at
# Python's own 5 ms would wait as often.
_SWITCHED_AFTER_S = 0.0001


def open_panel(reading: Reading, timeline: Path | None, arguments: Sequence[str] = ()) -> int:
    """Shows the window until it is closed; the exit code is Qt's.

    Raises:
        SetupError: Qt cannot be loaded on this machine.
    """
    application, panel = shown_panel(reading, arguments)
    if timeline is not None:
        panel.open_timeline(timeline)
    return application.exec()


def shown_panel(reading: Reading, arguments: Sequence[str] = ()) -> "tuple[QApplication, Panel]":
    """The window, on the screen, with nothing open.

    Raises:
        SetupError: Qt cannot be loaded on this machine.
    """
    sys.setswitchinterval(_SWITCHED_AFTER_S)
    with _nothing_collected():
        try:
            from PySide6.QtCore import QLocale, QSettings
            from PySide6.QtWidgets import QApplication

            from sottovoce.scene_desk import SceneDesk
            from sottovoce_ui.garbage import Garbage
            from sottovoce_ui.panel import Panel
            from sottovoce_ui.theme import follow_system
            from sottovoce_ui.translating import translate
        except ImportError as error:
            raise SetupError(
                f"The panel needs Qt, which cannot be loaded: {error}. On Debian or Ubuntu: apt install libegl1 libgl1 "
                "libxkbcommon0 libfontconfig1 libpulse0 libxrandr2. The commands work without it: sottovoce --help."
            ) from error
        application = QApplication([sys.argv[0], *arguments])
        application.setApplicationName("Sottovoce")
        Garbage(application)
        translate(application, QLocale.system())
        follow_system(application)
        settings = QSettings(str(settings_folder() / "panel.ini"), QSettings.Format.IniFormat)
        panel = Panel(SceneDesk(reading), reading.registers, settings)
        panel.show()
        application.processEvents()
        return application, panel


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """What is loaded for the window stays for good: looking through it for garbage, now or later, would hold it up."""
    gc.disable()  # for good, if all goes well: see `garbage.py`
    try:
        yield
    except BaseException:
        gc.enable()
        raise
    gc.freeze()
