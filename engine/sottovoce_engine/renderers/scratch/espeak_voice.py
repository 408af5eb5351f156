"""Lines the embedded voice cannot read, said by the system's espeak-ng program where there is one.

espeak-ng is GPL-3: it is used as a program of the person's own, never in-process.
"""

import io
import shutil
import subprocess

import numpy as np
import soundfile
import soxr

from sottovoce_engine.errors import RenderError, SetupError
from sottovoce_engine.renderers.scratch.utterance import RATE, Array, Check, SaidWord, Utterance, quiet, settled
from sottovoce_engine.scene import Gender
from sottovoce_engine.speaking import speaking_seconds
from sottovoce_engine.timing import Span

PROGRAM = "espeak-ng"

_WORDS_A_MINUTE = 165
_SLOWEST, _FASTEST = 80, 400
_SECONDS_TO_WAIT = 60
_LEAST_SECONDS = 0.03  # a character, in any script
_PLACE = {Gender.WOMAN: ("+f2", 1.0, 190.0), Gender.MAN: ("+m3", 0.86, 105.0)}  # variant, tract, usual f0


class EspeakLine:
    """A line that espeak-ng says."""

    def __init__(self, text: str, language: str, gender: Gender) -> None:
        self._text, self._language, self._gender = text, language, gender

    @property
    def least_seconds(self) -> float:
        return _LEAST_SECONDS * len(self._text)

    def said(self, pace: float, check: Check) -> Utterance:
        """The line said at `pace`, within the 80 to 400 words a minute that espeak-ng is made for."""
        check()
        variant, tract, usual_f0 = _PLACE[self._gender]
        speed = round(min(max(_WORDS_A_MINUTE * pace, _SLOWEST), _FASTEST))
        sound = _spoken(self._text, self._language + variant, speed)
        return Utterance(
            sound=sound,
            f0=None,
            words=settled(_laid_out(self._text, sound), sound),
            estimated=True,
            usual_f0=usual_f0,
            tract=tract,
        )


def installed() -> bool:
    """Whether the program is there."""
    return shutil.which(PROGRAM) is not None


def _spoken(text: str, voice: str, speed: int) -> Array:
    """The text as sound, [samples] at 24 kHz.

    Raises:
        SetupError: The program is gone, or was built without this language.
        RenderError: It fell silent, or did not come to an end.
    """
    command = [PROGRAM, "-v", voice, "-s", str(speed), "--stdin", "--stdout", "-b", "1"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_SECONDS_TO_WAIT, check=False)
    except FileNotFoundError as error:
        raise SetupError(f"The program {PROGRAM} is no longer there. Install it: apt install {PROGRAM}") from error
    except subprocess.TimeoutExpired as error:
        raise RenderError(
            f"{PROGRAM} took more than {_SECONDS_TO_WAIT} s over '{text[:40]}'. Shorten the line."
        ) from error
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode or not done.stdout:
        raise SetupError(
            f"{PROGRAM} has no voice '{voice}' for '{text[:40]}': {said or 'no reason given'}. "
            f"Install all its languages: apt install {PROGRAM} espeak-ng-data"
        )
    sound, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float64")
    if not len(sound) or quiet(sound).all():
        raise RenderError(f"{PROGRAM} finds nothing to say in '{text[:40]}'. Write a line that holds words.")
    return np.asarray(soxr.resample(sound, rate, RATE, quality="HQ"), np.float64)


def _laid_out(text: str, sound: Array) -> tuple[SaidWord, ...]:
    """Words in proportion to the time they need, over the sounding part."""
    words = text.split()
    loud = np.flatnonzero(~quiet(sound)) * (RATE // 200)
    start, length = int(loud[0]), int(loud[-1] - loud[0]) + RATE // 200
    weights = np.array([max(len(word) * 0.06, speaking_seconds(word) - 0.3) for word in words])
    edges = start + np.concatenate(([0.0], np.cumsum(weights))) / weights.sum() * length
    return tuple(
        SaidWord(text=word, span=Span(round(edges[index]), round(edges[index + 1]))) for index, word in enumerate(words)
    )
