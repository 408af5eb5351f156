"""Which take is the better one: what a person said of it first, then what was measured on it.

    rejected by a person                    never chosen
    approved, circled, starred              before all others, in this order
    fails on the line                       after all that say it
    fails on the register                   after all that are in it
    fails otherwise                         after all that are whole
    half-whispered or in doubt              after all that are clear
    distance to the register, letters that differ, damage, floor

Measures are compared in coarse steps: what nobody hears must not decide before what somebody does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

_DISTANCE_STEP = 0.25  # of what good takes of a register spread by
_CER_STEP = 0.05
_FLOOR_STEP_DB = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was measured on a take, as far as it decides between takes. The defaults are those of an unmeasured one."""

    line_fails: bool = False
    register_fails: bool = False
    other_fails: bool = False  # damage or timing
    amber: bool = False
    distance: float | None = None  # from the register: 0 is right at it
    cer: float | None = None
    damage: int = 0  # kinds of damage that one hears or sees
    floor_db: float | None = None  # under the speech: below 0, the lower the quieter

    @property
    def fails(self) -> bool:
        return self.line_fails or self.register_fails or self.other_fails


class Esteem(IntEnum):
    """What a person thinks of a take, the best first."""

    APPROVED = 0
    CIRCLED = 1
    STARRED = 2
    NONE = 3  # nothing was said, or that it is an alternative
    REJECTED = 4


UNMEASURED = Standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What is known of takes besides themselves, by key."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    esteem: Mapping[str, Esteem] = field(default_factory=dict)
    picked: frozenset[str] = frozenset()  # takes a person chose for their region

    def standing(self, key: str) -> Standing:
        return self.standings.get(key, UNMEASURED)

    def esteemed(self, key: str) -> Esteem:
        return self.esteem.get(key, Esteem.NONE)


NO_OPINIONS = Opinions()


def failing_rank(standing: Standing) -> tuple[bool, ...]:
    """How badly a take fails; the smallest is the best."""
    return standing.line_fails, standing.register_fails, standing.other_fails


def measured_rank(standing: Standing) -> tuple[float, ...]:
    """How well a take is that fails as others do; the smallest is the best."""
    return (
        standing.amber,
        _step(standing.distance, _DISTANCE_STEP),
        _step(standing.cer, _CER_STEP),
        standing.damage,
        _step(standing.floor_db, _FLOOR_STEP_DB),
    )


def _step(value: float | None, step: float) -> float:
    """What is not known ranks with the best: it speaks against nothing."""
    return 0.0 if value is None else round(value / step)
