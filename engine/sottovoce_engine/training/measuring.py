"""What the judge measured on each clip, beside the register that is claimed of it.

Soft to scream are told by effort, relative to how the same voice speaks normally, where recordings labelled `normal`
say so, else to published voices. Effort is a score and no proof: only what lies far off counts as a mismatch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median

from sottovoce_engine.judge.effort import NormalVoice, effort_of, is_whispered
from sottovoce_engine.judge.register_finding import RegisterFinding, Verdict
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.judge.register_why import why_of
from sottovoce_engine.registers import Register
from sottovoce_engine.scene import Voice
from sottovoce_engine.training.values import Clip, Measured

NORMAL = "normal"

_FAR_OFF = 3.0  # spreads of effort from the register that is claimed


def normal_voice_in(findings: Iterable[RegisterFinding]) -> NormalVoice | None:
    """How a voice speaks normally, from what was found in recordings labelled so; None where none has a voice."""
    voiced = [
        (found.f0_hz, found.alpha_db)
        for found in findings
        if found.verdict is Verdict.VOICED and found.f0_hz is not None and found.alpha_db is not None
    ]
    if not voiced:
        return None
    pitches, ratios = zip(*voiced, strict=True)
    return NormalVoice(takes=len(voiced), f0_hz=median(pitches), alpha_db=median(ratios), loudness_lufs=None)


def measured_beside(
    found: RegisterFinding, register: Register, voice: Voice, normal: NormalVoice | None, thresholds: RegisterThresholds
) -> Measured:
    """The finding of a clip, its effort made relative to the voice's own normal speech."""
    effort = found.effort
    if effort is not None and normal is not None and found.f0_hz is not None and found.alpha_db is not None:
        effort = effort_of(found.f0_hz, found.alpha_db, None, register.name, voice, normal, thresholds)
        found = replace(found, effort=effort)
    whispered = is_whispered(register)
    far_off = effort is not None and not whispered and effort.distance is not None and effort.distance > _FAR_OFF
    return Measured(
        verdict=str(found.verdict),
        v=found.v,
        nearest="" if effort is None else effort.nearest,
        fits=None if found.passes is None else found.passes and not found.amber and not far_off,
        why=why_of(found, "", whispered=whispered),
    )


def mismatched(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """The clips that do not measure as what they are claimed to be."""
    return tuple(clip for clip in clips if clip.measured.fits is False)
