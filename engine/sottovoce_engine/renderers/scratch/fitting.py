"""A line fitted to its region: how fast it is said, where it begins, and what is noted when it cannot fit.

window      |    handle    |########### region ###########|    handle    |
fits                         |-- speech, 0.75 to 1.5 x --|
too long                     |---------- speech at 1.5 x ----------|          "runs … over"
far too long                 |---------- faster still -------------------|    "runs … over", "hurried"
"""

import math
from dataclasses import dataclass

import numpy as np

from sottovoce_engine.errors import InputError
from sottovoce_engine.renderers.scratch.performance import Performance
from sottovoce_engine.renderers.scratch.utterance import RATE, Array, Utterance
from sottovoce_engine.renderers.scratch.world import FRAME_SAMPLES, Voicing
from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import SAMPLE_RATE, sample_at

SLOWEST, FASTEST = 0.75, 1.5  # times the natural pace
_HURRIED = 4.0  # beyond, nothing can be understood
_LEAD_FRAMES = 2
_TAIL_FRAMES = 1
_EDGE_SECONDS = 0.06  # of the window, kept free of speech

_TO_48K = SAMPLE_RATE // RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Where the speech lies in the window and how fast it is said."""

    start: int  # 48 kHz samples from the window's first frame
    length: int  # 48 kHz samples of speech, first word's start to last word's end
    pace: float  # times the natural pace
    notes: tuple[str, ...] = ()


def fit_for(job: RenderJob, natural_seconds: float, performance: Performance) -> Fit:
    """The fit of a line that naturally lasts `natural_seconds`.

    Raises:
        InputError: Not even the whole window holds the line at four times its natural pace.
    """
    region = job.region_samples
    frame = sample_at(1, job.rate)
    lead = min(round(frame * (_LEAD_FRAMES + performance.lead_frames)), region.length // 5)
    start = region.start + lead
    room = max(1, region.length - lead - min(round(frame * _TAIL_FRAMES), region.length // 10))
    natural = natural_seconds * SAMPLE_RATE
    length = round(min(max(room, natural / FASTEST), natural / SLOWEST))
    whole = job.length_samples - round(_EDGE_SECONDS * SAMPLE_RATE) - start
    notes = []
    if length > whole:
        if natural / _HURRIED > whole:
            raise _too_long(job, f"{natural_seconds:.1f}", whole / SAMPLE_RATE)
        length = max(1, whole)
        notes.append(f"hurried: said at {natural / length:.1f} times the natural pace, since its window ends")
    over = start + length - region.end
    if over > 0:
        frames = max(1, math.ceil(over / frame))
        notes.insert(0, f"runs {frames} frame{'s' if frames > 1 else ''} over its region")
    return Fit(start=start, length=length, pace=natural / length, notes=tuple(notes))


def refuse_hopeless(job: RenderJob, least_seconds: float) -> None:
    """Spares a line that is far too long for its window from being said first.

    Raises:
        InputError: Even `least_seconds`, which the line cannot do without, are too many.
    """
    there = (job.length_samples - job.region_samples.start) / SAMPLE_RATE
    if least_seconds / _HURRIED > there:
        raise _too_long(job, f"more than {least_seconds:.0f}", there)


def _too_long(job: RenderJob, needed: str, there: float) -> InputError:
    return InputError(
        f"The line '{job.region.line[:40]}' takes {needed} s to say and its window holds {there:.1f} s. "
        "Lengthen the region, or split the line into several."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMap:
    """Where each moment of the utterance lies in the take: straight lines between word edges."""

    said: Array  # seconds in the utterance
    fitted: Array  # seconds from the first word's start in the take; the first word's is 0

    def at(self, said: Array | float) -> Array:
        return np.asarray(np.interp(said, self.said, self.fitted))


def time_map(utterance: Utterance, length: int, performance: Performance) -> TimeMap:
    """The map that makes the speech exactly `length` 48 kHz samples long, words held as performed."""
    knots = [utterance.words[0].span.start]
    holds: list[float] = []
    for index, word in enumerate(utterance.words):
        if index and word.span.start > knots[-1]:
            knots.append(word.span.start)
            holds.append(float(performance.pauses[index - 1]))
        knots.append(max(word.span.end, knots[-1] + 1))
        holds.append(float(performance.words[index]))
    said = np.array(knots) / RATE
    durations = np.diff(said) * np.array(holds)
    fitted = np.concatenate(([0.0], np.cumsum(durations))) * (length / SAMPLE_RATE / durations.sum())
    # Before and after the speech time runs as it does in it.
    rate = fitted[-1] / (said[-1] - said[0])
    before, after = said[0], len(utterance.sound) / RATE - said[-1]
    return TimeMap(
        said=np.concatenate(([0.0], said, [said[-1] + max(after, 0.0) + 0.001])),
        fitted=np.concatenate(([-before * rate], fitted, [fitted[-1] + (max(after, 0.0) + 0.001) * rate])),
    )


def melody(utterance: Utterance, timing: TimeMap, performance: Performance, frames: int) -> Array:
    """Semitones by which the performance lifts each of `frames` 5 ms frames, from the map's first moment."""
    middles = np.array([(word.span.start + word.span.end) / 2 for word in utterance.words]) / RATE
    at = timing.fitted[0] + np.arange(frames) * (FRAME_SAMPLES / RATE)
    return np.asarray(np.interp(at, timing.at(middles), performance.accents))


def retimed(voicing: Voicing, timing: TimeMap) -> Voicing:
    """`voicing` along the map: the frame of each 5 ms of the take, from the map's first moment."""
    step = FRAME_SAMPLES / RATE
    frames = max(2, round((timing.fitted[-1] - timing.fitted[0]) / step))
    wanted = np.interp(timing.fitted[0] + np.arange(frames) * step, timing.fitted, timing.said) / step
    place = np.clip(wanted, 0.0, len(voicing.f0) - 1.001)
    below = place.astype(int)
    share = place - below
    nearest = np.clip(np.round(wanted).astype(int), 0, len(voicing.f0) - 1)
    low, high = voicing.f0[below], voicing.f0[below + 1]
    f0 = np.where((low > 0.0) & (high > 0.0), low * (1.0 - share) + high * share, voicing.f0[nearest])
    weights = share[:, None]
    return Voicing(
        f0=f0,
        envelope=voicing.envelope[below] * (1.0 - weights) + voicing.envelope[below + 1] * weights,
        breath=voicing.breath[below] * (1.0 - weights) + voicing.breath[below + 1] * weights,
    )
