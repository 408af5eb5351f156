"""What is compared, and where the result goes."""

import argparse
from pathlib import Path


def comparing(to: argparse.ArgumentParser) -> None:
    """The seed, the picture, and a folder."""
    to.add_argument("--seed", type=int, metavar="S", help="of both takes (default: the settings')")
    to.add_argument("--handles", type=int, metavar="FRAMES", help="handles on both sides (default: 24, at least 8)")
    to.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="put both sounds and the figures into this folder, too"
    )
