"""What is rendered, and with what."""

import argparse

from sottovoce_engine.scene import PictureMode


def rendering(to: argparse.ArgumentParser) -> None:
    """Renderer, takes, seeds and handles."""
    group = to.add_argument_group("rendering")
    group.add_argument("--renderer", metavar="NAME", help="which renderer (default: scratch)")
    group.add_argument("--takes", type=int, metavar="N", help="takes per region, from consecutive seeds (default: 1)")
    group.add_argument("--seed", type=int, metavar="S", help="the first seed (default: 1)")
    group.add_argument("--handles", type=int, metavar="FRAMES", help="handles on both sides (default: 24, at least 8)")
    group.add_argument(
        "--overlap",
        type=int,
        metavar="FRAMES",
        help="frames that a picture set to 'continue' shares with the take before it: 9 or 17 (default: 17)",
    )
    picture(group)
    group.add_argument(
        "--shot-seed",
        type=int,
        metavar="S",
        help="with the picture mode 'shot': another picture for the regions that share one (default: the one there is)",
    )
    gating(group)
    group.add_argument("--only", nargs="+", default=[], metavar="ID", help="render these regions only")
    group.add_argument("--again", action="store_true", help="render new takes also where a good one is chosen")


def picture(to: "argparse._ActionsContainer") -> None:
    """Where pictures come from."""
    to.add_argument(
        "--picture",
        choices=["auto", *map(str, PictureMode)],
        metavar="MODE",
        help=f"where the picture of regions comes from whose marks do not say: {', '.join(PictureMode)}, or auto: lock "
        "where the timeline has a picture, else cut (default: as they were rendered last, at first auto)",
    )


def gating(to: "argparse._ActionsContainer") -> None:
    """Several registers in one window."""
    to.add_argument(
        "--register-gating",
        action="store_true",
        help="experimental, with --renderer ltx: neighbouring regions of several registers are sampled in one window, the "
        "LoRA and the words acting on each one's own time",
    )
    to.add_argument(
        "--gating-edge",
        type=int,
        metavar="MS",
        help="milliseconds over which one line's part of such a window gives way to the next (default: 80)",
    )
    to.add_argument(
        "--gating-leak",
        type=float,
        metavar="SHARE",
        help="from 0 to 1: how much of its own words' weight the other lines' words have (default: 0)",
    )


def ltx(to: argparse.ArgumentParser) -> None:
    """Settings of the LTX renderer."""
    group = to.add_argument_group("the LTX renderer")
    group.add_argument("--preset", metavar="NAME", help="best: dev, full guidance; fast: distilled, 8 steps")
    group.add_argument(
        "--lock",
        choices=("fast", "exact", "off"),
        help="over a locked picture: fast: it is watched, once for all takes; exact: it listens, too, at full cost; "
        "off: sound with a picture of its own, which is left out (default: fast)",
    )
    group.add_argument(
        "--ltx",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="any of its settings, such as pixels=200000 or sampling.audio.caption=5; repeatable",
    )
    group.add_argument(
        "--random-weights",
        action="append_const",
        dest="ltx",
        const="random_weights=true",
        help="without a checkpoint, for benchmarks: noise comes out",
    )
