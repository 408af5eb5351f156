"""Which register a take is spoken in: what was measured, and whether it is the one that was asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterThresholds:
    """[register] of thresholds.toml."""

    whisper_below: float
    voiced_above: float
