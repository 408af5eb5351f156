"""Who speaks: the shape of a voice from its gender, its name, and a few words on how it sounds.

The same name always gets the same voice, on every machine and in every scene: the name's hash picks
small changes of pitch, vocal tract, brightness, breath and pace.
"""

import hashlib
import re
from dataclasses import dataclass, replace

from sottovoce_engine.scene import Gender, Voice

_MAN_SEMITONES = -10.0  # from a woman's voice
_MAN_TRACT = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A voice, relative to a woman's of middle pitch."""

    semitones: float
    tract: float  # formant frequencies; below 1 a longer tract
    tilt_db: float  # per octave above 500 Hz
    aspiration: float  # 0..1
    roughness: float  # 0..1
    pitch_range: float
    pace: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nudge:
    words: str
    semitones: float = 0.0
    tract: float = 1.0
    tilt_db: float = 0.0
    aspiration: float = 0.0
    roughness: float = 0.0
    pitch_range: float = 1.0
    pace: float = 1.0


_NUDGES = (
    _Nudge(words="low lower deep dark bass", semitones=-2.5, tract=0.96, tilt_db=-0.5),
    _Nudge(words="high higher bright light thin", semitones=2.5, tract=1.04, tilt_db=0.8),
    _Nudge(words="child childlike boyish girlish small", semitones=4.0, tract=1.1, pace=0.97),
    _Nudge(words="young youthful teenage", semitones=1.2, tract=1.03, pace=1.04),
    _Nudge(words="old older elderly aged", semitones=-0.8, tract=0.98, roughness=0.2, aspiration=0.1, pace=0.9),
    _Nudge(words="slow slowly drawling measured calm", pitch_range=0.9, pace=0.88),
    _Nudge(words="fast quick quickly hurried nervous excited", pitch_range=1.1, pace=1.13),
    _Nudge(words="tired weary sleepy sad", semitones=-1.0, pitch_range=0.75, tilt_db=-1.0, pace=0.92),
    _Nudge(words="breathy airy husky", aspiration=0.3, tilt_db=-1.0),
    _Nudge(words="rough hoarse raspy gravelly gruff", semitones=-1.0, roughness=0.4, aspiration=0.1),
    _Nudge(words="warm soft gentle mellow", tilt_db=-1.2),
    _Nudge(words="sharp harsh hard clear", tilt_db=1.2),
    _Nudge(words="flat monotone robotic cold", pitch_range=0.55),
    _Nudge(words="lively cheerful sing-song expressive", pitch_range=1.25),
)


def speaker_for(voice: Voice) -> Speaker:
    """The shape of `voice`."""
    man = voice.gender is Gender.MAN
    digest = hashlib.sha256(f"{voice.gender}:{voice.name.strip().casefold()}".encode()).digest()
    own = [byte / 127.5 - 1.0 for byte in digest[:6]]  # -1..1 each
    speaker = Speaker(
        semitones=(_MAN_SEMITONES if man else 0.0) + 2.8 * own[0],
        tract=(_MAN_TRACT if man else 1.0) * (1.0 + 0.02 * own[0] + 0.045 * own[1]),
        tilt_db=1.2 * own[2],
        aspiration=0.06 * (own[3] + 1.0),
        roughness=0.0,
        pitch_range=1.0 + 0.15 * own[4],
        pace=1.0 + 0.08 * own[5],
    )
    said = set(re.findall(r"[a-z-]+", voice.sound.casefold()))
    for nudge in _NUDGES:
        if said & set(nudge.words.split()):
            speaker = _nudged(speaker, nudge)
    return speaker


def _nudged(speaker: Speaker, nudge: _Nudge) -> Speaker:
    return replace(
        speaker,
        semitones=speaker.semitones + nudge.semitones,
        tract=speaker.tract * nudge.tract,
        tilt_db=speaker.tilt_db + nudge.tilt_db,
        aspiration=min(1.0, speaker.aspiration + nudge.aspiration),
        roughness=min(1.0, speaker.roughness + nudge.roughness),
        pitch_range=speaker.pitch_range * nudge.pitch_range,
        pace=speaker.pace * nudge.pace,
    )
