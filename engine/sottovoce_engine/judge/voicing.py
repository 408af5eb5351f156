"""How much voice is in a sound: measured every 10 ms, on the frames in which somebody speaks.

    sound 48 kHz -> mono -> 16 kHz            -> levels  of each 10 ms
                               '-> 8 kHz band -> v, f0   of each 10 ms

    v        peak of the normalised autocorrelation: about 0.4 in whispers, above 0.7 in voice
    active   somebody speaks: the level stands out of the floor and lies near the loudest

A whisper is no louder than many floors and speech detectors take it for none: only levels decide.

Sources: autocorrelation as a mark of whisper, arXiv 1809.07832; alpha ratio, Frøkjær-Jensen and Prytz (1976).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import fft, signal

from sottovoce_engine.judge.periodicity import HOP, RATE, peaks
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.vocoder import world
from sottovoce_engine.timing import SAMPLE_RATE, Span

FRAME_SAMPLES = SAMPLE_RATE // 100  # at 48 kHz

Read = Callable[[Span], Sound]

_FINE, _FINE_HOP, _FINE_WINDOW = 16_000, 160, 256
_SPEECH_HZ = (250.0, 3000.0)  # holds vowels and whispers, and neither rumble nor most of an s
_LOW_HZ, _HIGH_HZ = (50.0, 1000.0), (1000.0, 5000.0)  # the two sides of the alpha ratio


_STRETCH = 30 * SAMPLE_RATE
_BESIDE = SAMPLE_RATE // 4
_KEPT = 600 * SAMPLE_RATE

_LOUDEST = 1e6  # far beyond any sound; its squares are numbers still
_LOWEST_DB = -150.0
_TOP_FRAMES = 8  # what stands out for less is a click or a knock
_FLOOR_PERCENTILE = 10
_OVER_FLOOR_DB, _UNDER_TOP_DB = 6.0, 10.0
_STRETCH_FRAMES = 6  # 60 ms: noise has single frames with a peak, never a row of them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Voicing:
    """A sound frame by frame; every array is `[frames]`, frame n begins at sample n * FRAME_SAMPLES of 48 kHz."""

    v: NDArray[np.float32]  # 0..1
    f0_hz: NDArray[np.float32]  # the frame's own period; means nothing where v is low
    speech_power: NDArray[np.float32]  # mean square, 250 to 3000 Hz
    low_power: NDArray[np.float32]  # up to 1 kHz
    high_power: NDArray[np.float32]  # 1 to 5 kHz
    active: NDArray[np.bool_]
    coarse: NDArray[np.float32]  # [samples] mono at 8 kHz, of the first ten minutes
    why_silent: str  # "" where somebody speaks


def frames_of(span: Span) -> slice:
    """The frames whose middles lie in `span`, samples at 48 kHz."""
    half = FRAME_SAMPLES // 2
    return slice(max(0, (span.start + half) // FRAME_SAMPLES), max(0, (span.end + half) // FRAME_SAMPLES))


def voicing_of(sound: Sound, thresholds: RegisterThresholds) -> Voicing:
    """The voicing of `[channels, samples]` at 48 kHz. Values that are no numbers count as silence."""
    return voicing_from(lambda span: sound[:, span.start : span.end], sound.shape[1], thresholds)


def voicing_from(read: Read, length_samples: int, thresholds: RegisterThresholds) -> Voicing:
    """As `voicing_of`, for sound of any length that is read stretch by stretch, such as by `SoundReader.read`."""
    whole = Span(0, length_samples // FRAME_SAMPLES * FRAME_SAMPLES)
    parts = [
        _part(read, Span(start, min(start + _STRETCH, whole.end)), whole) for start in range(0, whole.end, _STRETCH)
    ]
    rows, coarse = zip(*parts, strict=True) if parts else ((np.zeros((5, 0), np.float32),), (np.zeros(0, np.float32),))
    v, f0, speech, low, high = np.concatenate(rows, axis=1)
    active, why = _active(speech, v, thresholds)
    return Voicing(
        v=v,
        f0_hz=f0,
        speech_power=speech,
        low_power=low,
        high_power=high,
        active=active,
        coarse=np.concatenate(coarse[: _KEPT // _STRETCH]),
        why_silent=why,
    )


def _part(read: Read, stretch: Span, whole: Span) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """v, f0 and three powers of the frames of a stretch, `[5, frames]`, and its sound at 8 kHz.

    Filters need what lies beside the stretch to settle:

        read     |---|------ stretch ------|---|
    """
    around = stretch.grown(_BESIDE, _BESIDE).common(whole) or stretch
    fine = _resampled(_mono(read(around)), SAMPLE_RATE, _FINE)
    coarse = _resampled(fine, _FINE, RATE)
    powers = _powers(fine)
    rows = np.concatenate([np.stack(peaks(coarse, powers.shape[1])), powers])
    first, count = (stretch.start - around.start) // FRAME_SAMPLES, stretch.length // FRAME_SAMPLES
    return rows[:, first : first + count], coarse[first * HOP : (first + count) * HOP]


def mean_v(voicing: Voicing, frames: NDArray[np.bool_]) -> float | None:
    """V over `frames`; None where there are none."""
    return float(voicing.v[frames].mean(dtype=np.float64)) if frames.any() else None


def alpha_db(voicing: Voicing, frames: NDArray[np.bool_]) -> float | None:
    """Energy from 1 to 5 kHz over that below 1 kHz, in dB, the floor's own share taken out; None without speech."""
    if not frames.any():
        return None
    floor = ~voicing.active
    sides = []
    for power in (voicing.high_power, voicing.low_power):
        spoken = float(power[frames].mean(dtype=np.float64))
        under = float(np.median(power[floor])) if floor.sum() >= _STRETCH_FRAMES else 0.0
        sides.append(max(spoken - under, spoken * 0.05))
    return 10.0 * float(np.log10(sides[0] / sides[1])) if min(sides) > 0.0 else None


