"""The composition root of the panel: settings, logging, renderer, window."""

import sys
from collections.abc import Sequence
from pathlib import Path

from sottovoce.deciding import Asked
from sottovoce.project import Bundled, read_project
from sottovoce.reading import Reading, judge_from, plan_settings_from, splice_settings_from
from sottovoce.rendering import render_scene
from sottovoce_engine.errors import SetupError
from sottovoce_engine.plan import Plan
from sottovoce_engine.progress import Job
from sottovoce_ui.desk import Finished


class SceneDesk:
    """The application as the panel sees it (`sottovoce_ui.desk.Desk`)."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def plan(self, timeline: Path) -> Plan:
        """Reads a timeline and says what a render would do."""
        project = read_project(timeline, self._reading, Bundled.FOR_NOW)
        return project.plan(plan_settings_from(self._reading.settings), project.takes())

    def render(self, timeline: Path, folder: Path, job: Job) -> Finished:
        """Renders what is missing and splices the scene into `folder`."""
        settings = self._reading.settings
        asked = Asked(
            folder=folder,
            splice=splice_settings_from(settings),
            judge=judge_from(settings),
            strict=settings.strict,
        )
        scene = render_scene(read_project(timeline, self._reading), plan_settings_from(settings), asked, job)
        return Finished(
            movie=scene.spliced.movie,
            timeline=scene.files.timeline,
            report=scene.files.report,
            failures=tuple(f"{failure.job.region.line}: {failure.reason}" for failure in scene.failures),
            plan=self.plan(timeline),
        )


def open_panel(reading: Reading, timeline: Path | None, arguments: Sequence[str] = ()) -> int:
    """Shows the window until it is closed; the exit code is Qt's.

    Raises:
        SetupError: Qt cannot be loaded on this machine.
    """
    try:
        from PySide6.QtWidgets import QApplication

        from sottovoce_ui.panel import Panel
    except ImportError as error:
        raise SetupError(
            f"The panel needs Qt, which cannot be loaded: {error}. On Debian or Ubuntu: apt install libegl1 libgl1 "
            "libxkbcommon0 libfontconfig1. The commands work without it: sottovoce --help."
        ) from error
    application = QApplication.instance() or QApplication([sys.argv[0], *arguments])
    application.setApplicationName("Sottovoce")
    panel = Panel(SceneDesk(reading), reading.registers)
    panel.show()
    if timeline is not None:
        panel.open_timeline(timeline)
    return application.exec()
