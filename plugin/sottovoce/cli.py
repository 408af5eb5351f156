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

from sottovoce.terminal import ExitCode, print_error
from sottovoce_engine.errors import InputError, RenderError, SetupError
from sottovoce_engine.progress import JobCancelled

Options = Callable[[argparse.ArgumentParser], None]

_TAKE = "Lists, adds, chooses and marks the takes of a timeline's regions."
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
        command: Command = import_module(f"sottovoce.commands.{arguments.command}")
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
    preset, options = getattr(arguments, "preset", None), getattr(arguments, "ltx", [])
    lines = [over_line(given) for given in [*([f"preset={preset}"] if preset else []), *options]]
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

    def command(name: str, about: str, *options: Options) -> None:
        _added(commands, name, about, *options)

    command("panel", "open the panel", _optional_timeline, _reading)
    command("demo", "render the example scene", _demo)
    command("regions", "list the regions marked on a timeline", _timeline, _reading)
    command("plan", "say what a render would do, without rendering", _timeline, _reading, _rendering, _ltx)
    command(
        "render",
        "render what is missing and splice the scene",
        _timeline,
        _reading,
        _rendering,
        _ltx,
        _splicing,
        _judging,
        _choosing,
        _retaking,
    )
    command("splice", "splice the chosen takes, rendering nothing", _timeline, _reading, _splicing, _judging, _choosing)
    command("clean", "move takes that no timeline uses to a dated trash", _timeline, _reading, _cleaning)
    command("check", "judge sound or movie files from anywhere", _checking, _judging)
    command("calibrate", "refit the judge's thresholds from labelled recordings", _calibrating)
    takes = commands.add_parser("take", help="list, add, choose and mark takes", description=_TAKE)
    actions = takes.add_subparsers(dest="action", required=True, metavar="ACTION")
    _added(actions, "list", "list the takes there are", _timeline, _one_region, _reading)
    _added(actions, "add", "add a recording as a take", _timeline, _region, _recording, _reading, _judging)
    _added(actions, "choose", "choose the take of a region", _timeline, _region, _take, _reading)
    _added(actions, "mark", "note what a person thinks of a take", _timeline, _take, _marking, _reading)
    command("models", "list what the LTX renderer needs, fetch it, or inspect a file", _models, _ltx)
    command("doctor", "check what this machine has and lacks", _doctor)
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
    if Path(argv[0]).suffix.lower() in (".otio", ".otioz"):
        return ["panel", *argv]
    return argv


def _timeline(to: argparse.ArgumentParser) -> None:
    to.add_argument("timeline", type=Path, metavar="TIMELINE", help="an .otio or .otioz file with marked regions")


def _optional_timeline(to: argparse.ArgumentParser) -> None:
    to.add_argument("timeline", type=Path, metavar="TIMELINE", nargs="?", help="an .otio or .otioz file")


