"""How much effort is in a voice: soft, normal, loud, shout, relative to the same voice's normal speech.

    effort, dB    -6     -3      0               9             18        24
                 soft quieter normal           loud          shout    scream

A louder voice is higher and brighter. Pitch, alpha ratio and, where it can be trusted, level each say how
many dB of effort they stand for; the surer one counts more. A score, never a gate: published work on four
such classes reaches 86 %.

Sources: Gramming et al. (1987), STL-QPSR 28 (pitch); Sundberg and Nordenberg (2006), JASA 120 (alpha).
"""

import math
from dataclasses import dataclass

from sottovoce_engine.judge.register_finding import Effort
from sottovoce_engine.judge.register_thresholds import RegisterThresholds
from sottovoce_engine.registers import Register
from sottovoce_engine.scene import Gender, Voice

EFFORT_REGISTERS = ("soft", "quieter", "normal", "loud", "shout", "scream")

OWN, PUBLISHED = "the voice's own normal takes", "published voices"


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalVoice:
    """How a voice speaks normally: the middle of its own normal takes."""

    takes: int
    f0_hz: float
    alpha_db: float
    loudness_lufs: float | None  # None: the takes' levels say nothing, as a model's do


def effort_of(
    f0_hz: float,
    alpha: float,
    loudness_lufs: float | None,
    register: str,
    voice: Voice,
    normal: NormalVoice | None,
    thresholds: RegisterThresholds,
) -> Effort:
    """The effort of a take of `voice` with that pitch, alpha ratio and loudness; `register` was asked for."""
    per_db = thresholds.alpha_per_db_woman if voice.gender is Gender.WOMAN else thresholds.alpha_per_db_man
    reference = normal if normal is not None else _published(voice, thresholds)
    own = normal is not None
    semitones = 12.0 * math.log2(f0_hz / reference.f0_hz)
    brighter = alpha - reference.alpha_db
    pitch_spread = thresholds.f0_spread_semitones if own else thresholds.published_f0_spread_semitones
    alpha_spread = thresholds.alpha_spread_db if own else thresholds.published_alpha_spread_db
    # (what a measure stands for, how far it is off), in dB of effort
    said = [
        (semitones / thresholds.f0_semitones_per_db, pitch_spread / thresholds.f0_semitones_per_db),
        (brighter / per_db, alpha_spread / per_db),
    ]
    louder = None
    if loudness_lufs is not None and reference.loudness_lufs is not None:
        louder = loudness_lufs - reference.loudness_lufs
        said.append((louder, thresholds.level_spread_db))
    weights = [1.0 / spread**2 for _, spread in said]
    effort = sum(weight * value for weight, (value, _) in zip(weights, said, strict=True)) / sum(weights)
    spread = math.sqrt(1.0 / sum(weights) + thresholds.register_spread_db**2)
    known = efforts_db(thresholds)
    expected = known.get(register)
    distance = None if expected is None else abs(effort - expected) / spread
    return Effort(
        effort_db=effort,
        reference=OWN if own else PUBLISHED,
        f0_semitones=semitones,
        alpha_db=brighter,
        level_db=louder,
        nearest=min(known, key=lambda name: abs(known[name] - effort)),
        expected_db=expected,
        score=None if distance is None else math.exp(-(distance**2) / 2.0),
        distance=distance,
    )


def is_whispered(register: Register) -> bool:
    """Whether takes of `register` should have no voice: by its name or, for one of the person's own, its manner."""
    if register.name in EFFORT_REGISTERS:
        return False
    manner = (register.manner.woman, register.manner.man, *(words for _, words in register.manner.by_voice))
    return register.name == "whisper" or "whisper" in " ".join(manner).lower()


def has_rule(register: Register) -> bool:
    """Whether it is known what takes of `register` should measure."""
    return register.name in EFFORT_REGISTERS or is_whispered(register)


def efforts_db(thresholds: RegisterThresholds) -> dict[str, float]:
    """The effort of each register that is told by it, relative to normal."""
    return {name: float(getattr(thresholds, f"{name}_effort_db")) for name in EFFORT_REGISTERS}


def _published(voice: Voice, thresholds: RegisterThresholds) -> NormalVoice:
    woman = voice.gender is Gender.WOMAN
    return NormalVoice(
        takes=0,
        f0_hz=thresholds.published_f0_woman_hz if woman else thresholds.published_f0_man_hz,
        alpha_db=thresholds.published_alpha_db,
        loudness_lufs=None,
    )
