"""What is trained on, how, and where to."""

import argparse
from pathlib import Path

from sottovoce.options.timeline import registers


def training(to: argparse.ArgumentParser) -> None:
    """The recordings, the recipe and the folder."""
    to.add_argument(
        "folder",
        type=Path,
        nargs="?",
        metavar="FOLDER",
        help="recordings in folders that say who speaks and how, such as 'anna woman whisper'; or a CSV that lists them, or a "
        "timeline on which they are marked",
    )
    to.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="clips, checkpoints, the LoRA and its registers file go there; run again with the same, it goes on from there",
    )
    to.add_argument("--recipe", type=Path, metavar="FILE", help="a TOML file (default: as the LoRA's card has it)")
    to.add_argument("--recipe-example", action="store_true", help="print the whole recipe, with what each line means")
    only = to.add_mutually_exclusive_group()
    only.add_argument("--prepare-only", action="store_true", help="make the clips and show what was measured on them")
    only.add_argument("--plan", action="store_true", help="the same, and what training needs of this machine")
    registers(to)


def mismatches(to: argparse.ArgumentParser) -> None:
    """Clips that do not measure as what they are labelled."""
    group = to.add_argument_group("clips that do not measure as they are labelled")
    decided = group.add_mutually_exclusive_group()
    decided.add_argument("--leave-out-mismatches", action="store_true", help="train without them")
    decided.add_argument("--keep-mismatches", action="store_true", help="train with them: you know better")
    group.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="CLIP",
        help="you know better of this one, as it is listed; repeatable",
    )


def listening(to: argparse.ArgumentParser) -> None:
    """What hears and measures clips."""
    group = to.add_argument_group("listening")
    group.add_argument(
        "--speech-model",
        metavar="MODEL",
        help="a Whisper model that hears what is said where nobody wrote it: a folder, or a name in the hub's cache",
    )
    group.add_argument("--language", metavar="CODE", help="of the lines, such as en (default: as they sound)")
    group.add_argument(
        "--thresholds", type=Path, metavar="FILE", help="the judge's thresholds of your own, as calibrate writes them"
    )
