"""How each register is delivered by a synthetic voice: the recipe behind the numbers it is measured by.

Whisper has no pitch, a first formant 12 % up, little below 250 Hz, and without the fall of the voice's
spectrum more energy above 1 kHz than below (+8 dB in recordings of whispered syllables, -6 in spoken
ones). Soft speech lies 2.5 semitones lower, darker and breathier; a shout 8 semitones up, brighter, its
first formant 10 % up. The others lie between or beyond them in the order of the registers. Paces and
levels are our own: takes keep more distance than a mix carries (real whisper lies 17.5 LU under
speech), and the splice sets the scene's levels.
"""

from dataclasses import dataclass

from sottovoce_engine.registers import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One register's way of speaking, relative to the voice's normal one."""

    register: str
    voiced: bool = True
    pitch_semitones: float = 0.0
    pitch_range: float = 1.0  # how far the melody moves
    tilt_db: float = 0.0  # per octave from 500 Hz to 4 kHz, on voiced sounds
    first_formant: float = 1.0
    body_db: float = 0.0  # below 250 Hz
    vowels_db: float = 0.0  # voiced sounds against consonants
    aspiration: float = 0.0  # 0..1 breath over the voice
    roughness: float = 0.0  # 0..1 strain of the vocal folds
    evenness: float = 0.0  # 0..1 how far soft syllables are brought up
    pressure: float = 0.0  # how hard the peaks are pressed together, as in a strained throat
    pace: float = 1.0  # natural pace; below 1 slower
    loudness_lufs: float  # of the take
    lora: bool  # whether the register it belongs to needs the LoRA
    mix_lufs: float  # the shipped register's target, by which a person's own register finds its nearest
    order: int


_WHISPER = Delivery(
    register="whisper",
    voiced=False,
    tilt_db=8.0,
    first_formant=1.12,
    body_db=-24.0,
    vowels_db=-12.0,
    pace=0.93,
    loudness_lufs=-37.0,
    lora=True,
    mix_lufs=-34.0,
    order=1,
)

DELIVERIES = (
    _WHISPER,
    Delivery(
        register="soft",
        pitch_semitones=-2.5,
        pitch_range=0.75,
        tilt_db=-4.0,
        aspiration=0.45,
        vowels_db=-2.0,
        pace=0.95,
        loudness_lufs=-31.5,
        lora=True,
        mix_lufs=-31.0,
        order=2,
    ),
    Delivery(
        register="quieter",
        pitch_semitones=-1.2,
        pitch_range=0.85,
        tilt_db=-2.0,
        aspiration=0.2,
        vowels_db=-1.0,
        pace=0.97,
        loudness_lufs=-28.5,
        lora=True,
        mix_lufs=-29.0,
        order=3,
    ),
    Delivery(register="normal", loudness_lufs=-25.5, lora=False, mix_lufs=-27.0, order=4),
    Delivery(
        register="loud",
        pitch_semitones=4.0,
        pitch_range=1.05,
        tilt_db=2.2,
        first_formant=1.05,
        vowels_db=2.0,
        evenness=0.2,
        loudness_lufs=-23.5,
        lora=False,
        mix_lufs=-24.5,
        order=5,
    ),
    Delivery(
        register="shout",
        pitch_semitones=8.0,
        tilt_db=5.0,
        first_formant=1.10,
        vowels_db=4.0,
        roughness=0.15,
        evenness=0.4,
        pressure=1.2,
        pace=0.96,
        loudness_lufs=-21.5,
        lora=False,
        mix_lufs=-22.0,
        order=6,
    ),
    Delivery(
        register="scream",
        pitch_semitones=11.5,
        pitch_range=0.85,
        tilt_db=7.0,
        first_formant=1.16,
        vowels_db=5.0,
        aspiration=0.1,
        roughness=0.6,
        evenness=0.6,
        pressure=2.0,
        pace=0.93,
        loudness_lufs=-19.5,
        lora=False,
        mix_lufs=-20.5,
        order=7,
    ),
)


def delivery_for(register: Register) -> Delivery:
    """How `register` is delivered.

    A register of the person's own is delivered like the nearest shipped one: as a whisper where its
    manner words say so, else the nearest by loudness and order among those that use the LoRA as it does.
    """
    for delivery in DELIVERIES:
        if delivery.register == register.name:
            return delivery
    if "whisper" in f"{register.manner.woman} {register.manner.man}".lower():
        return _WHISPER
    alike = [delivery for delivery in DELIVERIES if delivery.lora == (register.lora > 0.0)]
    return min(
        alike,
        key=lambda delivery: (
            abs(delivery.mix_lufs - register.loudness_lufs) / 2.5 + abs(delivery.order - register.order),
            delivery.order,
        ),
    )
