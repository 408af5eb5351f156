"""Which register a take is spoken in, and whether it is the one that was asked for.

    v              0.45              0.56          0.66
    ....whisper.....|.whisper, if DIO.|..uncertain..|....voiced....
                    |  finds no voice | or as DIO   |
                                        says

Below the last bar, a take that holds a voiced word or voiced stretches is mixed. Much of what is used on
screen as whisper is: mixed and uncertain are amber, and usable unless the editor is strict.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sottovoce_engine.judge.effort import NormalVoice, effort_of, has_rule, is_whispered
from sottovoce_engine.judge.level import speech_loudness_lufs, speech_span
from sottovoce_engine.judge.register_finding import Effort, RegisterFinding, Verdict, WordVoicing
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.register_why import why_of
from sottovoce_engine.judge.voicing import (
    Voicing,
    alpha_db,
    frames_of,
    mean_v,
    median_f0_hz,
    stretches_share,
    voiced_share,
    voicing_of,
)
from sottovoce_engine.media.samples import Sound
from sottovoce_engine.registers import Register
from sottovoce_engine.scene import Voice
from sottovoce_engine.take import SpokenWord
from sottovoce_engine.timing import SAMPLE_RATE

__all__ = [
    "NormalVoice",
    "RegisterFinding",
    "RegisterThresholds",
    "Verdict",
    "WordVoicing",
    "judged_register",
    "judged_voicing",
]

_BESIDE = SAMPLE_RATE // 10  # aligned times are that uncertain
_AMBER = (Verdict.MIXED, Verdict.UNCERTAIN)


def judged_register(
    sound: Sound,
    words: Sequence[SpokenWord] | None,
    asked: Register,
    voice: Voice,
    normal: NormalVoice | None,
    thresholds: RegisterThresholds,
    *,
    strict: bool = False,
) -> RegisterFinding:
    """The register of `[channels, samples]` at 48 kHz.

    Args:
        sound: The take.
        words: Where its words lie, as far as known.
        asked: The register it should be in. One without a rule is measured and not checked.
        voice: Who should speak.
        normal: How that voice speaks normally; None compares with published voices.
        thresholds: What the measurements are compared with.
        strict: Mixed and uncertain takes do not pass.
    """
    voicing = voicing_of(sound, thresholds)
    trusted = normal is not None and normal.loudness_lufs is not None
    loudness = speech_loudness_lufs(sound, voicing) if trusted else None
    return judged_voicing(voicing, words, asked, voice, normal, thresholds, loudness_lufs=loudness, strict=strict)


def judged_voicing(
    voicing: Voicing,
    words: Sequence[SpokenWord] | None,
    asked: Register,
    voice: Voice,
    normal: NormalVoice | None,
    thresholds: RegisterThresholds,
    *,
    loudness_lufs: float | None = None,
    strict: bool = False,
) -> RegisterFinding:
    """As `judged_register`, of a sound whose voicing is measured already; its loudness, where that says anything."""
    frames = _line_frames(voicing, words)
    v, stretches = mean_v(voicing, frames), stretches_share(voicing, frames, thresholds.voiced_above)
    alpha = alpha_db(voicing, frames)
    heard = tuple(_word(word, voicing, thresholds) for word in words or ())
    verdict, share = _verdict(voicing, frames, v, stretches, alpha, heard, thresholds)
    has_voice = verdict not in (Verdict.WHISPER, Verdict.SILENT)
    f0 = median_f0_hz(voicing, frames, thresholds.voiced_above) if has_voice else None
    effort = None
    if verdict in (Verdict.VOICED, Verdict.UNCERTAIN) and f0 is not None and alpha is not None:
        effort = effort_of(f0, alpha, loudness_lufs, asked.name, voice, normal, thresholds)
    finding = RegisterFinding(
        asked=asked.name,
        verdict=verdict,
        v=v,
        voiced_share=share,
        stretches=stretches,
        words=heard,
        speech_seconds=int(frames.sum()) / 100,
        f0_hz=f0,
        alpha_db=alpha,
        effort=effort,
        distance=_distance(asked, v, effort, thresholds),
        passes=_passes(asked, verdict, strict=strict),
        amber=verdict in _AMBER and has_rule(asked),
        why=(),
    )
    return replace(finding, why=why_of(finding, voicing.why_silent, whispered=is_whispered(asked)))


def _line_frames(voicing: Voicing, words: Sequence[SpokenWord] | None) -> NDArray[np.bool_]:
    """The frames in which the line is spoken: those that stand out, from the first word to the last."""
    span = speech_span(voicing, words)
    if not words or span is None:
        return voicing.active
    inside = np.zeros_like(voicing.active)
    inside[frames_of(span.grown(_BESIDE, _BESIDE))] = True
    inside &= voicing.active
    return inside if inside.any() else voicing.active


def _word(word: SpokenWord, voicing: Voicing, thresholds: RegisterThresholds) -> WordVoicing:
    place = frames_of(word.span)
    spoken = voicing.v[place][voicing.active[place]]
    v = float(spoken.mean(dtype=np.float64)) if len(spoken) >= 100 * thresholds.word_seconds else None
    verdict = Verdict.UNCERTAIN
    if v is not None and v < thresholds.whisper_below:
        verdict = Verdict.WHISPER
    elif v is not None and v > thresholds.voiced_above:
        verdict = Verdict.VOICED
    return WordVoicing(text=word.text, span=word.span, v=v, verdict=verdict)


def _verdict(
    voicing: Voicing,
    frames: NDArray[np.bool_],
    v: float | None,
    stretches: float,
    alpha: float | None,
    words: tuple[WordVoicing, ...],
    thresholds: RegisterThresholds,
) -> tuple[Verdict, float | None]:
    """The verdict, and the voiced share where it was asked for."""
    if v is None:
        return Verdict.SILENT, None
    if v > thresholds.voiced_above:
        return Verdict.VOICED, None
    partly_voiced = stretches > thresholds.mixed_above or any(word.verdict is Verdict.VOICED for word in words)
    if v < thresholds.whisper_below and partly_voiced:
        return Verdict.MIXED, None
    if v <= thresholds.second_opinion_above:
        return Verdict.WHISPER, None
    share = voiced_share(voicing, frames)
    whispered_words = any(word.verdict is Verdict.WHISPER for word in words)
    bright = alpha is not None and alpha >= thresholds.whisper_alpha_above
    if share is not None and share <= thresholds.whisper_share_below and bright and not partly_voiced:
        return Verdict.WHISPER, share
    sure = share is not None and share >= thresholds.voiced_share_above and v >= thresholds.whisper_below
    if sure and not whispered_words:
        return Verdict.VOICED, share
    return Verdict.MIXED if partly_voiced else Verdict.UNCERTAIN, share


def _passes(asked: Register, verdict: Verdict, *, strict: bool) -> bool | None:
    if verdict is Verdict.SILENT:
        return False
    if not has_rule(asked):
        return None
    if verdict in _AMBER:
        return not strict
    return verdict is (Verdict.WHISPER if is_whispered(asked) else Verdict.VOICED)


def _distance(asked: Register, v: float | None, effort: Effort | None, thresholds: RegisterThresholds) -> float | None:
    """How far the take lies from the register, in units of what good takes spread by."""
    if v is None or not has_rule(asked):
        return None
    if is_whispered(asked):
        return max(0.0, v - thresholds.whisper_v) / (thresholds.whisper_below - thresholds.whisper_v)
    return effort.distance if effort is not None else None
