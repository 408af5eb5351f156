"""What takes are held to."""

import argparse


def holding(to: argparse.ArgumentParser) -> None:
    """The sound beside a region, and the anchors of voices."""
    group = to.add_argument_group("holding voice and room (the LTX renderer)")
    group.add_argument(
        "--context",
        type=float,
        metavar="SECONDS",
        help="hold takes to so much of the dialogue on either side of their region, up to 2 (default: 0, none)",
    )
    group.add_argument(
        "--anchor",
        action="append",
        default=[],
        metavar="NAME=SOUND",
        help="hold a voice to a take (its key) or a file, such as 'Ben=ben.wav@12.5-15', in seconds; kept with the "
        "timeline until 'Ben=none'; repeatable",
    )
