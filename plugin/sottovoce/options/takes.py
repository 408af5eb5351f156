"""Which takes, and what is thought of them."""

import argparse
from pathlib import Path


def region(to: argparse.ArgumentParser) -> None:
    """One region."""
    to.add_argument("region", metavar="REGION", help="the region's id, or as much of it as is unique")


def one_region(to: argparse.ArgumentParser) -> None:
    """One region, or all."""
    to.add_argument("region", nargs="?", default="", metavar="REGION", help="only this region's")


def take(to: argparse.ArgumentParser) -> None:
    """One take."""
    to.add_argument("take", metavar="TAKE", help="the take's key, or as much of it as is unique")


def recording(to: argparse.ArgumentParser) -> None:
    """A recording, and where it belongs."""
    to.add_argument("file", type=Path, metavar="FILE", help="a recording, with its picture where the region needs one")
    to.add_argument(
        "--at",
        type=int,
        metavar="FRAME",
        help="the scene frame of its first sample (default: by its timecode, else its first word at the region's start)",
    )


def marking(to: argparse.ArgumentParser) -> None:
    """What a person thinks of a take."""
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
