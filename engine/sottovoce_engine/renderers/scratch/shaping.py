"""From the engine's voice to the speaker's, in the register asked for: pitch, envelope and breath."""

from dataclasses import dataclass

import numpy as np

from sottovoce_engine.renderers.scratch.delivery import Delivery
from sottovoce_engine.renderers.scratch.performance import Performance
from sottovoce_engine.renderers.scratch.speakers import Speaker
from sottovoce_engine.renderers.scratch.utterance import RATE, Array
from sottovoce_engine.renderers.scratch.world import BINS, Voicing

_LOWEST_F0, _HIGHEST_F0 = 75.0, 720.0
_WOMAN_F0 = 205.0
_CONSONANTS = 0.25  # how far effort colours a consonant without voice
_NEPERS = float(np.log(10.0) / 10.0)  # natural logarithm of power for each dB
_FREQUENCIES = np.arange(BINS) * (RATE / 2 / (BINS - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the voicing comes from: an engine's own middle pitch and vocal tract."""

    usual_f0: float
    tract: float


def shaped(
    voicing: Voicing,
    source: Source,
    speaker: Speaker,
    delivery: Delivery,
    performance: Performance,
    lift: Array,
    seed: int,
) -> Voicing:
    """`voicing` as `speaker` says it in this delivery and performance.

    Args:
        voicing: The line as the engine says it, along the take's time.
        source: The engine's own voice.
        speaker: Who says it.
        delivery: In which register.
        performance: How this time.
        lift: [frames] semitones by which the performance raises or lowers each frame.
        seed: Of what is rough in the voice.
    """
    rng = np.random.default_rng([seed, len(lift)])
    pitch = _pitch(voicing.f0, source, speaker, delivery, performance, lift)
    envelope = _envelope(voicing, source, speaker, delivery)
    breath = _breath(voicing.breath, min(1.0, delivery.aspiration + speaker.aspiration))
    roughness = min(1.0, delivery.roughness + speaker.roughness)
    if not delivery.voiced:
        return Voicing(f0=np.zeros_like(pitch), envelope=envelope, breath=np.ones_like(breath))
    pitch, envelope = _roughened(pitch, envelope, roughness, rng)
    return Voicing(f0=pitch, envelope=envelope, breath=breath)


def _pitch(
    f0: Array, source: Source, speaker: Speaker, delivery: Delivery, performance: Performance, lift: Array
) -> Array:
    """f0 moved to the speaker's middle, its melody widened or narrowed, drifting over the line."""
    voiced = f0 > 0.0
    if not voiced.any():
        return f0
    melody = 12.0 * np.log2(np.where(voiced, f0, source.usual_f0) / source.usual_f0)
    width = delivery.pitch_range * speaker.pitch_range * performance.pitch_range
    drift = performance.drift_semitones * (np.arange(len(f0)) / len(f0) - 0.5)
    semitones = (melody + lift) * width + drift + speaker.semitones + delivery.pitch_semitones + performance.semitones
    moved = np.clip(_WOMAN_F0 * 2.0 ** (semitones / 12.0), _LOWEST_F0, _HIGHEST_F0)
    return np.where(voiced, moved, 0.0)


def _envelope(voicing: Voicing, source: Source, speaker: Speaker, delivery: Delivery) -> Array:
    """The envelope with formants, brightness and the balance of vowels and consonants changed.

    Effort changes what the vocal folds do; consonants without voice keep most of their colour.
    """
    moved = _moved(voicing.envelope, speaker.tract / source.tract, delivery.first_formant)
    octaves = np.log2(np.maximum(_FREQUENCIES, 1.0))
    effort_db = delivery.tilt_db * np.clip(octaves - np.log2(500.0), 0.0, 3.0)
    effort_db += delivery.body_db * np.clip((250.0 - _FREQUENCIES) / 150.0, 0.0, 1.0)
    colour_db = speaker.tilt_db * np.clip(octaves - np.log2(500.0), 0.0, 3.0)
    voiced = _smooth((voicing.f0 > 0.0).astype(np.float64))[:, None]
    gain_db = (effort_db * (1.0 - _CONSONANTS) + delivery.vowels_db) * voiced + (effort_db * _CONSONANTS + colour_db)
    moved += gain_db * _NEPERS
    if delivery.evenness:
        level = _smooth(moved.max(axis=1))
        speech = level > level.max() - 6.0  # within 26 dB: not the silence around it
        moved += _smooth(np.where(speech, level.max() - level, 0.0) * delivery.evenness)[:, None]
    return moved


def _moved(log_envelope: Array, tract: float, first_formant: float) -> Array:
    """The frequency axis stretched by `tract`, and between 250 and 1100 Hz by `first_formant` as well."""
    places = np.array([0.0, 250.0, 450.0, 1100.0, 2400.0, RATE / 2])
    stretch = np.array([1.0, 1.0 + (first_formant - 1.0) * 0.5, first_formant, first_formant, 1.0, 1.0])
    wanted = _FREQUENCIES / tract / np.interp(_FREQUENCIES, places * tract, stretch)
    index = np.clip(wanted / _FREQUENCIES[1], 0.0, BINS - 1.0)
    below = np.minimum(index.astype(int), BINS - 2)
    share = index - below
    moved = np.take(log_envelope, below, axis=1) * (1.0 - share) + np.take(log_envelope, below + 1, axis=1) * share
    # What the shorter axis does not hold fades at 12 dB an octave.
    beyond = np.log2(np.maximum(wanted / (RATE / 2), 1.0))
    return np.asarray(moved - beyond * 12.0 * _NEPERS)


def _breath(breath: Array, aspiration: float) -> Array:
    """Noise mixed into the voice from 1 kHz up, fully at 4 kHz."""
    if not aspiration:
        return breath
    rise = np.clip(np.log2(np.maximum(_FREQUENCIES, 1.0) / 1000.0) / 2.0, 0.0, 1.0)
    return np.asarray(np.clip(breath + (1.0 - breath) * rise * aspiration, 0.0, 1.0))


def _roughened(pitch: Array, envelope: Array, roughness: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Pitch and level unsteady from frame to frame, as in a strained voice."""
    if not roughness:
        return pitch, envelope
    jitter = rng.standard_normal(len(pitch)) * 0.012 * roughness
    shimmer = rng.standard_normal(len(pitch)) * 0.25 * roughness
    return pitch * (1.0 + jitter), envelope + shimmer[:, None]


def _smooth(values: Array) -> Array:
    """A moving mean over 35 ms."""
    return np.convolve(np.pad(values, 3, mode="edge"), np.full(7, 1 / 7), mode="valid")
