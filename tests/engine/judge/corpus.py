"""Synthetic speech whose register is known: four voices, ten lines, five registers, four conditions.

    line -> embedded voice, once -> taken apart -> speaker and register -> clean -> pink noise | AAC | reverb

A half-whisper is made in three ways, in turn: every other word without voice; voice that comes and goes
within words; voice drowned in breath. No part of this is a recording of a person.
"""

import io
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import av
import numpy as np
import soxr
from av.audio.frame import AudioFrame
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.scratch import hibari_voice
from sottovoce_engine.renderers.scratch.delivery import Delivery, delivery_for
from sottovoce_engine.renderers.scratch.levels import levelled, pressed
from sottovoce_engine.renderers.scratch.performance import performance_for
from sottovoce_engine.renderers.scratch.shaping import Source, shaped
from sottovoce_engine.renderers.scratch.speakers import speaker_for
from sottovoce_engine.renderers.scratch.utterance import RATE, Utterance
from sottovoce_engine.renderers.scratch.world import FRAME_SAMPLES, Voicing, analysed, synthesised
from sottovoce_engine.scene import Gender, Voice
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE, Span

Mono = NDArray[np.float32]  # [samples] at 48 kHz

VOICES = (
    Voice(name="Anna", gender=Gender.WOMAN),
    Voice(name="Vera", gender=Gender.WOMAN, sound="low, breathy"),
    Voice(name="Ben", gender=Gender.MAN),
    Voice(name="Otto", gender=Gender.MAN, sound="deep, rough"),
)
LINES = (
    "Did you hear that?",
    "Close your eyes.",
    "Nobody knows we are here.",
    "Leave the money on the table.",
    "She never came home.",
    "I told you to wait outside.",
    "What if they find us?",
    "The river is very cold.",
    "Give me your hand.",
    "It was always you.",
)
REGISTERS = ("normal", "soft", "half", "whisper", "shout")
CONDITIONS = ("clean", "pink noise 20 dB", "AAC", "reverb")
HALVES = ("words", "stretches", "breath")

