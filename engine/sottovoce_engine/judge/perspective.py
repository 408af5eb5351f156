r"""How near and how dry a take sounds beside the production sound: a note for the mix, never a verdict.

    level   ‾‾\                 a dry voice stops at once
               \__________
            ‾‾\_
                ‾‾\__           in a room it fades, by 60 dB in the room's reverberation time
                     ‾‾\___

Source: the fastest decays of speech as a blind measure of reverberation, after Ratnam et al., J. Acoust.
Soc. Am. 114 (2003).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.timing import SAMPLE_RATE

Sound = NDArray[np.float32]  # [channels, samples]

_HOP = SAMPLE_RATE // 200
_HOP_S = 0.005
_SMOOTHED = 3  # hops
_FALL = 8  # hops: 40 ms
_FASTEST = 90  # percentile of the falls
_FEWEST_FALLS = 5
_ACTIVE_DB = 20.0  # under its loud parts speech is still speech
_ABOVE_FLOOR_DB = 6.0
_FLOOR, _SPEECH = 5, 95  # percentiles of the hops' levels
_LEAST_RANGE_DB = 15.0  # room tone alone has less
_LEAST_SPEECH_S = 0.5
_DECAY_RANGE_DB = 24.0  # speech over floor below which the floor hides the decays
_DRY_DB_PER_S = 250.0  # faster decays are the mouth's: registers differ in them, rooms do not
_WINDOW = 2_048
_OCTAVES_HZ = (250, 500, 1_000, 2_000, 4_000, 8_000)
_LONGEST = 60 * SAMPLE_RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class PerspectiveThresholds:
    """[perspective] of thresholds.toml: differences worth a note."""

    decay_ratio: float
    tilt_db_per_octave: float
    floor_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Perspective:
    """What a voice's recording tells of its room."""

    decay_db_per_s: float | None  # 250 is dry; None: too much noise to tell
    tilt_db_per_octave: float
    floor_under_speech_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PerspectiveFinding:
    """The take beside the production sound. It never decides whether the take passes."""

    take: Perspective
    production: Perspective
    passes: None = None
    why: tuple[str, ...]


def judged_perspective(
    take: Sound, production: Sound | None, *, same_effort: bool, thresholds: PerspectiveThresholds
) -> PerspectiveFinding | None:
    """The two beside each other; None where either holds too little speech to compare, or there is no production sound.

    Args:
        take: `[channels, samples]` at 48 kHz.
        production: The dialogue near the region; None where there is none.
        same_effort: Whether both speak alike: a whisper beside speech is brighter, and nearer the floor, in any room.
        thresholds: [perspective].
    """
    here = perspective_of(take)
    there = perspective_of(production) if production is not None else None
    if here is None or there is None:
        return None
    return PerspectiveFinding(take=here, production=there, why=_words(here, there, same_effort, thresholds))


def perspective_of(sound: Sound) -> Perspective | None:
    """What the first minute of the sound tells of its room; None where it holds too little speech."""
    mono = np.nan_to_num(sound[:, :_LONGEST].astype(np.float32), posinf=0.0, neginf=0.0).clip(-16.0, 16.0).mean(axis=0)
    if mono.size < _LEAST_SPEECH_S * SAMPLE_RATE:
        return None
    levels = _levels(mono)
    floor, speech = (float(level) for level in np.percentile(levels, (_FLOOR, _SPEECH)))
    active = levels >= speech - _ACTIVE_DB
    if speech - floor < _LEAST_RANGE_DB or np.count_nonzero(active) * _HOP_S < _LEAST_SPEECH_S:
        return None
    return Perspective(
        decay_db_per_s=_decay(levels, floor, speech) if speech - floor >= _DECAY_RANGE_DB else None,
        tilt_db_per_octave=_tilt(mono),
        floor_under_speech_db=speech - floor,
    )


def _levels(mono: NDArray[np.float32]) -> NDArray[np.float64]:
    """Level (dB) of the waveform's slope every 5 ms: high frequencies fade with the room, rumble does not."""
    slope = np.diff(mono)
    count = slope.size // _HOP
    powers = (slope[: count * _HOP].reshape(count, _HOP).astype(np.float64) ** 2).mean(axis=1)
    levels: NDArray[np.float64] = 10.0 * np.log10(np.convolve(powers, np.ones(_SMOOTHED) / _SMOOTHED, "same") + 1e-12)
    return levels


def _decay(levels: NDArray[np.float64], floor: float, speech: float) -> float | None:
    """How fast the voice's fastest falls are, between its loud parts and the floor."""
    before, after = levels[:-_FALL], levels[_FALL:]
    falls = (before - after)[(before >= speech - _ACTIVE_DB) & (after >= floor + _ABOVE_FLOOR_DB) & (before > after)]
    if falls.size < _FEWEST_FALLS:
        return None
    return min(_DRY_DB_PER_S, float(np.percentile(falls, _FASTEST)) / (_FALL * _HOP_S))


def _tilt(mono: NDArray[np.float32]) -> float:
    """Slope of the octave levels of the loud parts, in dB an octave."""
    window = np.hanning(_WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, _WINDOW)[:: _WINDOW // 2] * window
    powers = np.abs(np.fft.rfft(frames)) ** 2
    edges = np.array([_OCTAVES_HZ[0] / 2**0.5, *(hertz * 2**0.5 for hertz in _OCTAVES_HZ)])
    bins = np.round(edges * _WINDOW / SAMPLE_RATE).astype(int)
    octaves = np.add.reduceat(powers[:, : bins[-1]], bins[:-1], axis=1)
    totals = octaves.sum(axis=1)
    loud = totals >= np.percentile(totals, _SPEECH) / 10 ** (_ACTIVE_DB / 10)
    levels = 10.0 * np.log10(octaves[loud].mean(axis=0) + 1e-12)
    return float(np.polyfit(np.arange(levels.size), levels, 1)[0])


def _words(
    take: Perspective, production: Perspective, same_effort: bool, thresholds: PerspectiveThresholds
) -> tuple[str, ...]:
    said = []
    if take.decay_db_per_s is not None and production.decay_db_per_s is not None:
        ratio = take.decay_db_per_s / production.decay_db_per_s
        if max(ratio, 1.0 / ratio) >= thresholds.decay_ratio:
            drier = "closer and drier" if ratio > 1.0 else "more distant, in more room,"
            times = (
                f"{60.0 / take.decay_db_per_s:.1f} s against {60.0 / production.decay_db_per_s:.1f} s to fall by 60 dB"
            )
            said.append(f"sounds {drier} than the production sound beside it: {times}")
    tilt = take.tilt_db_per_octave - production.tilt_db_per_octave
    if same_effort and abs(tilt) >= thresholds.tilt_db_per_octave:
        brighter = "brighter" if tilt > 0.0 else "duller"
        said.append(f"sounds {brighter} than the production sound beside it, by {abs(tilt):.1f} dB an octave")
    floor = take.floor_under_speech_db - production.floor_under_speech_db
    if same_effort and abs(floor) >= thresholds.floor_db:
        quieter = "quieter" if floor > 0.0 else "noisier"
        said.append(f"its room is {abs(floor):.0f} dB {quieter} under the voice than that of the production sound")
    return tuple(said)
