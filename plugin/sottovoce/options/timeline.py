"""Which timeline, and how it is read."""

import argparse
from pathlib import Path


def timeline(to: argparse.ArgumentParser) -> None:
    """The timeline."""
    to.add_argument(
        "timeline",
        type=Path,
        metavar="TIMELINE",
        help="an .otio or .otioz file with marked regions, or a file of lines, such as .srt",
    )


def optional_timeline(to: argparse.ArgumentParser) -> None:
    """The timeline, if any."""
    to.add_argument(
        "timeline",
        type=Path,
        metavar="TIMELINE",
        nargs="?",
        help="an .otio or .otioz file, or a file of lines, such as .srt",
    )


def reading(to: argparse.ArgumentParser) -> None:
    """How the timeline is read."""
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
    group.add_argument(
        "--rate", metavar="FPS", help="frames a second of a file that counts none, such as subtitles (default: 24)"
    )
    group.add_argument(
        "--encoding", default="", metavar="NAME", help="of a text file, such as cp1251 (default: found out)"
    )
    registers(group)


def registers(to: "argparse._ActionsContainer") -> None:
    """Registers of the person's own."""
    to.add_argument("--registers", type=Path, metavar="FILE", help="a TOML file with registers of your own")
