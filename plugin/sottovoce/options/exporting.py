"""Which formats a scene is handed over in, and where to."""

import argparse
from pathlib import Path


def exporting(to: argparse.ArgumentParser) -> None:
    """Formats, folder and links."""
    to.add_argument(
        "timeline", type=Path, nargs="?", metavar="TIMELINE", help="the timeline whose chosen takes are handed over"
    )
    group = to.add_argument_group("exporting")
    group.add_argument(
        "--to", action="append", default=[], metavar="FORMAT", help="which format; repeatable, or 'all' of them"
    )
    group.add_argument(
        "-o", "--output", type=Path, default=Path(), metavar="DIR", help="where the files go (default: here)"
    )
    group.add_argument(
        "--links",
        default="absolute",
        choices=("absolute", "relative"),
        help="how files name their media: relative to be moved with them (default: %(default)s)",
    )
    group.add_argument(
        "--offline-media", action="store_true", help="black and silence where the source's media is gone"
    )
    group.add_argument("--reel", default="", metavar="NAME", help="the reel, for the mix (default: from the name)")
    group.add_argument("--formats", action="store_true", help="list the formats, and what survives in each")
