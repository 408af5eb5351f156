"""`sottovoce` and `python -m sottovoce`. Imports nothing heavy: `--help` must answer at once."""

import sys

from sottovoce.cli import run


def main() -> None:
    """Runs the command line and exits with its code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
