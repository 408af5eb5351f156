"""What the judge finds out about a line: whether it is said, and which words differ."""

from dataclasses import dataclass
from enum import StrEnum

from sottovoce_engine.judge.word_diff import Change
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import Span


class LineVerdict(StrEnum):
    """Whether a take says its line."""

    SAID = "said"
    NOT_SAID = "not said"
    NOT_CONTRADICTED = "not contradicted"  # the line may lie in the sound; that proves nothing
    CONTRADICTED = "contradicted"  # the line does not fit the sound
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordDiff:
    """Words of the line beside what was heard in their place."""

    change: Change
    line: str  # as written where the whole word is meant, else as it is spoken; "" where words were added
    heard: str  # as the recogniser wrote it; "" where words are missing
    span: Span  # samples from the take's start; where they should lie, for missing words


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFinding:
    """Whether the line is said, who says so, and what speaks against it."""

    verdict: LineVerdict
    passes: bool | None  # None: not known; nothing but a recogniser says True
    why: tuple[str, ...]
    by: str  # "faster-whisper <model>", "pocketsphinx", or "" where nobody listened
    language: str | None = None  # "en"
    cer: float | None = None  # letters that differ, per letter of the line; None: nothing was recognised
    bound: float | None = None  # what `cer` or `fit` was compared with
    fit: float | None = None  # of the alignment: natural log per frame, 0 at best
    heard: str = ""
    diff: tuple[WordDiff, ...] = ()
    words: tuple[SpokenWord, ...] = ()  # the line's words, where they were found
