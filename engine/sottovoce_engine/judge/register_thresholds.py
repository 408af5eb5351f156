"""What registers are told apart by: `[register]` of thresholds.toml, where each value has its source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterThresholds:
    """v and shares lie between 0 and 1."""

    silence_db: float  # below, nobody speaks, whatever stands out
    contrast_db: float  # speech stands out of the floor by this, or it is none
    range_db: float  # below the loudest, a frame counts as spoken
    shortest_seconds: float  # of speech that can be judged

    whisper_v: float  # of a good whisper
    second_opinion_above: float  # v
    whisper_below: float  # v
    voiced_above: float  # v
    whisper_share_below: float  # of voiced frames, by DIO
    whisper_alpha_above: float  # dB; where v leaves doubt, a whisper is at least that bright
    voiced_share_above: float  # of voiced frames, by DIO
    mixed_above: float  # share of the speech that lies in voiced stretches
    word_seconds: float  # of speech in a word that can be judged by itself

    f0_semitones_per_db: float  # of vocal effort
    alpha_per_db_woman: float
    alpha_per_db_man: float
    soft_effort_db: float  # relative to the voice's normal one
    quieter_effort_db: float
    normal_effort_db: float
    loud_effort_db: float
    shout_effort_db: float
    scream_effort_db: float
    register_spread_db: float  # how far good takes of one register lie apart

    f0_spread_semitones: float  # between takes of one voice in one register
    alpha_spread_db: float
    level_spread_db: float
    published_f0_woman_hz: float
    published_f0_man_hz: float
    published_alpha_db: float
    published_f0_spread_semitones: float  # between voices
    published_alpha_spread_db: float
