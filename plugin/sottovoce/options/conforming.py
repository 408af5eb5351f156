"""The old cut, the new cut, and where the new version goes."""

import argparse
from pathlib import Path


def conforming(to: argparse.ArgumentParser) -> None:
    """Both timelines and the folder."""
    to.add_argument("old", type=Path, metavar="OLD", help="the timeline as it was, with its regions and takes")
    to.add_argument("new", type=Path, metavar="NEW", help="the same after its picture changed")
    group = to.add_argument_group("conforming")
    group.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="where the new version goes (default: beside NEW)"
    )
    group.add_argument("--force", action="store_true", help="write it even where nothing of OLD is found in NEW")