_TABLE = register_table()
_PAD = SAMPLE_RATE // 4  # of room before and after the line
_FLOOR_DBFS = -72.0
_REVERB_SECONDS = 0.5  # to fall by 60 dB
_AAC_BITS = 96_000
# Amplitude of the noise: a harmonics-to-noise ratio of 1.9 dB, midway between recorded whisper and voice.
HALF_BREATH = 0.63


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One take of the corpus."""

    voice: Voice
    register: str  # one of REGISTERS
    line: int
    half: str  # one of HALVES; "" for the other registers
    condition: str
    sound: Mono
    words: tuple[SpokenWord, ...]


def corpus(
    voices: tuple[Voice, ...] = VOICES,
    lines: tuple[str, ...] = LINES,
    registers: tuple[str, ...] = REGISTERS,
    conditions: tuple[str, ...] = CONDITIONS,
) -> Iterator[Clip]:
    """Every clip, one after the other: the same ones on every run."""
    for voice in voices:
        for number, line in enumerate(lines):
            for register in registers:
                clean = clean_clip(voice, register, number, line)
                for condition in conditions:
                    yield replace(clean, condition=condition, sound=degraded(condition, clean.sound))


def clean_clip(voice: Voice, register: str, number: int, line: str, breath: float = HALF_BREATH) -> Clip:
    """`line` said in `register` in a quiet room; `breath` is the noise of a half-whisper that is made by it."""
    half = HALVES[number % len(HALVES)] if register == "half" else ""
    said, taken = _spoken(line)
    seed = zlib.crc32(f"{voice.name} {register} {number}".encode())
    voicing = (
        _half_whispered(voice, said, taken, half, seed, breath) if half else _as(voice, register, said, taken, seed)
    )
    delivery = delivery_for(_TABLE.get("soft" if half else register))
    sound = np.asarray(soxr.resample(synthesised(voicing, _go_on).astype(np.float32), RATE, SAMPLE_RATE), np.float32)
    sound = levelled(pressed(sound, delivery.pressure), Span(0, len(sound)), delivery.loudness_lufs)
    scale = SAMPLE_RATE // RATE
    return Clip(
        voice=voice,
        register=register,
        line=number,
        half=half,
        condition="clean",
        sound=np.pad(sound, _PAD) + _floor(len(sound) + 2 * _PAD, seed),
        words=tuple(
            SpokenWord(text=word.text, span=Span(word.span.start * scale + _PAD, word.span.end * scale + _PAD))
            for word in said.words
        ),
    )


@cache
def _spoken(line: str) -> tuple[Utterance, Voicing]:
    """The line in the embedded voice, and the same taken apart."""
    read = hibari_voice.read_line(line, 1)
    assert read is not None
    said = read.said(1.0, _go_on)
    return said, analysed(said.sound, said.f0, _go_on)


def _as(voice: Voice, register: str, said: Utterance, taken: Voicing, seed: int) -> Voicing:
    return _delivered(voice, delivery_for(_TABLE.get(register)), said, taken, seed)


def _delivered(voice: Voice, delivery: Delivery, said: Utterance, taken: Voicing, seed: int) -> Voicing:
    performance = performance_for(seed, "", len(said.words))
    source = Source(usual_f0=said.usual_f0, tract=said.tract)
    lift = np.zeros(len(taken.f0))
    return shaped(taken, source, speaker_for(voice), delivery, performance, lift, seed)


def _half_whispered(voice: Voice, said: Utterance, taken: Voicing, half: str, seed: int, breath: float) -> Voicing:
    """Soft speech of which half has lost its voice."""
    soft, whisper = (_as(voice, register, said, taken, seed) for register in ("soft", "whisper"))
    if half == "breath":
        return replace(soft, breath=np.maximum(soft.breath, breath))
    lost = np.zeros(len(soft.f0), bool)
    if half == "words":
        for word in said.words[seed % 2 :: 2]:
            lost[word.span.start // FRAME_SAMPLES : word.span.end // FRAME_SAMPLES] = True
    else:
        lost = (np.arange(len(lost)) // 30 + seed) % 2 == 0  # 150 ms each
    gone = lost[:, None]
    return Voicing(
        f0=np.where(lost, 0.0, soft.f0),
        envelope=np.where(gone, whisper.envelope, soft.envelope),
        breath=np.where(gone, 1.0, soft.breath),
    )


def degraded(condition: str, sound: Mono) -> Mono:
    """`sound` in one of CONDITIONS."""
    match condition:
        case "pink noise 20 dB":
            return sound + _pink(len(sound), _speech_level(sound) * 10 ** (-20 / 20))
        case "AAC":
            return _through_aac(sound)
        case "reverb":
            return _reverberant(sound)
    return sound


def _speech_level(sound: Mono) -> float:
    """RMS of the loudest half of the 10 ms steps."""
    steps = (sound[: len(sound) // 480 * 480].reshape(-1, 480).astype(np.float64) ** 2).mean(axis=1)
    return math.sqrt(float(np.sort(steps)[len(steps) // 2 :].mean()))


def _pink(length: int, rms: float) -> Mono:
    spectrum = np.fft.rfft(np.random.default_rng(length).standard_normal(length))
    frequencies = np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 20.0)
    noise = np.fft.irfft(spectrum / np.sqrt(frequencies), length)
    return np.asarray(noise * (rms / np.sqrt(np.mean(noise**2))), np.float32)


def _floor(length: int, seed: int) -> Mono:
    noise = np.random.default_rng(seed).standard_normal(length, dtype=np.float32)
    return np.asarray(noise * 10 ** (_FLOOR_DBFS / 20), np.float32)


def _reverberant(sound: Mono) -> Mono:
    """In a room: the direct sound, and a tail of noise 6 dB below it that falls by 60 dB in half a second."""
    times = np.arange(int(_REVERB_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    tail = np.random.default_rng(7).standard_normal(len(times)) * 10 ** (-3.0 * times / _REVERB_SECONDS)
    tail[: SAMPLE_RATE // 200] = 0.0  # the first wall is 1.7 m away
    tail *= 10 ** (-6 / 20) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    return np.asarray(fftconvolve(sound, tail)[: len(sound)], np.float32)


def _through_aac(sound: Mono) -> Mono:
    file = io.BytesIO()
    with av.open(file, "w", format="adts") as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        stream.bit_rate, stream.options = _AAC_BITS, {"aac_coder": "fast"}
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(sound[None]), "fltp", "mono")
        frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as coded:
        decoded = np.concatenate([frame.to_ndarray()[0] for frame in coded.decode(audio=0)])
    return np.asarray(decoded[1024 : 1024 + len(sound)], np.float32)  # the encoder starts 1024 samples early


def _go_on() -> None:
    """Nobody stops this work."""
