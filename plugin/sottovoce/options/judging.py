"""How takes are judged, and what follows from it."""

import argparse
from pathlib import Path

from sottovoce.options.timeline import registers


def checking(to: argparse.ArgumentParser) -> None:
    """Files to judge, and what they should be."""
    to.add_argument("files", type=Path, nargs="+", metavar="FILE", help="sound or movie files")
    to.add_argument("--register", metavar="NAME", help="how it should be spoken, such as whisper (default: any)")
    to.add_argument("--line", default="", metavar="TEXT", help="what should be said")
    to.add_argument(
        "--voice", default="woman", choices=("woman", "man"), help="who speaks; soft to scream are told by it"
    )
    registers(to)


def judging(to: argparse.ArgumentParser) -> None:
    """How strictly, in which language, with which models."""
    group = to.add_argument_group("judging")
    group.add_argument("--strict", action="store_true", help="half-whispered and doubtful takes do not pass")
    group.add_argument("--language", metavar="CODE", help="of the lines, such as en (default: as their letters say)")
    group.add_argument(
        "--speech-model", metavar="MODEL", help="a Whisper model: a folder, or a name in the hub's cache, such as small"
    )
    group.add_argument(
        "--thresholds", type=Path, metavar="FILE", help="thresholds of your own, as calibrate writes them"
    )


def choosing(to: argparse.ArgumentParser) -> None:
    """Whether takes are judged at all."""
    to.add_argument("--no-judge", action="store_true", help="measure no take; the first one is chosen")


def retaking(to: argparse.ArgumentParser) -> None:
    """How often a failing take is rendered again."""
    to.add_argument(
        "--retake-until-good",
        type=int,
        metavar="N",
        help="render regions whose take fails again, with the next seeds, until one passes or there are N takes",
    )


def calibrating(to: argparse.ArgumentParser) -> None:
    """Recordings to refit thresholds from."""
    to.add_argument(
        "folder", type=Path, metavar="FOLDER", help="recordings in folders named as their register, or a CSV that says"
    )
    to.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the refitted thresholds here")
    to.add_argument("--over", action="store_true", help="write over a file that is there")
    to.add_argument("--thresholds", type=Path, metavar="FILE", help="thresholds to start from")
    registers(to)
