"""Judgements relative to how a voice speaks normally; nothing is measured again."""

from collections.abc import Iterable
from dataclasses import replace
from statistics import median

from sottovoce_engine.judge.effort import NormalVoice, effort_of, is_whispered
from sottovoce_engine.judge.judgement import Judgement, with_register
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.register_why import why_of
from sottovoce_engine.registers import Register
from sottovoce_engine.scene import Voice


def made_relative(
    judgement: Judgement,
    register: Register,
    voice: Voice,
    normal: NormalVoice | None,
    thresholds: RegisterThresholds,
) -> Judgement:
    """The judgement with the effort relative to another normal voice."""
    found = judgement.register
    if found is None or found.effort is None or found.f0_hz is None or found.alpha_db is None:
        return judgement
    effort = effort_of(found.f0_hz, found.alpha_db, None, register.name, voice, normal, thresholds)
    whispered = is_whispered(register)
    distance = found.distance if whispered else effort.distance
    found = replace(found, effort=effort, distance=distance)
    return with_register(judgement, replace(found, why=why_of(found, "", whispered=whispered)))


def normal_voice_of(judgements: Iterable[Judgement], thresholds: RegisterThresholds) -> NormalVoice | None:
    """How a voice speaks normally, from the judgements of its normal takes; None where none of them has a voice."""
    found = [judgement.register for judgement in judgements if judgement.register is not None]
    heard = [
        (register.f0_hz, register.alpha_db)
        for register in found
        if register.f0_hz is not None
        and register.alpha_db is not None
        and register.v is not None
        and register.v >= thresholds.whisper_below
    ]
    if not heard:
        return None
    pitches, ratios = zip(*heard, strict=True)
    return NormalVoice(takes=len(heard), f0_hz=median(pitches), alpha_db=median(ratios), loudness_lufs=None)
