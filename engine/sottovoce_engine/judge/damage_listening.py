"""Listening for damage stretch by stretch: three hours need no more memory than ten seconds.

sound     |--------- stretch ---------|--------- stretch ---------|
heard  ...~~~|                     |~~~          a second more on both sides: a hole may lie across the edge
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.damage_clicks import GRAIN, clicks_in
from sottovoce_engine.judge.damage_clipping import clipped_in
from sottovoce_engine.judge.damage_dropouts import holes_in
from sottovoce_engine.judge.damage_hum import SHORTEST, Hum, hum_in
from sottovoce_engine.judge.damage_values import DamageThresholds, joined
from sottovoce_engine.timing import SAMPLE_RATE, Span

Sound = NDArray[np.float32]  # [channels, samples]
Read = Callable[[Span], Sound]

SILENCE_DBFS = -120.0

_STRETCH = 10 * SAMPLE_RATE
_BESIDE = SAMPLE_RATE
_LEVEL_HOP = SAMPLE_RATE // 10
_LOUDEST = 16.0  # a broken file's values are cut there, 24 dB over full scale, so that their squares stay numbers
_BESIDE_A_HOLE = SAMPLE_RATE * 5 // 1000  # its edges bend like clicks
_ONE_TOP = SAMPLE_RATE * 50 // 1000  # clipped tops no further apart are one place


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """The clicks of a stretch."""

    at: tuple[Span, ...]
    highest_db: float  # over what is usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a stretch of sound holds; places in samples from the whole sound's start."""

    span: Span
    not_numbers: tuple[Span, ...]
    sums: tuple[float, ...]  # of each channel's samples
    loudest_dbfs: float  # of its tenths of a second
    loudest_in_speech_dbfs: float
    clipped: tuple[Span, ...]
    clipped_percent: float  # of its worst second
    holes: tuple[Span, ...]
    clicks: Clicks
    hum: Hum | None  # None: too short to tell


def heard(read: Read, length_samples: int, speech: Span | None, thresholds: DamageThresholds) -> Iterator[Heard]:
    """Each stretch of the sound in order.

    Args:
        read: Gives the sound over a span of samples.
        length_samples: Of the sound.
        speech: From the first word to the last; None where no word is known.
        thresholds: [damage].
    """
    for stretch in _stretches(length_samples):
        around = stretch.grown(_BESIDE, _BESIDE).common(Span(0, length_samples)) or stretch
        yield _heard(np.asarray(read(around), np.float32), around, stretch, speech, thresholds)


def _stretches(length: int) -> Iterator[Span]:
    """The last one takes in what would be too short to stand alone."""
    start = 0
    while start < length:
        end = start + _STRETCH
        end = length if end + SHORTEST > length else end
        yield Span(start, end)
        start = end


def _heard(sound: Sound, around: Span, stretch: Span, speech: Span | None, thresholds: DamageThresholds) -> Heard:
    sound, not_numbers = _numbers(sound)
    channels = sound[:1] if sound.shape[0] == 2 and np.array_equal(sound[0], sound[1]) else sound
    inner = channels[:, stretch.start - around.start : stretch.end - around.start]
    clipped = [clipped_in(channel, thresholds) for channel in inner]
    holes = joined(hole for channel in channels for hole in holes_in(channel, thresholds))
    hums = [hum_in(channel) for channel in inner] if stretch.length >= SHORTEST else []
    levels = _levels(inner)
    return Heard(
        span=stretch,
        not_numbers=_within(not_numbers, around, stretch),
        sums=tuple(float(total) for total in np.broadcast_to(inner.sum(axis=1, dtype=np.float64), sound.shape[0])),
        loudest_dbfs=_loudest(levels, Span(0, levels.size)),
        loudest_in_speech_dbfs=_loudest(levels, _hops(speech, stretch)),
        clipped=joined((top.shifted(stretch.start) for found in clipped for top in found.tops), _ONE_TOP),
        clipped_percent=max((found.worst_percent for found in clipped), default=0.0),
        holes=_within(holes, around, stretch),
        clicks=_clicks(channels, around, stretch, joined((*holes, *not_numbers)), thresholds),
        hum=max(hums, key=lambda hum: hum.over_db, default=None),
    )


def _numbers(sound: Sound) -> tuple[Sound, tuple[Span, ...]]:
    """The sound with zeros for what is no number, and where that was."""
    if -_LOUDEST <= sound.min(initial=0.0) <= sound.max(initial=0.0) <= _LOUDEST:  # never true of what is no number
        return sound, ()
    bad = ~np.isfinite(sound).all(axis=0)
    edges = np.flatnonzero(np.diff(bad.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    mended = np.clip(np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0), -_LOUDEST, _LOUDEST)
    return mended, joined((Span(int(start), int(end)) for start, end in edges), GRAIN)


def _within(spans: tuple[Span, ...], around: Span, stretch: Span) -> tuple[Span, ...]:
    """Those that begin in the stretch, counted from the whole sound's start."""
    moved = (span.shifted(around.start) for span in spans)
    return tuple(span for span in moved if stretch.start <= span.start < stretch.end)


def _clicks(
    channels: Sound, around: Span, stretch: Span, broken: tuple[Span, ...], thresholds: DamageThresholds
) -> Clicks:
    """The clicks of all channels, but for the edges of what is broken anyway."""
    found: dict[Span, float] = {}
    for channel in channels:
        grains, heights = clicks_in(channel, thresholds)
        for grain, height in zip(grains * GRAIN, heights, strict=True):
            span = Span(int(grain), int(grain) + GRAIN)
            if not any(part.grown(_BESIDE_A_HOLE, _BESIDE_A_HOLE).overlaps(span) for part in broken):
                found[span] = max(found.get(span, 0.0), float(height))
    inside = {span: height for span, height in found.items() if _within((span,), around, stretch)}
    return Clicks(
        at=_within(joined(inside, GRAIN), around, stretch), highest_db=max(inside.values(), default=SILENCE_DBFS)
    )


def _levels(channels: Sound) -> NDArray[np.float64]:
    """Mean square of each tenth of a second, of the louder channel; of the whole where it is shorter."""
    hop = min(_LEVEL_HOP, channels.shape[1])
    count = channels.shape[1] // hop
    hops = channels[:, : count * hop].reshape(channels.shape[0], count, hop)
    powers: NDArray[np.float64] = (np.einsum("chs,chs->ch", hops, hops) / hop).max(axis=0).astype(np.float64)
    return powers


def _hops(speech: Span | None, stretch: Span) -> Span:
    """The tenths of a second of the stretch that hold speech."""
    inside = speech.common(stretch) if speech is not None else None
    if inside is None:
        return Span(0, 0)
    return Span((inside.start - stretch.start) // _LEVEL_HOP, -(-(inside.end - stretch.start) // _LEVEL_HOP))


def _loudest(powers: NDArray[np.float64], hops: Span) -> float:
    power = float(powers[hops.start : hops.end].max(initial=0.0))
    return max(SILENCE_DBFS, 10.0 * float(np.log10(power))) if power > 0.0 else SILENCE_DBFS
