"""How takes are spliced, and where the results go."""

import argparse
from pathlib import Path


def splicing(to: argparse.ArgumentParser) -> None:
    """Fades, dissolves and results."""
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
