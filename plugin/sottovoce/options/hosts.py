"""Which editor's launcher, and where it goes."""

import argparse
from pathlib import Path


def host(to: argparse.ArgumentParser) -> None:
    """One launcher."""
    to.add_argument("name", metavar="NAME", help="which launcher; `sottovoce host list` shows them")


def folder(to: argparse.ArgumentParser) -> None:
    """Another folder than the editor's own."""
    to.add_argument("--to", type=Path, metavar="FOLDER", help="this folder instead of the editor's own for scripts")


def handed_over(to: argparse.ArgumentParser) -> None:
    """The timeline that a launcher wrote."""
    to.add_argument("timeline", type=Path, metavar="TIMELINE", help="the .otio file that the editor handed over")
