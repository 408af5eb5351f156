"""What this machine has, keeps and shows."""

import argparse
from pathlib import Path

from sottovoce.options.timeline import registers


def cleaning(to: argparse.ArgumentParser) -> None:
    """Whether to ask first."""
    to.add_argument("--yes", action="store_true", help="do not ask")


def models(to: argparse.ArgumentParser) -> None:
    """What to do with which model."""
    to.add_argument(
        "action", nargs="?", default="list", choices=("list", "fetch", "inspect"), help="what to do (default: list)"
    )
    to.add_argument("what", nargs="?", metavar="WHAT", help="a file, a folder or a hub id")
    registers(to)
    to.add_argument("--yes", action="store_true", help="fetch without asking")


def doctor(to: argparse.ArgumentParser) -> None:
    """A bundle for a bug report."""
    to.add_argument("--bundle", action="store_true", help="write a zip for a bug report, without lines or media")
    to.add_argument(
        "-o", "--output", type=Path, default=Path(), metavar="DIR", help="where the zip goes (default: here)"
    )


def demo(to: argparse.ArgumentParser) -> None:
    """Which example, and where to."""
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
