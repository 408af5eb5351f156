"""`sottovoce demo`: the example scene, rendered."""

import argparse

from sottovoce.commands.render import render_and_print
from sottovoce.deciding import Asked
from sottovoce.examples import write_example
from sottovoce.project import read_project
from sottovoce.reading import default_reading, judge_from, plan_settings_from, splice_settings_from
from sottovoce.terminal import ExitCode


def run(arguments: argparse.Namespace) -> ExitCode:
    """Writes the example into the folder, where it is not there yet, and renders it."""
    timeline = write_example(arguments.example, arguments.output)
    reading = default_reading()
    asked = Asked(
        folder=arguments.output / "scene",
        splice=splice_settings_from(reading.settings),
        judge=judge_from(reading.settings),
        strict=reading.settings.strict,
    )
    return render_and_print(
        read_project(timeline, reading), plan_settings_from(reading.settings), asked, arguments.json
    )