def median_f0_hz(voicing: Voicing, frames: NDArray[np.bool_], voiced_above: float) -> float | None:
    """The middle pitch of the frames that are voiced; None where fewer than 60 ms are."""
    voiced = frames & (voicing.v > voiced_above)
    return float(np.median(voicing.f0_hz[voiced])) if voiced.sum() >= _STRETCH_FRAMES else None


def in_stretches(voicing: Voicing, frames: NDArray[np.bool_], voiced_above: float) -> NDArray[np.bool_]:
    """Those of `frames` that lie in stretches of 60 ms and more that are voiced throughout."""
    voiced = (frames & (voicing.v > voiced_above)).astype(np.int8)
    edges = np.flatnonzero(np.diff(voiced, prepend=np.int8(0), append=np.int8(0)))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    found = np.zeros(len(frames), bool)
    for start, length in zip(starts, lengths, strict=True):
        found[start : start + length] = length >= _STRETCH_FRAMES
    return found


def stretches_share(voicing: Voicing, frames: NDArray[np.bool_], voiced_above: float) -> float:
    """How much of `frames` lies in stretches of 60 ms and more that are voiced throughout."""
    return int(in_stretches(voicing, frames, voiced_above).sum()) / max(1, int(frames.sum()))


def voiced_share(voicing: Voicing, frames: NDArray[np.bool_]) -> float | None:
    """The share of `frames`, in the first ten minutes, in which WORLD's DIO finds a pitch; None without any.

    Source: Morise, Kawahara, Katayose (2009), Fast and reliable F0 estimation method.
    """
    places = np.flatnonzero(frames[: len(voicing.coarse) // HOP])
    if not len(places):
        return None
    first, last = max(0, int(places[0]) - 20), int(places[-1]) + 21
    sound = np.ascontiguousarray(voicing.coarse[first * HOP : last * HOP], np.float64)
    peak = float(np.abs(sound).max(initial=0.0))
    if not peak:
        return 0.0
    f0, _ = world().dio(sound / peak, RATE, f0_floor=70.0, f0_ceil=600.0, frame_period=10.0)
    found = np.zeros(len(frames), bool)
    held = f0[: len(frames) - first] > 0.0
    found[first : first + len(held)] = held
    return float(found[places].mean())


def _mono(sound: Sound) -> NDArray[np.float32]:
    """One channel: the mean, or the loudest where the channels cancel each other."""
    if not sound.size:
        return np.zeros(0, np.float32)
    finite = np.clip(np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0), -_LOUDEST, _LOUDEST)
    mono = finite.mean(axis=0, dtype=np.float32)
    if finite.shape[0] > 1:
        energies = np.square(finite, dtype=np.float64).sum(axis=1)
        if np.square(mono, dtype=np.float64).sum() < 0.2 * energies.max():
            mono = finite[int(energies.argmax())]
    return np.asarray(mono, np.float32)


def _resampled(sound: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    return np.asarray(soxr.resample(sound, rate, wanted, quality="HQ"), np.float32) if sound.size else sound


def _powers(fine: NDArray[np.float32]) -> NDArray[np.float32]:
    """[3, frames]: mean square of the speech band and of both sides of the alpha ratio."""
    frames = len(fine) // _FINE_HOP
    window = signal.get_window("hann", _FINE_WINDOW).astype(np.float32)
    frequencies = np.fft.rfftfreq(_FINE_WINDOW, 1 / _FINE)
    bands = np.stack(
        [(frequencies >= lowest) & (frequencies < highest) for lowest, highest in (_SPEECH_HZ, _LOW_HZ, _HIGH_HZ)]
    )
    # Parseval: both halves of the spectrum, over the window's own energy.
    weights = bands.astype(np.float32) * np.float32(2.0 / (_FINE_WINDOW * float((window**2).sum())))
    padded = np.pad(fine, ((_FINE_WINDOW - _FINE_HOP) // 2, _FINE_WINDOW))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FINE_WINDOW)[::_FINE_HOP][:frames]
    spectrum = fft.rfft(windows * window)
    return np.asarray(weights @ (spectrum.real**2 + spectrum.imag**2).T, np.float32)


def _active(
    power: NDArray[np.float32], v: NDArray[np.float32], thresholds: RegisterThresholds
) -> tuple[NDArray[np.bool_], str]:
    """The frames in which somebody speaks, and why there are none."""
    nobody = np.zeros(len(power), bool)
    if not len(power):
        return nobody, "there is no sound"
    least_ms = round(1000 * thresholds.shortest_seconds)
    if 10 * len(power) < least_ms:
        return nobody, f"it is shorter than {least_ms} ms"
    level = np.maximum(10.0 * np.log10(np.maximum(power, 1e-15)), _LOWEST_DB)
    rank = min(_TOP_FRAMES, max(1, len(level) // 10))
    top = float(np.partition(level, -rank)[-rank])
    floor = float(np.percentile(level, _FLOOR_PERCENTILE))
    if top < thresholds.silence_db:
        return nobody, f"it is silent: nothing rises above {thresholds.silence_db:.0f} dBFS but clicks"
    # A scream that fills its clip is as even as noise, but no noise has a voice.
    if top - floor < thresholds.contrast_db and float(np.median(v)) < thresholds.whisper_below:
        return nobody, "nothing stands out of an even sound, as speech does"
    bar = max(top - thresholds.range_db, min(floor + _OVER_FLOOR_DB, top - _UNDER_TOP_DB))
    active = level > bar
    if 10 * active.sum() < least_ms:
        return nobody, f"there are less than {least_ms} ms of speech"
    return active, ""
