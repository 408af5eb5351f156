"""What the page shows of sound, as it was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sottovoce_engine.timing import Span


class Voiced(StrEnum):
    """What a moment of a take is."""

    VOICED = "voiced"
    WHISPERED = "whispered"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A short stretch of a waveform."""

    lowest: float  # -1..1, relative to the take's own peak
    highest: float
    voiced: Voiced


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSound:
    """A take's sound as the page shows it. Samples count from the take's first, at 48 kHz."""

    length_samples: int
    region: Span  # what is used in the scene; the handles lie beyond it
    moments: tuple[Moment, ...]  # the take from its start to its end, in equal parts
    words: tuple[tuple[str, Span], ...]
    words_estimated: bool
    audio: str  # data URI


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudnessCurve:
    """The scene's loudness over time, as points of (second, LUFS); -120 is silence.

    Source: EBU Tech 3341, momentary (400 ms) and short-term (3 s) loudness after ITU-R BS.1770-4. Meters show a
    window's loudness at its end; here it stands at the window's middle, above the words that made it.
    """

    seconds: float  # of the scene
    momentary_lufs: tuple[tuple[float, float], ...]
    short_term_lufs: tuple[tuple[float, float], ...]
    integrated_lufs: float | None  # None: shorter than 400 ms, or silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """All sound of the page; where something could not be read, why not."""

    takes: Mapping[str, TakeSound | str]  # by region id
    loudness: LoudnessCurve | str
    bars: tuple[float, float]  # v below which a take is whispered, and above which it is voiced
