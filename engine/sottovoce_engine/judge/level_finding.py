"""What is found about the level of a take: a value, without what it takes to measure it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFinding:
    """Loudness and true peak of the speech part."""

    loudness_lufs: float | None  # None: under 400 ms of speech, or silence
    true_peak_dbtp: float  # -120 for silence
    passes: bool | None = None  # no level is wrong before the mix
    why: tuple[str, ...] = ()
