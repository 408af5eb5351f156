"""A judgement in a few words, also from what is kept of it on disk, without all that a judge needs."""

import json
from dataclasses import dataclass

from sottovoce_engine.errors import InputError

NOT_JUDGED = "not judged"

_HALF_WHISPERED = "mixed"
_LONGEST = 60  # characters
_WORDS = ("missing", "wrong", "added")  # how reasons begin that name words


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What of a judgement a table has room for."""

    passes: bool
    amber: bool
    verdict: str  # on the register; "" where the file could not be read
    line_fails: bool
    line_why: tuple[str, ...]
    why: tuple[str, ...]  # the worst first

    def words(self, *, strict: bool) -> str:
        """Such as "passes", "amber: half-whispered", "fails: missing: calm"."""
        if self.passes and not self.amber:
            return "passes"
        reason = self.why[0] if self.why else ""
        if self.amber and self.passes:
            reason = "half-whispered" if self.verdict == _HALF_WHISPERED else "whisper or voice, in doubt"
        elif self.line_fails:
            reason = next((why for why in self.line_why if why.startswith(_WORDS)), reason)
        words = f"{'amber' if self.passes and not strict else 'fails'}: {reason}"
        return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"


def outcome_in(text: str | bytes, source: str) -> Outcome:
    """The outcome of a judgement that was kept.

    Raises:
        InputError: It is damaged.
    """
    try:
        value = json.loads(text)["value"]
        return Outcome(
            passes=bool(value["passes"]),
            amber=bool(value["amber"]),
            verdict=str((value["register"] or {}).get("verdict", "")),
            line_fails=value["line"]["passes"] is False,
            line_why=tuple(map(str, value["line"]["why"])),
            why=tuple(map(str, value["why"])),
        )
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{source} is a damaged judgement: {error}. It is made again by the next render.") from error
