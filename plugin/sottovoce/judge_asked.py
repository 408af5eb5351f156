"""The judge of single files and recordings, as asked for on the command line."""

import argparse
from dataclasses import replace

from sottovoce.reading import judge_from
from sottovoce.settings import Settings
from sottovoce_engine.judge.judging import Judge


def judge_of(arguments: argparse.Namespace, settings: Settings) -> Judge:
    """A judge for one command, whether or not the settings want one for renders. It is never strict.

    Raises:
        InputError: The thresholds file cannot be used.
        SetupError: The Whisper model cannot be.
    """
    asked = replace(
        settings,
        judge=True,
        thresholds_file=arguments.thresholds or settings.thresholds_file,
        speech_model=arguments.speech_model or settings.speech_model,
    )
    judge = judge_from(asked, arguments.language)
    assert judge is not None
    return judge
