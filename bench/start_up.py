"""How long `sottovoce --help` takes, and what it imports.

The floor is the interpreter alone with the same environment; the ratio says what our own imports cost.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

RUNS = 9
HEAVY = ("torch", "PySide6", "scipy", "numpy", "av", "opentimelineio")


def main() -> None:
    """Prints one table."""
    help_s = _median_seconds([sys.executable, "-m", "sottovoce", "--help"])
    floor_s = _median_seconds([sys.executable, "-c", "pass"])
    imported = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sottovoce", "--help"], capture_output=True, text=True, check=True
    ).stderr
    names = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in imported.splitlines()}
    print("| command | median of 9, s | ratio to the bare interpreter | heavy imports |")
    print("|---|---|---|---|")
    print(f"| `python -c pass` | {floor_s:.3f} | 1.0 | |")
    heavy = ", ".join(name for name in HEAVY if name in names) or "none"
    print(f"| `sottovoce --help` | {help_s:.3f} | {help_s / floor_s:.1f} | {heavy} |")


def _median_seconds(command: Sequence[str]) -> float:
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
