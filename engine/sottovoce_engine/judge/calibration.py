"""Thresholds refitted from labelled recordings, with what they get right and wrong.

    v    :.::.: .  .  |              |    . .: :.:::.
         whispers     |   uncertain  |    voices
             whisper_below      voiced_above

Between the highest whisper and the lowest voice each bar stands a third of the way in. Where both sides
overlap, the overlap less the outermost twentieth of each side is what stays uncertain.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import fmean, median

import numpy as np

from sottovoce_engine.errors import InputError
from sottovoce_engine.judge.effort import EFFORT_REGISTERS, effort_of
from sottovoce_engine.judge.normal_voices import normal_voice_from
from sottovoce_engine.judge.recordings import Recording
from sottovoce_engine.judge.register import judged_voicing
from sottovoce_engine.judge.register_finding import RegisterFinding, Verdict
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.thresholds import Threshold
from sottovoce_engine.judge.voicing import Voicing, alpha_db, mean_v, median_f0_hz, voiced_share, voicing_from
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.progress import Job
from sottovoce_engine.registers import Register
from sottovoce_engine.scene import Gender, Voice
from sottovoce_engine.timing import SAMPLE_RATE

_FEWEST = 8  # recordings on either side of the bars
_FEWEST_OF_A_REGISTER = 5
_LONGEST_SECONDS = 300
_OUTLIERS = 0.05
_STAGE = "measuring"
_BETWEEN_MEN_AND_WOMEN_HZ = 160.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRecording:
    """A recording in which somebody speaks, and its voicing."""

    recording: Recording
    voicing: Voicing
    v: float
    voiced_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How often recordings of a label were given each verdict."""

    label: str
    counts: tuple[tuple[Verdict, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What labelled recordings say about the thresholds."""

    thresholds: RegisterThresholds  # refitted
    refitted: tuple[tuple[str, Threshold], ...]  # those that changed, with their provenance
    margin: float  # lowest v of a voice less the highest of a whisper; below 0 they overlap
    before: tuple[Confusion, ...]  # by the thresholds as they were
    after: tuple[Confusion, ...]
    skipped: tuple[str, ...]  # recordings that say nothing, and why


def measured_recordings(
    recordings: Sequence[Recording], thresholds: RegisterThresholds, job: Job
) -> tuple[tuple[MeasuredRecording, ...], tuple[str, ...]]:
    """The recordings that can be measured, and for each other one its name and why not.

    Raises:
        JobCancelled: Cancelling was asked for.
    """
    measured, skipped = [], []
    for number, recording in enumerate(recordings):
        job.step(_STAGE, number, len(recordings), about=recording.path.name)
        try:
            measured.append(_measured(recording, thresholds))
        except InputError as error:
            skipped.append(f"{recording.path}: {error}")
    return tuple(measured), tuple(skipped)


def calibration_for(
    measured: Sequence[MeasuredRecording],
    skipped: tuple[str, ...],
    thresholds: RegisterThresholds,
    registers: Sequence[Register],
    *,
    source: str,
    on: date,
) -> Calibration:
    """Thresholds refitted to `measured`, and how often old and new ones are right.

    Args:
        measured: Recordings whose labels are names of `registers`, or `half`, which only counts in the tables.
        skipped: What could not be measured.
        thresholds: Those in force.
        registers: Every register that is a label.
        source: Where the recordings lie, for the provenance.
        on: The day.

    Raises:
        InputError: There are too few whispers or too few voices.
    """
    whispers = [one for one in measured if one.recording.register == "whisper"]
    voices = [one for one in measured if one.recording.register in EFFORT_REGISTERS]
    if min(len(whispers), len(voices)) < _FEWEST:
        raise InputError(
            f"{len(whispers)} whispered and {len(voices)} voiced recordings can be measured; at least {_FEWEST} of each are "
            "needed. Add recordings" + (f", or mend these: {'; '.join(skipped[:3])}" if skipped else ".")
        )
    values = _voicing_bars(whispers, voices) | _efforts(voices, thresholds)
    said = f"refitted from {len(measured)} recordings of {source} on {on.isoformat()}"
    changed = {name: round(value, 3) for name, value in values.items() if round(value, 3) != getattr(thresholds, name)}
    refitted = replace(thresholds, **changed)
    return Calibration(
        thresholds=refitted,
        refitted=tuple((name, Threshold(value=value, source=said)) for name, value in changed.items()),
        margin=min(one.v for one in voices) - max(one.v for one in whispers),
        before=confusions(measured, thresholds, registers),
        after=confusions(measured, refitted, registers),
        skipped=skipped,
    )


def confusions(
    measured: Sequence[MeasuredRecording], thresholds: RegisterThresholds, registers: Sequence[Register]
) -> tuple[Confusion, ...]:
    """The table of labels against verdicts, labels in order of loudness."""
    order = {register.name: register.order for register in registers}
    asked = {register.name: register for register in registers}
    counts: dict[str, Counter[Verdict]] = {}
    for one in sorted(measured, key=lambda one: (order.get(one.recording.register, 0), one.recording.register)):
        register = asked.get(one.recording.register, asked["whisper"])
        finding = _judged(one, register, thresholds)
        counts.setdefault(one.recording.register, Counter())[finding.verdict] += 1
    return tuple(
        Confusion(label=label, counts=tuple((verdict, found[verdict]) for verdict in Verdict if found[verdict]))
        for label, found in counts.items()
    )


def _judged(one: MeasuredRecording, register: Register, thresholds: RegisterThresholds) -> RegisterFinding:
    return judged_voicing(one.voicing, None, register, _voice(one, Gender.WOMAN), None, thresholds)


def _voice(one: MeasuredRecording, gender: Gender) -> Voice:
    return Voice(name=one.recording.voice, gender=gender)


def _measured(recording: Recording, thresholds: RegisterThresholds) -> MeasuredRecording:
    with SoundReader(recording.path) as reader:
        seconds = reader.length_samples / SAMPLE_RATE
        if seconds > _LONGEST_SECONDS:
            raise InputError(f"It lasts {seconds / 60:.0f} minutes. Cut it into single takes of up to 5 minutes.")
        voicing = voicing_from(reader.read, reader.length_samples, thresholds)
    v, share = mean_v(voicing, voicing.active), voiced_share(voicing, voicing.active)
    if v is None or share is None:
        raise InputError(f"Nobody speaks: {voicing.why_silent}. Leave it out.")
    return MeasuredRecording(recording=recording, voicing=voicing, v=v, voiced_share=share)


def _voicing_bars(whispers: Sequence[MeasuredRecording], voices: Sequence[MeasuredRecording]) -> dict[str, float]:
    below, above = _bars([one.v for one in whispers], [one.v for one in voices])
    share_below, share_above = _bars([one.voiced_share for one in whispers], [one.voiced_share for one in voices])
    typical = fmean(one.v for one in whispers)
    highest = float(np.quantile([one.v for one in whispers], 1.0 - _OUTLIERS))
    return {
        "whisper_v": min(typical, below - 0.01),
        "second_opinion_above": min(highest, below),
        "whisper_below": below,
        "voiced_above": above,
        "whisper_share_below": share_below,
        "voiced_share_above": share_above,
    }


def _bars(low: Sequence[float], high: Sequence[float]) -> tuple[float, float]:
    """Up to where a value is one of `low`, and from where on one of `high`."""
    top, bottom = max(low), min(high)
    if top < bottom:
        third = (bottom - top) / 3.0
        return top + third, bottom - third
    ends = float(np.quantile(low, 1.0 - _OUTLIERS)), float(np.quantile(high, _OUTLIERS))
    return min(ends), max(ends)


def _efforts(voices: Sequence[MeasuredRecording], thresholds: RegisterThresholds) -> dict[str, float]:
    """The middle effort of each register, over recordings of voices that have normal takes as well."""
    found: dict[str, list[float]] = {}
    for name in {one.recording.voice for one in voices}:
        own = [one for one in voices if one.recording.voice == name]
        normal = normal_voice_from([one.voicing for one in own if one.recording.register == "normal"], thresholds)
        if normal is None:
            continue
        gender = Gender.MAN if normal.f0_hz < _BETWEEN_MEN_AND_WOMEN_HZ else Gender.WOMAN
        for one in own:
            f0 = median_f0_hz(one.voicing, one.voicing.active, thresholds.voiced_above)
            alpha = alpha_db(one.voicing, one.voicing.active)
            if f0 is not None and alpha is not None:
                register = one.recording.register
                effort = effort_of(f0, alpha, None, register, _voice(one, gender), normal, thresholds)
                found.setdefault(register, []).append(effort.effort_db)
    return {
        f"{register}_effort_db": median(efforts)
        for register, efforts in found.items()
        if register != "normal" and len(efforts) >= _FEWEST_OF_A_REGISTER
    }
