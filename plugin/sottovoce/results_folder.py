"""The folder that results go to, as `-o` names it."""

from pathlib import Path

from sottovoce_engine.errors import InputError


def make_results_folder(folder: Path) -> None:
    """Makes it, and those above it, where they are not there yet.

    Raises:
        InputError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder '{folder}' cannot be made: {error.strerror}. Name another with -o.") from error
