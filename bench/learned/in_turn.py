"""Both VAEs, then the base on their latents, in one process: what a short lease of a GPU has time for.

The vocoder needs none of them and is best trained beside, in a process of its own:

    python -m bench.learned.codec vocoder --seconds 150 & python -m bench.learned.in_turn 50 12 80; wait
"""

import argparse
from pathlib import Path

from bench.learned import base, codec
from bench.learned.corpus import FOLDER as CORPUS
from bench.learned.weights import FOLDER as WEIGHTS


def main() -> None:
    """Trains one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float, nargs=3, metavar="SECONDS", help="of audio VAE, video VAE and base")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    chosen = parser.parse_args()
    where = ["--weights", str(chosen.weights), "--corpus", str(chosen.corpus)]
    audio, video, base_seconds = (str(seconds) for seconds in chosen.seconds)
    codec.run(codec.options().parse_args(["audio", "--seconds", audio, *where]))
    codec.run(codec.options().parse_args(["video", "--seconds", video, *where]))
    base.run(base.options().parse_args(["--seconds", base_seconds, *where]))


if __name__ == "__main__":
    main()
