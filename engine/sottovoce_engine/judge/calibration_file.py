"""A calibration as a thresholds file of the person's own, and as text."""

import json
from collections.abc import Sequence
from pathlib import Path

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.calibration import Calibration, Confusion
from sottovoce_engine.judge.register_finding import Verdict
from sottovoce_engine.judge.thresholds import FORMAT, Tables, given_tables
from sottovoce_engine.media.durable import moved_into_place, staged_path

TABLE = "register"


def write_calibration(calibration: Calibration, path: Path, *, over: bool = False) -> None:
    """Writes the refitted thresholds to `path`, to be laid over the shipped ones.

    Args:
        calibration: What to write.
        path: A file of the person's own.
        over: Write over a file that is there; what it says about anything else stays, its comments do not.

    Raises:
        InputError: The file is there and `over` was not said, or is damaged, or its folder cannot be written.
    """
    tables: Tables = {}
    if path.exists():
        if not over:
            raise InputError(f"'{path}' is there already. Give another name, or say that it may be written over.")
        tables = given_tables(path)
    tables[TABLE] = tables.get(TABLE, {}) | dict(calibration.refitted)
    staged = staged_path(path.parent, "toml")
    try:
        staged.write_text(_toml(tables), encoding="utf-8")
        moved_into_place(staged, path, "thresholds")
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise InputError(f"'{path}' cannot be written: {error}. Choose a folder that can be.") from error


def calibration_text(calibration: Calibration) -> str:
    """The confusion tables, the margin and what changed, for a terminal."""
    parts = ["as it was", *_table(calibration.before), "", "refitted", *_table(calibration.after), ""]
    gap = "apart" if calibration.margin > 0 else "overlapping"
    parts.append(f"margin: the lowest voice and the highest whisper lie {abs(calibration.margin):.2f} of v {gap}")
    parts += [f"{name} = {threshold.value:g}" for name, threshold in calibration.refitted]
    parts += [f"left out: {reason}" for reason in calibration.skipped]
    return "\n".join(parts)


def _table(rows: Sequence[Confusion]) -> list[str]:
    verdicts = list(Verdict)
    lines = ["label     " + "".join(f"{verdict:>11}" for verdict in verdicts)]
    for row in rows:
        counts = dict(row.counts)
        lines.append(f"{row.label:<10}" + "".join(f"{counts.get(verdict, 0):>11}" for verdict in verdicts))
    return lines


def _toml(tables: Tables) -> str:
    lines = [f"format = {FORMAT}"]
    for name, thresholds in tables.items():
        lines += ["", f"[{name}]"]
        for key, threshold in thresholds.items():
            lines.append(f"{key} = {{ value = {threshold.value!r}, source = {_text(threshold.source)} }}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """`value` as a TOML string: JSON's form is one, once nothing is in it that no TOML file may hold."""
    printable = "".join(character if character.isprintable() else " " for character in value)
    return json.dumps(printable, ensure_ascii=False)
