"""What judges takes, here or in a process of its own, and what tells one such judge from another."""

from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Protocol

from sottovoce_engine.judge.effort import NormalVoice
from sottovoce_engine.judge.judgement import Judgement
from sottovoce_engine.judge.neighbours import ProductionSound
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import threshold_tables
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.take import Take

VERSION = 1  # of the measurements; counts up when the same sound would be judged otherwise


class TakeJudge(Protocol):
    """Thresholds and what listens; asked from one thread at a time."""

    @property
    def register_thresholds(self) -> RegisterThresholds:
        """What registers are told by."""
        ...

    @property
    def fingerprint(self) -> str:
        """Of the thresholds and the engines. A judgement by another one is made anew."""
        ...

    def judged_take(
        self,
        take: Take,
        path: Path,
        *,
        normal: NormalVoice | None = None,
        guide: ProductionSound | None = None,
        beside: Sound | None = None,
        production: str = "",
    ) -> Judgement:
        """A take of any renderer.

        Args:
            take: The take.
            path: Its media.
            normal: How its voice speaks normally.
            guide: The line it replaces as it was shot, its span in samples from the take's first; None where the
                lips that are seen are not those of that line.
            beside: The production dialogue near its region, `[2, samples]`.
            production: Tells these two from any others; kept with the judgement.

        Raises:
            InputError: The media cannot be read.
            RenderError: The recogniser failed on it.
        """
        ...


def fingerprint_of(thresholds_file: Path | None, recogniser: str | None, language: str | None) -> str:
    """Of a judge with these thresholds over the shipped ones, this recogniser if any, and this language if one is set."""
    tables = threshold_tables(thresholds_file)
    values = [f"{table}.{name}={entry.value!r}" for table in tables for name, entry in sorted(tables[table].items())]
    engine = ["pocketsphinx", metadata.version("pocketsphinx")]
    if recogniser is not None:
        engine = ["faster-whisper", metadata.version("faster-whisper"), recogniser]
    return sha256("\n".join([str(VERSION), *values, *engine, language or ""]).encode()).hexdigest()[:32]
