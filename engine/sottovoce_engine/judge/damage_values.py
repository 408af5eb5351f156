"""What can be wrong with a take's sound or picture, as values an editor can read."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sottovoce_engine.timing import Span


class DamageKind(StrEnum):
    """What is wrong."""

    NOT_A_NUMBER = "not a number"
    SILENCE = "silence"
    CLIPPING = "clipping"
    DC = "dc"
    HUM = "hum"
    DROPOUT = "dropout"
    CLICK = "click"
    LENGTH = "length"
    BLACK = "black picture"
    FROZEN = "frozen picture"
    FRAMES = "frame count"


class Severity(StrEnum):
    """How much it matters."""

    FAILS = "fails"  # the take cannot stay as it is
    NOTICEABLE = "noticeable"  # an editor may keep or mend it


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageFinding:
    """One kind of damage, wherever it is in the take."""

    kind: DamageKind
    severity: Severity
    where: tuple[Span, ...]  # samples at 48 kHz, or frames for the picture; the first ones, where there are many
    places: int  # how many there are
    measured: float
    bar: float  # what `measured` crossed
    unit: str  # of both
    why: tuple[str, ...]  # in words

    @property
    def passes(self) -> bool:
        return self.severity is not Severity.FAILS


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageThresholds:
    """[damage] of thresholds.toml."""

    silence_dbfs: float
    clipped_samples: float
    clipped_pile_up: float
    clipping_fails_percent: float
    dc_noticeable: float
    dc_fails: float
    hum_over_neighbours_db: float
    hum_quietest_dbfs: float
    hum_fails_under_speech_db: float
    dropout_under_floor_db: float
    dropout_edge_db: float
    dropout_shortest_ms: float
    dropout_fails_ms: float
    muted_edge_db: float
    muted_shortest_ms: float
    click_over_usual_db: float
    click_over_surroundings_db: float
    click_quietest_dbfs: float
    clicks_fail_per_s: float
    black_luma: float
    black_fails_share: float
    frozen_difference: float
    frozen_noticeable_s: float
    frozen_fails_share: float


def joined(spans: Iterable[Span], gap: int = 0) -> tuple[Span, ...]:
    """The same ground in order; spans that lie up to `gap` apart become one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start - found[-1].end <= gap:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)
