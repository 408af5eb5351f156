"""Regions that are suggested, as values; what listens for them is `suggesting.py`."""

from dataclasses import dataclass

from sottovoce_engine.judge.register_finding import RegisterFinding
from sottovoce_engine.scene import Gender, Region, Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A stretch of speech, as a region would have it."""

    region: Region  # its line is "" where nothing listened, or nothing was understood
    gender: Gender
    finding: RegisterFinding

    @property
    def voice(self) -> Voice:
        """Who speaks, where the scene has no voice of that name."""
        return Voice(name=self.region.voice, gender=self.gender)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """All that a timeline's own sound suggests."""

    found: tuple[Suggestion, ...]
    notes: tuple[str, ...]
