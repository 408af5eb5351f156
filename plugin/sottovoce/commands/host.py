"""`sottovoce host`: list, install and remove the launchers in editors; `result` is what they ask for."""

import argparse
import json

from sottovoce.hosts.installing import editors_found, install, installed_at, remove
from sottovoce.hosts.launchers import LAUNCHERS, launcher_named
from sottovoce.hosts.places import Person
from sottovoce.tables import table
from sottovoce.terminal import ExitCode


def run(arguments: argparse.Namespace) -> ExitCode:
    """Does what was asked.

    Raises:
        InputError: There is no such launcher or folder, or a file is not ours.
        SetupError: The disk is full.
    """
    match arguments.action:
        case "list":
            _list(arguments)
        case "install":
            _install(arguments)
        case "remove":
            _remove(arguments)
        case _:
            from sottovoce.hosts.results import newest_result  # what stores are costs a second

            result = newest_result(arguments.timeline)
            print(json.dumps({"timeline": str(result)}, ensure_ascii=False) if arguments.json else result)
    return ExitCode.DONE


def _list(arguments: argparse.Namespace) -> None:
    person = Person.here()
    found = [
        {
            "name": launcher.name,
            "editor": launcher.editor,
            "found": [str(place.editor) for place in editors_found(launcher, person)],
            "installed": [str(folder) for folder in installed_at(launcher, person)],
        }
        for launcher in LAUNCHERS.values()
    ]
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    rows = [
        (str(row["name"]), "yes" if row["found"] else "no", ", ".join(row["installed"]) or "no", str(row["editor"]))
        for row in found
    ]
    print(table(("name", "editor here", "installed", "for"), rows))


def _install(arguments: argparse.Namespace) -> None:
    launcher = launcher_named(arguments.name)
    installed = install(launcher, Person.here(), arguments.to)
    if arguments.json:
        print(json.dumps({"files": [str(path) for path in installed.files]}, ensure_ascii=False, indent=2))
        return
    print("\n".join([*(f"wrote  {path}" for path in installed.files), "", launcher.start]))


def _remove(arguments: argparse.Namespace) -> None:
    launcher = launcher_named(arguments.name)
    gone = remove(launcher, Person.here(), arguments.to)
    if arguments.json:
        print(json.dumps({"files": [str(path) for path in gone]}, ensure_ascii=False, indent=2))
        return
    print("\n".join(f"removed  {path}" for path in gone) or f"The launcher '{launcher.name}' is not installed.")
