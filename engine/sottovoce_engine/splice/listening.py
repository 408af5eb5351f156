"""What takes and production sound say before they are mixed: breaths, pauses, loudness."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.media.loudness import LoudnessMeter
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.scene import MediaRange
from sottovoce_engine.splice.fades import Samples
from sottovoce_engine.splice.mix import SourceLayer
from sottovoce_engine.splice.running import OpenSounds
from sottovoce_engine.splice.tone import PAUSE_HOP, hop_powers, quietest_pause
from sottovoce_engine.take import Take
from sottovoce_engine.timing import SAMPLE_RATE, Span

LONGEST_BREATH = SAMPLE_RATE * 4 // 5

_HOP = SAMPLE_RATE // 100
_OVER_FLOOR_DB = 8.0
_QUIETEST_BREATH_DBFS = -75.0
_BEFORE_WORD_HOPS = 15  # a breath ends within 150 ms of its word
_INSIDE_HOPS = 5  # and pauses for no more than 50 ms
# Quieter than this is the room, not speech: an anchor on it would push the whole scene down.
_QUIETEST_DIALOGUE_LUFS = -40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stretch without words that can serve as room tone."""

    source: MediaRange
    seconds: float
    level_dbfs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeHeard:
    """What a take holds beside its words."""

    lead_in: int  # samples from the start of the breath before the line to its first word; 0 without one
    pause: Pause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionHeard:
    """What the timeline's own dialogue holds."""

    loudness_lufs: float | None  # outside regions; None: none there, or nothing but room
    pauses: tuple[Pause, ...]  # the quietest of each file


def take_heard(take: Take, path: str, sounds: OpenSounds) -> TakeHeard:
    """Listens to a take before its first word and after its last."""
    head = Span(max(0, take.speech.start - LONGEST_BREATH), max(0, take.speech.start))
    tail = Span(take.speech.end, max(take.speech.end, min(take.length_samples, take.speech.end + 2 * SAMPLE_RATE)))
    before = sounds.sound(path, head)
    lead_in = breath_before(before)
    quiet = head.length - lead_in
    found = [_pause(path, Fraction(head.start, SAMPLE_RATE), before[:, :quiet])]
    if tail.length >= SAMPLE_RATE // 2:
        found.append(_pause(path, Fraction(tail.start, SAMPLE_RATE), sounds.sound(path, tail)))
    return TakeHeard(lead_in=lead_in, pause=quietest(found))


def production_heard(dialogue: Sequence[SourceLayer], regions: Iterable[Span], job: Job) -> ProductionHeard:
    """Listens to all production dialogue once: its loudness outside `regions` (scene samples), its pauses anywhere."""
    meter, covered = LoudnessMeter(), _joined(regions)
    pauses: dict[str, Pause] = {}
    for layer in dialogue:
        powers = []
        with SoundReader(layer.path) as reader:
            for start in range(layer.span.start, layer.span.end, 20 * PAUSE_HOP):
                job.check()
                part = Span(start, min(start + 20 * PAUSE_HOP, layer.span.end))
                block = reader.read(part.shifted(-layer.origin)) * np.float32(layer.gain)
                powers.append(hop_powers(block))
                for left in _outside(part, covered):
                    meter.add(block[:, left.start - start : left.end - start])
        start_seconds = Fraction(layer.span.start - layer.origin, SAMPLE_RATE)
        pause = _pause_in(layer.path, start_seconds, np.concatenate(powers))
        best = quietest([pauses.get(layer.path), pause])
        if best is not None:
            pauses[layer.path] = best
    loudness = meter.lufs
    heard = loudness if loudness is not None and loudness >= _QUIETEST_DIALOGUE_LUFS else None
    return ProductionHeard(loudness_lufs=heard, pauses=tuple(pauses.values()))


def quietest(pauses: Iterable[Pause | None]) -> Pause | None:
    """The quietest of those that are there."""
    return min((pause for pause in pauses if pause is not None), key=lambda pause: pause.level_dbfs, default=None)


def breath_before(head: Samples) -> int:
    """How many samples at the end of `head` belong to the breath, or the onset, that leads into the word after it."""
    hops = head.shape[1] // _HOP
    if hops < 3:
        return 0
    sound = head[:, head.shape[1] - hops * _HOP :].reshape(2, hops, _HOP).astype(np.float64)
    levels = 10.0 * np.log10(np.mean(sound**2, axis=(0, 2)) + 1e-12)
    floor = np.sort(levels)[: max(1, hops // 3)].mean()
    loud = np.flatnonzero(levels > max(floor + _OVER_FLOOR_DB, _QUIETEST_BREATH_DBFS))[::-1]
    first, allowed = hops, _BEFORE_WORD_HOPS
    for hop in loud:
        if first - hop > allowed + 1:
            break
        first, allowed = int(hop), _INSIDE_HOPS
    return int(hops - first) * _HOP


def _pause(path: str, start_seconds: Fraction, sound: Samples) -> Pause | None:
    return _pause_in(path, start_seconds, hop_powers(sound))


def _pause_in(path: str, start_seconds: Fraction, powers: NDArray[np.float64]) -> Pause | None:
    found = quietest_pause(powers)
    if found is None:
        return None
    return Pause(
        source=MediaRange(path=path, start=start_seconds + Fraction(found.start * PAUSE_HOP, SAMPLE_RATE)),
        seconds=found.length * PAUSE_HOP / SAMPLE_RATE,
        level_dbfs=10.0 * float(np.log10(powers[found.start : found.end].mean())),
    )


def _outside(part: Span, covered: Sequence[Span]) -> Iterator[Span]:
    """What `covered` (in order, never overlapping) leaves of `part`."""
    start = part.start
    for span in covered[bisect_right(covered, start, key=lambda span: span.end) :]:
        if span.start >= part.end:
            break
        if span.start > start:
            yield Span(start, span.start)
        start = span.end
    if start < part.end:
        yield Span(start, part.end)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The same ground in order, without overlaps."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
