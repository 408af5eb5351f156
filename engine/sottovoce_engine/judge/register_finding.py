"""What the judge found out about a take's register."""

from dataclasses import dataclass
from enum import StrEnum

from sottovoce_engine.timing import Span


class Verdict(StrEnum):
    """What a take is."""

    WHISPER = "whisper"
    MIXED = "mixed"  # partly whispered, partly voiced
    VOICED = "voiced"
    UNCERTAIN = "uncertain"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordVoicing:
    """One word's voice."""

    text: str
    span: Span  # samples from the take's start
    v: float | None  # None: too little of it stands out of the floor
    verdict: Verdict  # WHISPER, VOICED or UNCERTAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """The effort of one take."""

    effort_db: float  # relative to normal
    reference: str  # whose normal speech: the voice's own takes', or published voices'
    f0_semitones: float  # over the reference
    alpha_db: float  # over the reference
    level_db: float | None  # over the reference; None where levels are not trusted
    nearest: str  # the register whose effort lies nearest
    expected_db: float | None  # of the register asked for; None where it has none
    score: float | None  # 0..1: how well it fits that register
    distance: float | None  # from it, in spreads


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFinding:
    """The register of a take. Shares, scores and v lie between 0 and 1."""

    asked: str
    verdict: Verdict
    v: float | None  # None: silent
    voiced_share: float | None  # of the frames, by DIO; None where v left no doubt
    stretches: float  # how much of the speech lies in voiced stretches
    words: tuple[WordVoicing, ...]
    speech_seconds: float
    f0_hz: float | None  # None: no voice
    alpha_db: float | None  # None: silent
    effort: Effort | None  # of a voiced take
    distance: float | None  # from the register asked for: 0 is right at it. Ranks takes, gates none
    passes: bool | None  # None: not checked
    amber: bool  # mixed or uncertain: usable, and worth a listen
    why: tuple[str, ...]
