"""`sottovoce clean`: takes that no timeline uses go to a dated trash, after asking."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from sottovoce.exports import media_in_use
from sottovoce.project import Bundled, Project, read_project
from sottovoce.reading import reading_of
from sottovoce.terminal import ExitCode
from sottovoce_engine.errors import InputError
from sottovoce_engine.store import Store
from sottovoce_engine.take import Take


def run(arguments: argparse.Namespace) -> ExitCode:
    """Lists the unused takes, asks, and moves them.

    Raises:
        InputError: Nobody is there to answer, and --yes was not given.
    """
    project = read_project(arguments.timeline, reading_of(arguments), Bundled.PACKED, bring=False)
    if not project.store_root.exists():
        return _say(arguments, (), None, f"'{project.store_root}' does not exist: there is nothing to clean.")
    with Store.opened(project.store_root) as store:
        unused = _unused(project, store)
        if not unused:
            return _say(arguments, (), None, "Every take is in use: there is nothing to clean.")
        files = {store.media.path(name) for take in unused for name in take.files}
        size = sum(file.stat().st_size for file in files if file.exists())
        if not (arguments.yes or _agreed(len(unused), size)):
            return _say(arguments, (), None, "Nothing was moved.")
        trash = store.move_to_trash(unused, datetime.now())
    return _say(
        arguments, unused, trash, f"Moved {len(unused)} takes ({size / 1e6:.0f} MB) to '{trash}'. Delete it when sure."
    )


def _unused(project: Project, store: Store) -> tuple[Take, ...]:
    """Takes neither chosen, starred, rated, noted nor a voice's anchor in the working copy, nor in a timeline handed out.

    A shot stays as long as a take does whose sound was made for it.
    """
    takes = store.takes().values()
    used_media = media_in_use(project.store_root, {take.media for take in takes})
    keep = project.kept | {take.key for take in takes if take.media in used_media}
    keep |= {anchor.take for anchor in project.scene.anchors}
    keep |= {take.job.on_shot.shot for take in takes if take.key in keep and take.job.on_shot is not None}
    return store.unused(keep)


def _agreed(count: int, size: int) -> bool:
    if not sys.stdin.isatty():
        raise InputError(
            f"{count} takes ({size / 1e6:.0f} MB) are not in use, and nobody is at the terminal to say whether to move "
            "them to the trash. Add --yes to do it."
        )
    answer = input(f"{count} takes ({size / 1e6:.0f} MB) are used by no timeline. Move them to the trash? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _say(arguments: argparse.Namespace, moved: tuple[Take, ...], trash: Path | None, message: str) -> ExitCode:
    if arguments.json:
        print(json.dumps({"moved": [take.key for take in moved], "trash": str(trash) if trash else None}, indent=2))
    else:
        print(message)
    return ExitCode.DONE
