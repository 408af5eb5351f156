"""The judge as a person asks for it: settings, with the command line's options over them."""

import argparse
from pathlib import Path

from sottovoce.settings import Settings
from sottovoce_engine.judge.judging import Judge
from sottovoce_engine.judge.recognition import Recogniser


def judge_of(arguments: argparse.Namespace, settings: Settings) -> Judge:
    """A judge for one command; a Whisper model, where one is named, is loaded.

    Raises:
        InputError: The thresholds file cannot be used.
        SetupError: The Whisper model cannot be.
    """
    thresholds: Path | None = arguments.thresholds or settings.thresholds_file
    judge = Judge(
        thresholds_file=thresholds,
        language=arguments.language,
        strict=arguments.strict,
    )
    model = arguments.speech_model or settings.speech_model
    if model:  # after the thresholds: a mistyped file is found before half a minute of loading
        judge.recogniser = Recogniser(model)
    return judge
