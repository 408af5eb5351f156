"""`sottovoce plan`: what a render would do, and about how long it would take."""

import argparse
import json

from sottovoce.anchors import with_anchors
from sottovoce.planning import plan_as_plain, plan_as_text
from sottovoce.project import Bundled, read_project
from sottovoce.reading import plan_settings_of, reading_of
from sottovoce.terminal import ExitCode


def run(arguments: argparse.Namespace) -> ExitCode:
    """Prints the plan as a table or as JSON; renders and writes nothing."""
    project = with_anchors(read_project(arguments.timeline, reading_of(arguments), Bundled.FOR_NOW), arguments.anchor)
    plan = project.plan(plan_settings_of(arguments, project.reading.settings), project.takes())
    if arguments.json:
        print(json.dumps(plan_as_plain(plan, project.judged()), ensure_ascii=False, indent=2))
    else:
        print("\n".join([project.headline(), "", plan_as_text(plan, project.judged()), *project.remarks()]))
    return ExitCode.DONE
