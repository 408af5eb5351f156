"""The command line: what can be asked, and how a question that failed is answered.

Each command lives in its own module of `commands`, imported only when it is asked for.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Protocol

from sottovoce.options import (
    comparing,
    conforming,
    exporting,
    holding,
    hosts,
    importing,
    judging,
    machine,
    rendering,
    splicing,
    takes,
    timeline,
    training,
)
from sottovoce.terminal import ExitCode, print_error
from sottovoce_engine.errors import InputError, RenderError, SetupError
from sottovoce_engine.progress import JobCancelled
from sottovoce_otio.suffixes import SUFFIXES

Options = Callable[[argparse.ArgumentParser], None]

_EPILOG = """\
`sottovoce` alone, or with a timeline, opens the panel.

exit codes: 0 done, 1 a bug, 2 the input cannot be used, 3 something is missing on this machine,
4 rendered or checked, but a region failed or its take fails, or a file does not pass, 130 cancelled"""


class Command(Protocol):
    """A module of `commands`."""

    def run(self, arguments: argparse.Namespace) -> ExitCode:
        """Does what was asked.

        Raises:
            SottovoceError: It cannot be done; the message says what to do.
            JobCancelled: The person stopped it.
        """
        ...


def run(argv: Sequence[str]) -> ExitCode:
    """Parses and runs one command line; every outcome is an exit code, every error one paragraph."""
    arguments = parser().parse_args(_with_panel(list(argv)))
    from sottovoce.logs import start_logging

    try:
        start_logging(debug=arguments.debug)
        command: Command = import_module(f"sottovoce.commands.{_MODULES.get(arguments.command, arguments.command)}")
        with _ltx_settings_named(arguments):
            return command.run(arguments)
    except (JobCancelled, KeyboardInterrupt):
        print_error("Cancelled. Takes finished so far are kept; the same command goes on from there.")
        return ExitCode.CANCELLED
    except BrokenPipeError:  # whoever read our output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:
        logging.getLogger(__name__).error("%s", type(error).__name__, exc_info=True)
        if arguments.debug:
            raise
        print_error(error)
        return _exit_code(error)


@contextmanager
def _ltx_settings_named(arguments: argparse.Namespace) -> Iterator[None]:
    """Tells the LTX renderer, its child process and every plan alike which settings hold, through the environment.

    `ltx.toml` beside the settings where no other file is named; over it, what the command line says.

    Raises:
        InputError: An option has no key or no value.
    """
    from sottovoce.folders import settings_folder
    from sottovoce_engine.renderers.ltx.settings import OVER_VARIABLE, VARIABLE, over_line

    before = {name: os.environ.get(name) for name in (VARIABLE, OVER_VARIABLE)}
    plain = [f"{name}={value}" for name in ("preset", "lock") if (value := getattr(arguments, name, None))]
    lines = [over_line(given) for given in [*plain, *getattr(arguments, "ltx", [])]]
    path = settings_folder() / "ltx.toml"
    if path.exists():
        os.environ.setdefault(VARIABLE, str(path))
    if lines:
        os.environ[OVER_VARIABLE] = "\n".join([*(before[OVER_VARIABLE] or "").splitlines(), *lines])
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_MODULES = {"import": "import_lines"}  # a word of Python's cannot name a module
_READ = (timeline.timeline, timeline.reading)
_COMMANDS: tuple[tuple[str, str, tuple[Options, ...]], ...] = (
    ("panel", "open the panel", (timeline.optional_timeline, timeline.reading)),
    ("demo", "render the example scene", (machine.demo,)),
    ("regions", "list the regions marked on a timeline", _READ),
    (
        "plan",
        "say what a render would do, without rendering",
        (*_READ, rendering.rendering, holding.holding, rendering.ltx),
    ),
    (
        "render",
        "render what is missing and splice the scene",
        (
            *_READ,
            rendering.rendering,
            holding.holding,
            rendering.ltx,
            splicing.splicing,
            judging.judging,
            judging.choosing,
            judging.retaking,
        ),
    ),
    (
        "splice",
        "splice the chosen takes, rendering nothing",
        (*_READ, rendering.picture, splicing.splicing, judging.judging, judging.choosing),
    ),
    ("conform", "take regions and takes over to a new cut", (conforming.conforming, timeline.reading)),
    ("export", "hand the spliced scene to other programs", (exporting.exporting, timeline.reading)),
    ("import", "make regions of subtitles, a cue sheet or a screenplay", (importing.importing, timeline.reading)),
    (
        "suggest",
        "mark what is said in the timeline's own dialogue",
        (*_READ, importing.suggesting, judging.judging),
    ),
    (
        "compare",
        "render a region over its locked picture both ways, fast and exact",
        (
            timeline.timeline,
            takes.region,
            timeline.reading,
            rendering.picture,
            comparing.comparing,
            rendering.ltx,
            judging.judging,
            judging.choosing,
        ),
    ),
    ("clean", "move takes that no timeline uses to a dated trash", (*_READ, machine.cleaning)),
    ("check", "judge sound or movie files from anywhere", (judging.checking, judging.judging)),
    ("calibrate", "refit the judge's thresholds from labelled recordings", (judging.calibrating,)),
    (
        "train",
        "train a LoRA for registers of your own from recordings",
        (training.training, training.mismatches, training.listening, rendering.ltx),
    ),
    ("models", "list what the LTX renderer needs, fetch it, or inspect a file", (machine.models, rendering.ltx)),
    ("doctor", "check what this machine has and lacks", (machine.doctor,)),
)
# By command, its actions: what is said of them, and what they take.
_ACTIONS: dict[tuple[str, str], tuple[tuple[str, str, tuple[Options, ...]], ...]] = {
    ("take", "list, add, choose and mark takes"): (
        ("list", "list the takes there are", (timeline.timeline, takes.one_region, timeline.reading)),
        (
            "add",
            "add a recording as a take",
            (timeline.timeline, takes.region, takes.recording, timeline.reading, judging.judging),
        ),
        (
            "choose",
            "choose the take of a region",
            (timeline.timeline, takes.region, takes.take, timeline.reading),
        ),
        (
            "mark",
            "note what a person thinks of a take",
            (timeline.timeline, takes.take, takes.marking, timeline.reading),
        ),
    ),
    ("host", "put a launcher into an editor"): (
        ("list", "list the launchers, and which are installed", ()),
        ("install", "put a launcher where the editor finds it", (hosts.host, hosts.folder)),
        ("remove", "take a launcher away again", (hosts.host, hosts.folder)),
        ("result", "say where the newest result of a timeline lies", (hosts.handed_over,)),
    ),
}


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="sottovoce",
        description="Gives every line of a scene its own register, and splices the takes into one timeline.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, about, options in _COMMANDS:
        _added(commands, name, about, *options)
    for (name, about), known in _ACTIONS.items():
        described = commands.add_parser(name, help=about, description=about)
        actions = described.add_subparsers(dest="action", required=True, metavar="ACTION")
        for action, doing, options in known:
            _added(actions, action, doing, *options)
    return top


def _added(to: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str, *options: Options) -> None:
    """Adds a command, with what every command takes."""
    added = to.add_parser(name, help=about, description=about)
    for option in options:
        option(added)
    added.add_argument("--json", action="store_true", help="print the result as JSON")
    added.add_argument("--debug", action="store_true", help="show the traceback of an error")


def _with_panel(argv: list[str]) -> list[str]:
    """`sottovoce` and `sottovoce TIMELINE` mean the panel."""
    if not argv:
        return ["panel"]
    if Path(argv[0]).suffix.lower() in SUFFIXES:
        return ["panel", *argv]
    return argv


def _exit_code(error: Exception) -> ExitCode:
    match error:
        case InputError():
            return ExitCode.INPUT
        case SetupError():
            return ExitCode.SETUP
        case RenderError():
            return ExitCode.BELOW_BAR
    return ExitCode.BUG


class _Version(argparse.Action):
    """Looks the version up only when asked: the metadata module costs as much as all else at start-up."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata

        print(f"sottovoce {metadata.version('sottovoce')}")
        parser.exit()
