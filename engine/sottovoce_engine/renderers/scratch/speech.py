"""One line from text to sound in its window: read, fitted, shaped, synthesised, levelled."""

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from sottovoce_engine.errors import InputError, SetupError
from sottovoce_engine.renderers.scratch import espeak_voice, hibari_voice
from sottovoce_engine.renderers.scratch.delivery import Delivery, delivery_for
from sottovoce_engine.renderers.scratch.fitting import Fit, TimeMap, fit_for, melody, refuse_hopeless, retimed, time_map
from sottovoce_engine.renderers.scratch.floor import room_floor
from sottovoce_engine.renderers.scratch.levels import levelled, pressed
from sottovoce_engine.renderers.scratch.lines import ENGLISH, Reading, can_be_said, reading_of
from sottovoce_engine.renderers.scratch.performance import Performance, performance_for
from sottovoce_engine.renderers.scratch.shaping import Source, shaped
from sottovoce_engine.renderers.scratch.speakers import Speaker, speaker_for
from sottovoce_engine.renderers.scratch.utterance import RATE, Check, Line, Utterance
from sottovoce_engine.renderers.scratch.world import analysed, synthesised
from sottovoce_engine.take import RenderJob, SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The sound of a take."""

    sound: NDArray[np.float32]  # [samples] of the whole window at 48 kHz
    words: tuple[SpokenWord, ...]
    words_estimated: bool
    voice: str  # "hibari" or "espeak-ng"
    notes: tuple[str, ...]


def speech_for(job: RenderJob, check: Check) -> Speech:
    """The line of `job`, said in its register, over the floor of its location.

    Raises:
        InputError: The line holds nothing to say, or not even the window holds it.
        SetupError: The line needs espeak-ng and it is not installed.
        RenderError: A voice failed.
    """
    reading = reading_of(job.region.line)
    line, voice = _line(job, reading)
    refuse_hopeless(job, line.least_seconds)
    speaker, delivery = speaker_for(job.voice), delivery_for(job.register)
    natural = line.said(1.0, check)
    performance = performance_for(job.seed, reading.text, len(natural.words))
    own_pace = delivery.pace * speaker.pace * performance.pace
    fit = fit_for(job, natural.speech.length / RATE / own_pace, performance)
    said = line.said(fit.pace * own_pace, check)
    timing = time_map(said, fit.length, performance)
    spoken = _synthesised(said, timing, speaker, delivery, performance, job.seed, check)
    before = round(-float(timing.fitted[0]) * SAMPLE_RATE)  # sound ahead of the first word
    spoken = levelled(
        pressed(spoken, delivery.pressure),
        Span(before, before + fit.length),
        delivery.loudness_lufs + performance.level_db,
    )
    sound = room_floor(job)
    _place(sound, spoken, fit.start - before)
    return Speech(
        sound=sound,
        words=_words(said, timing, fit, job.length_samples),
        words_estimated=said.estimated,
        voice=voice,
        notes=reading.notes + fit.notes,
    )


def _line(job: RenderJob, reading: Reading) -> tuple[Line, str]:
    """The line with the voice that can say it, and that voice's name."""
    shown = job.region.line[:40]
    if reading.language == ENGLISH and can_be_said(reading.text):
        line = hibari_voice.read_line(reading.text, job.seed)
        if line is not None:
            return line, "hibari"
    if not espeak_voice.installed():
        if not can_be_said(reading.text):
            raise InputError(f"The line '{shown}' holds nothing that can be said. Write it in words.")
        raise SetupError(
            f"The embedded voice speaks English only and cannot say '{shown}'. "
            f"Install the program that can: apt install {espeak_voice.PROGRAM}"
        )
    return espeak_voice.EspeakLine(reading.text, reading.language, job.voice.gender), espeak_voice.PROGRAM


def _synthesised(
    said: Utterance,
    timing: TimeMap,
    speaker: Speaker,
    delivery: Delivery,
    performance: Performance,
    seed: int,
    check: Check,
) -> NDArray[np.float32]:
    """The speaker's sound at 48 kHz, along the map from its first moment."""
    voicing = retimed(analysed(said.sound, said.f0, check, breath=delivery.voiced), timing)
    source = Source(usual_f0=said.usual_f0, tract=said.tract)
    lift = melody(said, timing, performance, len(voicing.f0))
    sound = synthesised(shaped(voicing, source, speaker, delivery, performance, lift, seed), check)
    check()
    return np.asarray(soxr.resample(sound.astype(np.float32), RATE, SAMPLE_RATE, quality="HQ"), np.float32)


def _place(window: NDArray[np.float32], sound: NDArray[np.float32], start: int) -> None:
    """Adds to the window what of `sound`, from `start` on, lies inside it."""
    skipped = max(0, -start)
    at = max(0, start)
    length = min(len(window) - at, len(sound) - skipped)
    window[at : at + length] += sound[skipped : skipped + length]


def _words(said: Utterance, timing: TimeMap, fit: Fit, length_samples: int) -> tuple[SpokenWord, ...]:
    def moved(sample: int) -> int:
        return min(fit.start + round(float(timing.at(sample / RATE)) * SAMPLE_RATE), length_samples)

    return tuple(
        SpokenWord(text=word.text, span=Span(moved(word.span.start), moved(word.span.end))) for word in said.words
    )
