"""What is asked of joins, in a few letters, and those letters read back."""

import re
from fractions import Fraction

from sottovoce_engine.errors import InputError
from sottovoce_engine.join_wishes import JoinWish
from sottovoce_engine.timing import SAMPLE_RATE

_NUMBER = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*([a-z]*)")
_FRAMES, _MS, _DB = ("", "f", "fr", "frame", "frames"), ("ms",), ("", "db")
_LONGEST = 12  # characters: no number anyone means is longer
_WHOLE = Fraction(1, 100)  # of a frame: a frame is no whole number of samples at every rate
FADES_MS = (3.0, 5.0, 10.0, 20.0, 40.0, 80.0, 120.0, 160.0, 240.0, 320.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0)


def ms_words(samples: int) -> str:
    """A length: "80 ms"."""
    return f"{1000 * samples / SAMPLE_RATE:.4g} ms"


def moved_words(samples: int, rate: Fraction) -> str:
    """By how much a cut is moved: "-10 f", to a hundredth of a frame."""
    frames = round(float(samples * rate / SAMPLE_RATE), 2)
    return f"{frames:+g} f" if frames else "0 f"


def tone_words(wish: JoinWish) -> str:
    """What is asked of room tone: "off", "+3 dB", "0 dB"."""
    return "off" if not wish.tone else f"{wish.tone_db:+g} dB" if wish.tone_db else "0 dB"


def fade_in_words(text: str) -> float | None:
    """The milliseconds a person writes: "200", "200 ms"; None where nothing is written.

    Raises:
        InputError: It is no length.
    """
    if not text.strip():
        return None
    number, unit = _read(text)
    if number is None or unit not in ("", *_MS):
        raise InputError(f"'{text}' is no fade. Write milliseconds, such as 120, or nothing to have it as all others.")
    return float(number)


def moved_in_words(text: str, rate: Fraction) -> int:
    """The samples a person writes in frames or milliseconds: "-10", "+2.5 f", "-40 ms"; 0 where nothing is written.

    Raises:
        InputError: It is no distance.
    """
    if not text.strip():
        return 0
    number, unit = _read(text)
    if number is None or unit not in (*_FRAMES, *_MS):
        raise InputError(
            f"'{text}' is no distance. Write frames, such as -10 for ten frames earlier, or milliseconds, such as 40 ms."
        )
    return round(number * SAMPLE_RATE / 1000) if unit in _MS else round(number * SAMPLE_RATE / rate)


def tone_in_words(text: str) -> tuple[bool, float]:
    """Whether room tone is on, and its gain in dB, as a person writes them: "off", "on", "-6", "+3 dB".

    Raises:
        InputError: It is neither.
    """
    plain = text.strip().lower()
    if plain in ("", "on", "off"):
        return plain != "off", 0.0
    number, unit = _read(text)
    if number is None or unit not in _DB:
        raise InputError(f"'{text}' is no gain. Write decibels, such as -6; or off, or on.")
    return True, float(number)


def stepped_fade(milliseconds: float, step: int) -> float:
    """The next usual length: longer (1) or shorter (-1)."""
    beyond = [each for each in FADES_MS if (each > milliseconds if step > 0 else each < milliseconds)]
    if not beyond:
        return FADES_MS[-1 if step > 0 else 0]
    return min(beyond) if step > 0 else max(beyond)


def nudged(samples: int, frames: int, rate: Fraction) -> int:
    """A distance in samples, that many frames more; whole frames stay whole ones."""
    now = samples * rate / SAMPLE_RATE
    whole = round(now)
    return round(((whole if abs(now - whole) < _WHOLE else now) + frames) * SAMPLE_RATE / rate)


def _read(text: str) -> tuple[Fraction | None, str]:
    """A number and its unit; no number where there is none."""
    plain = text.strip().lower().replace("−", "-")
    found = _NUMBER.fullmatch(plain) if len(plain) <= _LONGEST else None
    if found is None:
        return None, ""
    return Fraction(found[1].replace(",", ".")), found[2]
