"""The sound of a finished scene, read for its page: waveforms coloured by voicing, small sound, a curve of loudness."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sottovoce.report_page.encoding import sound_uri
from sottovoce.report_page.values import Heard, LoudnessCurve, Moment, TakeSound, Voiced
from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import thresholds_of
from sottovoce_engine.judge.voicing import FRAME_SAMPLES, Voicing, voicing_of
from sottovoce_engine.media.loudness import LoudnessMeter
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.splice.values import Spliced, SplicedRegion
from sottovoce_engine.timing import SAMPLE_RATE, Span

_MOMENTS = 180  # across a waveform: on a phone each is two dots wide
_SHORTEST_VOICED = 6  # frames, as the judge counts voiced stretches: noise has single ones with a pitch
_LONGEST_CONSONANT = 15  # frames; an s between vowels has nothing where the judge looks for speech, yet is no pause
_HOPS_MOMENTARY, _HOPS_SHORT_TERM = 4, 30  # of 100 ms
_MOST_POINTS = 1_500
_BLOCK = 10 * SAMPLE_RATE
# (seconds of takes up to which, kilobits a second and channel): the page stays below some 15 MB for 45 minutes.
_RATES = ((600, 64), (1_200, 40))
_LOWEST_RATE = 24


def heard(spliced: Spliced) -> Heard:
    """All sound that the page of this scene shows."""
    thresholds = thresholds_of("register", RegisterThresholds)
    seconds = sum(region.placed.take.length_samples for region in spliced.regions) / SAMPLE_RATE
    kilobits = next((rate for most, rate in _RATES if seconds <= most), _LOWEST_RATE)

    def one(region: SplicedRegion) -> TakeSound | str:
        try:
            return take_sound(region, thresholds, kilobits)
        except InputError as error:
            return str(error)

    # Decoding, transforms and encoding all let go of the interpreter.
    with ThreadPoolExecutor(2) as both:
        takes = both.map(one, spliced.regions)
        loudness = _loudness_or_why(spliced.movie)
        return Heard(
            takes={region.placed.region.id: sound for region, sound in zip(spliced.regions, takes, strict=True)},
            loudness=loudness,
            bars=(thresholds.whisper_below, thresholds.voiced_above),
        )


def take_sound(spliced: SplicedRegion, thresholds: RegisterThresholds, kilobits: int) -> TakeSound:
    """The chosen take of a region.

    Raises:
        InputError: Its media cannot be read.
    """
    take = spliced.placed.take
    with SoundReader(spliced.placed.path) as reader:
        sound = reader.read(Span(0, take.length_samples))
    first = spliced.start_frame
    span, rate = spliced.placed.region.span, take.job.rate
    begin, end = (round((frame - first) * SAMPLE_RATE / rate) for frame in (span.start, span.end))
    begin = min(max(0, begin), take.length_samples)
    return TakeSound(
        length_samples=take.length_samples,
        region=Span(begin, min(max(begin, end), take.length_samples)),
        moments=moments_of(sound, voicing_of(sound, thresholds), thresholds.voiced_above),
        words=tuple((word.text, word.span) for word in take.words),
        words_estimated=take.words_estimated,
        audio=sound_uri(sound, kilobits),
    )


def moments_of(sound: Sound, voicing: Voicing, voiced_above: float) -> tuple[Moment, ...]:
    """The waveform of `[channels, samples]` in at most 180 parts, each of what most of its speech is."""
    frames = len(voicing.v)
    count = min(_MOMENTS, frames)
    if not count:
        return ()
    mono = np.nan_to_num(sound[:, : frames * FRAME_SAMPLES].mean(axis=0)).reshape(frames, FRAME_SAMPLES)
    firsts = np.arange(count) * frames // count
    lowest = np.minimum.reduceat(mono.min(axis=1), firsts)
    highest = np.maximum.reduceat(mono.max(axis=1), firsts)
    peak = max(float(-lowest.min()), float(highest.max()), 1e-6)
    active = np.add.reduceat((~_in_stretches(~voicing.active, _LONGEST_CONSONANT)).astype(int), firsts)
    with_voice = voicing.active & (voicing.v > voiced_above)
    voiced = np.add.reduceat(_in_stretches(with_voice, _SHORTEST_VOICED).astype(int), firsts)
    lengths = np.diff(firsts, append=frames)
    return tuple(
        Moment(
            lowest=round(float(low) / peak, 3),
            highest=round(float(high) / peak, 3),
            voiced=Voiced.SILENT
            if 2 * spoken < length
            else Voiced.VOICED
            if 2 * voiced_frames >= spoken
            else Voiced.WHISPERED,
        )
        for low, high, spoken, voiced_frames, length in zip(lowest, highest, active, voiced, lengths, strict=True)
    )


def _in_stretches(frames: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    """The frames that lie in runs of that many and more."""
    edges = np.flatnonzero(np.diff(frames.astype(np.int8), prepend=0, append=0))
    kept = np.zeros_like(frames)
    for start, end in edges.reshape(-1, 2):
        kept[start:end] = end - start >= shortest
    return kept


def _loudness_or_why(movie: Path) -> LoudnessCurve | str:
    try:
        return loudness_curve(movie)
    except InputError as error:
        return str(error)


def loudness_curve(movie: Path) -> LoudnessCurve:
    """Momentary and short-term loudness of a file's sound.

    Raises:
        InputError: It cannot be read.
    """
    meter = LoudnessMeter()
    with SoundReader(movie) as reader:
        length = reader.length_samples
        for start in range(0, length, _BLOCK):
            meter.add(reader.read(Span(start, min(start + _BLOCK, length))))
    momentary, short_term = (meter.windows_lufs(hops) for hops in (_HOPS_MOMENTARY, _HOPS_SHORT_TERM))
    every = max(1, -(-len(momentary) // _MOST_POINTS))
    return LoudnessCurve(
        seconds=length / SAMPLE_RATE,
        momentary_lufs=_points(momentary, _HOPS_MOMENTARY, every),
        short_term_lufs=_points(short_term, _HOPS_SHORT_TERM, every),
        integrated_lufs=meter.lufs,
    )


def _points(levels: NDArray[np.float64], window: int, every: int) -> tuple[tuple[float, float], ...]:
    """(second, LUFS) at the middle of each window of that many hops; of `every` neighbours the loudest."""
    firsts = np.arange(0, len(levels), every)
    loudest = np.maximum.reduceat(levels, firsts) if len(levels) else levels
    return tuple(
        (round((int(first) + window / 2) / 10, 2), round(float(level), 1))
        for first, level in zip(firsts, loudest, strict=True)
    )
