"""Levels as clip gain: one gain per voice and register, a few dB per line, and the registers stay in order.

Source: register targets and the anchor on normal dialogue are our own proposal; real whisper lies
17.5 LU under speech, wider than dialogue may range in a mix, so the order is kept and the gap narrowed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.splice.values import GroupLevel

# Within a group a line may lie this far from the mean: a performance keeps its dynamics. What lies farther out is
# brought in, by no more than this: raising a -45 LUFS whisper to -34 lifts its hiss by 11 dB.
MAX_DEVIATION_DB = 6.0
# Two meters that follow BS.1770 annex 2 differ by up to this, and room tone adds to a peak.
PEAK_MARGIN_DB = 0.2
# Where peaks push a louder register down, a quieter one follows to this distance, or to their targets' if that is less.
_KEPT_GAP_LU = 1.0

Group = tuple[str, str]  # voice, register


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is known of one take's level."""

    voice: str
    register: str
    loudness_lufs: float | None  # None: under 400 ms, or silent
    true_peak_dbtp: float
    trim_db: float  # the editor's own, on top

    @property
    def group(self) -> Group:
        return self.voice, self.register


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The gain of every group and the correction of every line, in the order the lines were given."""

    lines: tuple[Line, ...]
    groups: tuple[GroupLevel, ...]
    corrections_db: tuple[float, ...]

    @property
    def gains_db(self) -> tuple[float, ...]:
        by_group = {(level.voice, level.register): level.gain_db for level in self.groups}
        return tuple(
            by_group[line.group] + correction + line.trim_db
            for line, correction in zip(self.lines, self.corrections_db, strict=True)
        )

    def lowered(self, by_db: Mapping[Group, float]) -> "Levels":
        """The same with some groups lowered, and quieter registers with them where they would end up louder."""
        given_up = {
            (level.voice, level.register): level.lowered_db + by_db.get((level.voice, level.register), 0.0)
            for level in self.groups
        }
        for quieter in sorted(self.groups, key=lambda level: -level.target_lufs):
            key = quieter.voice, quieter.register
            for louder in self.groups:
                gap = min(_KEPT_GAP_LU, louder.target_lufs - quieter.target_lufs)
                if gap > 0.0:
                    ceiling = louder.target_lufs - given_up[louder.voice, louder.register] - gap
                    given_up[key] = max(given_up[key], quieter.target_lufs - ceiling)
        return replace(self, groups=tuple(_given_up(level, given_up) for level in self.groups))


def levels_for(
    lines: Sequence[Line], registers: RegisterTable, *, anchor_lufs: float | None, limit_dbtp: float
) -> Levels:
    """The levels of a scene's lines.

    Args:
        lines: Every line of the scene.
        registers: Their targets.
        anchor_lufs: Loudness that `normal` shall have, and the others with it; None: as the registers say.
        limit_dbtp: No line's own true peak exceeds it, by the group's gain and never by limiting.
    """
    offset = 0.0 if anchor_lufs is None else anchor_lufs - registers.get("normal").loudness_lufs
    keys = list(dict.fromkeys(line.group for line in lines))
    means = {key: _mean([line for line in lines if line.group == key]) for key in keys}
    corrections = tuple(_correction(line, means[line.group]) for line in lines)
    measured = {key: _corrected_mean(key, lines, corrections) for key in keys}
    targets = {key: registers.get(key[1]).loudness_lufs + offset for key in keys}
    known = {key: targets[key] - mean for key, mean in measured.items() if mean is not None}
    groups = tuple(
        GroupLevel(
            voice=key[0],
            register=key[1],
            lines=sum(line.group == key for line in lines),
            target_lufs=targets[key],
            measured_lufs=means[key],
            gain_db=known[key] if key in known else _borrowed_gain(key, targets, known),
            lowered_db=0.0,
        )
        for key in keys
    )
    levels = Levels(lines=tuple(lines), groups=groups, corrections_db=corrections)
    return _below_peak(levels, limit_dbtp - PEAK_MARGIN_DB)


def _mean(lines: Sequence[Line]) -> float | None:
    found = [line.loudness_lufs for line in lines if line.loudness_lufs is not None]
    return sum(found) / len(found) if found else None


def _correction(line: Line, mean: float | None) -> float:
    if line.loudness_lufs is None or mean is None:
        return 0.0
    deviation = line.loudness_lufs - mean
    excess = max(0.0, abs(deviation) - MAX_DEVIATION_DB)
    return -min(excess, MAX_DEVIATION_DB) * (1.0 if deviation > 0.0 else -1.0)


def _corrected_mean(key: Group, lines: Sequence[Line], corrections: Sequence[float]) -> float | None:
    found = [
        line.loudness_lufs + correction
        for line, correction in zip(lines, corrections, strict=True)
        if line.group == key and line.loudness_lufs is not None
    ]
    return sum(found) / len(found) if found else None


def _borrowed_gain(key: Group, targets: Mapping[Group, float], known: Mapping[Group, float]) -> float:
    """For a group without one measurable line: the gain of its voice's nearest register, else of any voice's."""
    near = sorted(known, key=lambda other: (other[0] != key[0], abs(targets[other] - targets[key]), other))
    return known[near[0]] if near else 0.0


def _below_peak(levels: Levels, limit_dbtp: float) -> Levels:
    """A lifted line gives up its lift first; what is still too high is taken from the whole group."""
    corrections = list(levels.corrections_db)
    needed: dict[Group, float] = {}
    for index, (line, gain) in enumerate(zip(levels.lines, levels.gains_db, strict=True)):
        excess = line.true_peak_dbtp + gain - limit_dbtp
        if excess > 0.0:
            lift = min(excess, max(0.0, corrections[index]))
            corrections[index] -= lift
            needed[line.group] = max(needed.get(line.group, 0.0), excess - lift)
    kept = replace(levels, corrections_db=tuple(corrections))
    return kept.lowered(needed) if any(needed.values()) else kept


def _given_up(level: GroupLevel, given_up: Mapping[Group, float]) -> GroupLevel:
    lowered = given_up[level.voice, level.register]
    return replace(level, gain_db=level.gain_db - (lowered - level.lowered_db), lowered_db=lowered)
