"""How voices speak normally, measured on their own normal takes."""

from collections.abc import Sequence
from statistics import median

from sottovoce_engine.judge.effort import NormalVoice
from sottovoce_engine.judge.level import speech_loudness_lufs
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.voicing import Voicing, alpha_db, mean_v, median_f0_hz, voicing_of
from sottovoce_engine.media.samples import Sound


def normal_voice(
    takes: Sequence[Sound], thresholds: RegisterThresholds, *, levels_trusted: bool = False
) -> NormalVoice | None:
    """The voice of `takes`, each `[channels, samples]` and spoken normally; None where no voice is heard in any."""
    voicings = [voicing_of(sound, thresholds) for sound in takes]
    levels = [
        speech_loudness_lufs(sound, voicing) for sound, voicing in zip(takes, voicings, strict=True) if levels_trusted
    ]
    return normal_voice_from(voicings, thresholds, [level for level in levels if level is not None])


def normal_voice_from(
    voicings: Sequence[Voicing], thresholds: RegisterThresholds, loudness_lufs: Sequence[float] = ()
) -> NormalVoice | None:
    """As `normal_voice`, of takes whose voicing is measured already; their loudness, where that says anything."""
    pitches, ratios = [], []
    for voicing in voicings:
        v, f0 = mean_v(voicing, voicing.active), median_f0_hz(voicing, voicing.active, thresholds.voiced_above)
        alpha = alpha_db(voicing, voicing.active)
        if v is not None and v >= thresholds.whisper_below and f0 is not None and alpha is not None:
            pitches.append(f0)
            ratios.append(alpha)
    if not pitches:
        return None
    return NormalVoice(
        takes=len(pitches),
        f0_hz=median(pitches),
        alpha_db=median(ratios),
        loudness_lufs=median(loudness_lufs) if loudness_lufs else None,
    )
