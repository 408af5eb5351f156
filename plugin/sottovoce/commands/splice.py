"""`sottovoce splice`: splice the chosen takes, rendering nothing."""

import argparse

from sottovoce.commands.render import asked_of, splice_and_print
from sottovoce.project import read_project
from sottovoce.reading import plan_settings_from, reading_of
from sottovoce.terminal import ExitCode


def run(arguments: argparse.Namespace) -> ExitCode:
    """Splices and prints where the results lie."""
    project = read_project(arguments.timeline, reading_of(arguments))
    settings = plan_settings_from(project.reading.settings)
    return splice_and_print(project, settings, asked_of(arguments, project), arguments.json)
