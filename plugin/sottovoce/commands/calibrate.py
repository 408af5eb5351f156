"""`sottovoce calibrate`: the judge's thresholds, refitted from recordings whose register a person knows."""

import argparse
import json
from datetime import date
from pathlib import Path

from sottovoce.settings import load_settings, settings_path
from sottovoce.terminal import ExitCode, progress_job
from sottovoce_engine.codec import to_plain
from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.calibration import Calibration, calibration_for, measured_recordings
from sottovoce_engine.judge.calibration_file import calibration_text, write_calibration
from sottovoce_engine.judge.recordings import labelled_recordings
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.registers import register_table


def run(arguments: argparse.Namespace) -> ExitCode:
    """Measures the recordings, prints what would change, and writes it where a file was named.

    Raises:
        InputError: The recordings cannot be used, or the file is there already.
    """
    settings = load_settings()
    output: Path | None = arguments.output
    if output is not None and output.exists() and not arguments.over:
        raise InputError(f"'{output}' is there already. Name another file, or add --over to write over it.")
    registers = register_table(arguments.registers or settings.registers_file)
    found = labelled_recordings(arguments.folder, registers.names)
    thresholds = thresholds_of("register", RegisterThresholds, arguments.thresholds or settings.thresholds_file)
    with progress_job(quiet=arguments.json) as job:
        measured, skipped = measured_recordings(found, thresholds, job)
    calibration = calibration_for(
        measured, skipped, thresholds, registers.registers, source=str(arguments.folder), on=date.today()
    )
    if output is not None:
        write_calibration(calibration, output, over=arguments.over)
    if arguments.json:
        plain = to_plain(calibration) | {"file": str(output) if output is not None else None}
        print(json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        print("\n".join([calibration_text(calibration), "", *_next_steps(calibration, output)]))
    return ExitCode.DONE


def _next_steps(calibration: Calibration, output: Path | None) -> list[str]:
    if not calibration.refitted:
        return ["Nothing changes: the thresholds fit these recordings as they are."]
    if output is None:
        return ["Nothing was written. Add -o FILE to keep these thresholds."]
    return [
        f"Written to '{output}'. Used for one command with --thresholds {output}, and for all of them with",
        f"thresholds_file = {json.dumps(str(output.absolute()), ensure_ascii=False)} in '{settings_path()}'.",
    ]
