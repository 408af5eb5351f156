"""What is imported, and onto what."""

import argparse
from pathlib import Path


def suggesting(to: argparse.ArgumentParser) -> None:
    """Where the marks go."""
    to.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="write a new timeline there (default: into the timeline's working copy)",
    )


def importing(to: argparse.ArgumentParser) -> None:
    """The file, the timeline it goes onto, and the folder."""
    to.add_argument("file", type=Path, metavar="FILE", help="subtitles, a cue sheet, Avid's markers, or a screenplay")
    group = to.add_argument_group("importing")
    group.add_argument(
        "--onto", type=Path, metavar="TIMELINE", help="lay the lines over this timeline, or a screenplay over its lines"
    )
    group.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="write a new timeline there (default: beside FILE; with --onto: into the timeline's working copy)",
    )
