"""The log of a training: one line for each step in `log.csv`, so that a run that was broken off shows its whole curve.

step,loss,learning_rate,seconds,validation_loss
1,1.0438232421875,1.9607843137254902e-06,0.31,
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sottovoce_engine.media.container import write_error
from sottovoce_engine.media.durable import moved_into_place, staged_path
from sottovoce_engine.training.values import Stepped

FILE = "log.csv"
_COLUMNS = ("step", "loss", "learning_rate", "seconds", "validation_loss")


class StepLog:
    """Where steps are written as they are done."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._rows = csv.writer(file, lineterminator="\n")

    def write(self, stepped: Stepped) -> None:
        """Adds a line that a reader sees at once."""
        self._rows.writerow(_row(stepped))
        self._file.flush()


def logged_steps(folder: Path, upto: int) -> tuple[Stepped, ...]:
    """The steps up to that one; a line that a crash cut short is no step."""
    try:
        with (folder / FILE).open(encoding="utf-8", newline="") as file:
            read = [_stepped(row) for row in csv.reader(file)]
    except OSError:
        return ()
    found = {stepped.step: stepped for stepped in read if stepped is not None and stepped.step <= upto}
    return tuple(found[step] for step in sorted(found))


@contextmanager
def step_log(folder: Path, before: tuple[Stepped, ...]) -> Iterator[StepLog]:
    """The log, holding the steps that count and nothing after them, open for more.

    Raises:
        InputError, SetupError: It cannot be written.
    """
    path, staged = folder / FILE, staged_path(folder, "csv")
    try:
        with staged.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerows([_COLUMNS, *map(_row, before)])
        moved_into_place(staged, path, "log")
        file = path.open("a", encoding="utf-8", newline="")
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        staged.unlink(missing_ok=True)
    with file:
        yield StepLog(file)


def _row(stepped: Stepped) -> list[object]:
    validation = "" if stepped.validation_loss is None else stepped.validation_loss
    return [stepped.step, stepped.loss, stepped.learning_rate, stepped.seconds, validation]


def _stepped(row: list[str]) -> Stepped | None:
    try:
        step, loss, rate, seconds, validation = row
        return Stepped(
            step=int(step),
            loss=float(loss),
            learning_rate=float(rate),
            seconds=float(seconds),
            validation_loss=float(validation) if validation else None,
        )
    except ValueError:
        return None
