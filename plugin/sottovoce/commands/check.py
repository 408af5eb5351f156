"""`sottovoce check`: what the judge says of any sound or movie file."""

import argparse
import json

from sottovoce.checking import checked_as_plain, checked_as_text, checked_files, worst_code
from sottovoce.judge_asked import judge_of
from sottovoce.settings import load_settings
from sottovoce.terminal import ExitCode, print_error, progress_job
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, Voice


def run(arguments: argparse.Namespace) -> ExitCode:
    """Judges the files and prints what was found.

    Raises:
        InputError: A register, a threshold or the thresholds file cannot be used.
        SetupError: The Whisper model cannot be.
    """
    settings = load_settings()
    registers = register_table(arguments.registers or settings.registers_file)
    register = registers.get(arguments.register) if arguments.register else None
    voice = Voice(name="voice", gender=Gender(arguments.voice))
    judge = judge_of(arguments, settings)
    judge.strict = arguments.strict or settings.strict
    with progress_job(quiet=arguments.json or len(arguments.files) == 1) as job:
        checked = checked_files(arguments.files, judge, register, voice, arguments.line, job)
    if len(checked) == 1 and checked[0].judgement is None:
        print_error(checked[0].problem)
    if arguments.json:
        plain = [checked_as_plain(one) for one in checked]
        print(json.dumps(plain[0] if len(plain) == 1 else plain, ensure_ascii=False, indent=2, allow_nan=False))
    elif len(checked) > 1 or checked[0].judgement is not None:
        print("\n\n".join(checked_as_text(one) for one in checked))
    return worst_code(checked)