def _reading(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("reading the timeline")
    drop = group.add_mutually_exclusive_group()
    drop.add_argument("--drop-frame", action="store_true", default=None, help="show drop-frame timecode")
    drop.add_argument("--non-drop-frame", action="store_false", dest="drop_frame", help="show non-drop timecode")
    group.add_argument(
        "--dialogue-track",
        action="append",
        default=[],
        metavar="NAME",
        help="a sound track that is replaced under regions (default: by name, see the README)",
    )
    group.add_argument(
        "--voice",
        action="append",
        default=[],
        metavar="NAME=GENDER[:SOUND]",
        help="who a voice is, such as 'Ben=man:low, tired'",
    )
    group.add_argument(
        "--timeline-name", default="", metavar="NAME", help="which timeline, where the file holds several"
    )
    group.add_argument("--registers", type=Path, metavar="FILE", help="a TOML file with registers of your own")


def _rendering(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("rendering")
    group.add_argument("--renderer", metavar="NAME", help="which renderer (default: scratch)")
    group.add_argument("--takes", type=int, metavar="N", help="takes per region, from consecutive seeds (default: 1)")
    group.add_argument("--seed", type=int, metavar="S", help="the first seed (default: 1)")
    group.add_argument("--handles", type=int, metavar="FRAMES", help="handles on both sides (default: 24, at least 8)")
    group.add_argument(
        "--overlap",
        type=int,
        metavar="FRAMES",
        help="frames that a picture set to 'continue' shares with the take before it: 9 or 17 (default: 17)",
    )
    group.add_argument("--only", nargs="+", default=[], metavar="ID", help="render these regions only")
    group.add_argument("--again", action="store_true", help="render new takes also where a good one is chosen")


def _ltx(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("the LTX renderer")
    group.add_argument("--preset", metavar="NAME", help="best: dev, full guidance; fast: distilled, 8 steps")
    group.add_argument(
        "--ltx",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="any of its settings, such as pixels=200000 or sampling.audio.caption=5; repeatable",
    )
    group.add_argument(
        "--random-weights",
        action="append_const",
        dest="ltx",
        const="random_weights=true",
        help="without a checkpoint, for benchmarks: noise comes out",
    )


def _splicing(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("splicing")
    group.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="where the results go")
    group.add_argument("--fade-in-ms", type=float, metavar="MS", help="fade into a take (default: 80)")
    group.add_argument("--fade-out-ms", type=float, metavar="MS", help="fade out of a take (default: 80)")
    group.add_argument("--dissolve", nargs="+", default=[], metavar="ID", help="dissolve into these regions' pictures")
    group.add_argument(
        "--offline-media", action="store_true", help="black and silence where the source's media is gone"
    )
    group.add_argument("--no-mp4", action="store_true", help="leave out the .mp4")
    group.add_argument("--otioz", action="store_true", help="also write an .otioz with all takes inside")


def _cleaning(to: argparse.ArgumentParser) -> None:
    to.add_argument("--yes", action="store_true", help="do not ask")


def _checking(to: argparse.ArgumentParser) -> None:
    to.add_argument("files", type=Path, nargs="+", metavar="FILE", help="sound or movie files")
    to.add_argument("--register", metavar="NAME", help="how it should be spoken, such as whisper (default: any)")
    to.add_argument("--line", default="", metavar="TEXT", help="what should be said")
    to.add_argument(
        "--voice", default="woman", choices=("woman", "man"), help="who speaks; soft to scream are told by it"
    )
    to.add_argument("--registers", type=Path, metavar="FILE", help="a TOML file with registers of your own")


def _judging(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("judging")
    group.add_argument("--strict", action="store_true", help="half-whispered and doubtful takes do not pass")
    group.add_argument("--language", metavar="CODE", help="of the lines, such as en (default: as their letters say)")
    group.add_argument(
        "--speech-model", metavar="MODEL", help="a Whisper model: a folder, or a name in the hub's cache, such as small"
    )
    group.add_argument(
        "--thresholds", type=Path, metavar="FILE", help="thresholds of your own, as calibrate writes them"
    )


def _choosing(to: argparse.ArgumentParser) -> None:
    to.add_argument("--no-judge", action="store_true", help="measure no take; the first one is chosen")


def _retaking(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--retake-until-good",
        type=int,
        metavar="N",
        help="render regions whose take fails again, with the next seeds, until one passes or there are N takes",
    )


def _calibrating(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "folder", type=Path, metavar="FOLDER", help="recordings in folders named as their register, or a CSV that says"
    )
    to.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the refitted thresholds here")
    to.add_argument("--over", action="store_true", help="write over a file that is there")
    to.add_argument("--thresholds", type=Path, metavar="FILE", help="thresholds to start from")
    to.add_argument("--registers", type=Path, metavar="FILE", help="a TOML file with registers of your own")


def _region(to: argparse.ArgumentParser) -> None:
    to.add_argument("region", metavar="REGION", help="the region's id, or as much of it as is unique")


def _one_region(to: argparse.ArgumentParser) -> None:
    to.add_argument("region", nargs="?", default="", metavar="REGION", help="only this region's")


def _take(to: argparse.ArgumentParser) -> None:
    to.add_argument("take", metavar="TAKE", help="the take's key, or as much of it as is unique")


def _recording(to: argparse.ArgumentParser) -> None:
    to.add_argument("file", type=Path, metavar="FILE", help="a recording, with its picture where the region needs one")
    to.add_argument(
        "--at",
        type=int,
        metavar="FRAME",
        help="the scene frame of its first sample (default: by its timecode, else its first word at the region's start)",
    )


def _marking(to: argparse.ArgumentParser) -> None:
    for mark, about in (
        ("star", "a favourite"),
        ("circle", "to be used"),
        ("alt", "to be kept as an alternative"),
        ("reject", "never to be chosen by itself"),
        ("approve", "agreed on"),
        ("clear", "remove all marks and the note first"),
    ):
        to.add_argument(f"--{mark}", action="store_true", help=about)
    to.add_argument("--note", metavar="TEXT", help="a few words")
    to.add_argument("--by", metavar="NAME", help="who says so (default: who is logged in)")


def _demo(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("sottovoce-demo"),
        metavar="DIR",
        help="where to (default: %(default)s)",
    )
    to.add_argument(
        "--example", default="night", choices=("night", "footage"), help="which example (default: %(default)s)"
    )


def _models(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "action", nargs="?", default="list", choices=("list", "fetch", "inspect"), help="what to do (default: list)"
    )
    to.add_argument("what", nargs="?", metavar="WHAT", help="a file, a folder or a hub id")
    to.add_argument("--registers", type=Path, metavar="FILE", help="a TOML file with registers of your own")
    to.add_argument("--yes", action="store_true", help="fetch without asking")


def _doctor(to: argparse.ArgumentParser) -> None:
    to.add_argument("--bundle", action="store_true", help="write a zip for a bug report, without lines or media")
    to.add_argument(
        "-o", "--output", type=Path, default=Path(), metavar="DIR", help="where the zip goes (default: here)"
    )


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
