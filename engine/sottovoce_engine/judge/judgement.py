"""What the judge says of one sound, put together: every finding, whether it passes, and why in words.

fails     a finding says no                   the take is rejected; nothing better is there when it is shown
amber     half-whispered, or in doubt         passes, unless the person is strict
passes    no finding says no                  what could not be checked says nothing
"""

from dataclasses import dataclass, replace
from itertools import chain
from typing import Self

from sottovoce_engine.codec import from_json, to_json
from sottovoce_engine.judge.damage_values import DamageFinding
from sottovoce_engine.judge.level_finding import LevelFinding
from sottovoce_engine.judge.line_finding import LineFinding, LineVerdict
from sottovoce_engine.judge.outcome import NOT_JUDGED, Outcome
from sottovoce_engine.judge.perspective import PerspectiveFinding
from sottovoce_engine.judge.register_finding import RegisterFinding
from sottovoce_engine.judge.timing import TimingFinding

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Everything that was found out about one sound."""

    register: RegisterFinding | None  # None: the file could not be read
    line: LineFinding
    damage: tuple[DamageFinding, ...]  # of the sound and the picture, the gravest first
    timing: TimingFinding | None  # None: a file by itself, which lies in no region
    perspective: PerspectiveFinding | None  # None: no production sound is near, or too little speech to compare
    level: LevelFinding | None  # None: the file could not be read
    passes: bool
    amber: bool
    why: tuple[str, ...]  # in words, the worst first
    judged_by: str  # fingerprint of the judge
    floor_db: float | None = None  # of what lies between the words, under the speech; None: one of the two is missing
    production: str = ""  # tells the production sound it was compared with from any other; "" where there is none

    def passing(self, *, strict: bool) -> bool:
        """Whether the take can stay."""
        return self.passes and not (strict and self.amber)

    def strictly(self) -> Self:
        """The same by a strict judge, with whom amber does not pass."""
        if self.register is None or not self.amber:
            return self
        return replace(self, passes=False, register=replace(self.register, passes=False))


def judgement_of(
    *,
    register: RegisterFinding,
    line: LineFinding,
    damage: tuple[DamageFinding, ...],
    timing: TimingFinding | None,
    perspective: PerspectiveFinding | None,
    level: LevelFinding,
    judged_by: str,
    floor_db: float | None = None,
    production: str = "",
) -> Judgement:
    """The findings put together."""
    whole = Judgement(
        register=register,
        line=line,
        damage=damage,
        timing=timing,
        perspective=perspective,
        level=level,
        passes=True,
        amber=register.amber,
        why=(),
        judged_by=judged_by,
        floor_db=floor_db,
        production=production,
    )
    return replace(whole, passes=not _failing(whole), why=_why(whole))


def with_register(judgement: Judgement, register: RegisterFinding) -> Judgement:
    """`judgement` with another finding about the register."""
    whole = replace(judgement, register=register, amber=register.amber)
    return replace(whole, passes=not _failing(whole), why=_why(whole))


def unreadable(reason: str, judged_by: str) -> Judgement:
    """The judgement of a file that cannot be read, for that reason."""
    line = LineFinding(verdict=LineVerdict.NOT_CHECKED, passes=None, why=(), by="")
    return Judgement(
        register=None,
        line=line,
        damage=(),
        timing=None,
        perspective=None,
        level=None,
        passes=False,
        amber=False,
        why=(reason,),
        judged_by=judged_by,
    )


def headline(judgement: Judgement | None, *, strict: bool = False) -> str:
    """The judgement in a few words, for a table's cell: "passes", "amber: half-whispered", "fails: missing: calm"."""
    if judgement is None:
        return NOT_JUDGED
    outcome = Outcome(
        passes=judgement.passes,
        amber=judgement.amber,
        verdict="" if judgement.register is None else judgement.register.verdict,
        line_fails=judgement.line.passes is False,
        line_why=judgement.line.why,
        why=judgement.why,
    )
    return outcome.words(strict=strict)


def judgement_as_json(judgement: Judgement) -> str:
    """What is kept on disk."""
    return to_json(judgement, format_version=FORMAT)


def judgement_from_json(text: str | bytes, source: str) -> Judgement:
    """What `judgement_as_json` wrote.

    Raises:
        InputError: It is damaged, or was written by a newer version.
    """
    return from_json(text, Judgement, format_version=FORMAT, source=source)


_Finding = LineFinding | RegisterFinding | DamageFinding | TimingFinding | PerspectiveFinding | LevelFinding


def _findings(judgement: Judgement) -> list[_Finding]:
    """In the order in which they reject a take."""
    found: list[_Finding | None] = [judgement.line, judgement.register, *judgement.damage]
    found += [judgement.timing, judgement.perspective, judgement.level]
    return [finding for finding in found if finding is not None]


def _failing(judgement: Judgement) -> list[_Finding]:
    return [finding for finding in _findings(judgement) if finding.passes is False]


def _why(judgement: Judgement) -> tuple[str, ...]:
    """What fails, then what is amber, then damage one hears, then what an editor may want to know."""
    found, line = _findings(judgement), judgement.line

    def gravity(finding: _Finding) -> int:
        if finding.passes is False:
            return 0
        if finding is judgement.register:
            return 1 if judgement.amber else 3
        if finding is line:
            return 3 if line.passes else 4  # what was not checked is no reproach
        return 2 if isinstance(finding, DamageFinding) else 3

    return tuple(chain.from_iterable(finding.why for finding in sorted(found, key=gravity)))
