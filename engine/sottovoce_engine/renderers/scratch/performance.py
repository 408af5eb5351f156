"""What differs from one seed to the next: the same line, said again by the same person."""

import zlib
from dataclasses import dataclass

import numpy as np

from sottovoce_engine.renderers.scratch.utterance import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """One way of saying a line."""

    semitones: float
    pitch_range: float
    drift_semitones: float  # over the line: positive rises
    pace: float
    lead_frames: float  # how much later than needed it begins
    level_db: float
    words: Array  # [words] how long each word is held
    pauses: Array  # [words - 1] how long each gap between words is
    accents: Array  # [words] semitones by which each word is lifted


def performance_for(seed: int, line: str, words: int) -> Performance:
    """The performance of `line` at `seed`; neighbouring seeds have nothing in common, nor have other lines."""
    rng = np.random.default_rng([seed, zlib.crc32(line.encode())])
    spread = rng.uniform(-1.0, 1.0, 6)
    return Performance(
        semitones=0.9 * spread[0],
        pitch_range=1.0 + 0.25 * spread[1],
        drift_semitones=1.2 * spread[2],
        pace=1.0 + 0.05 * spread[3],
        lead_frames=0.5 + 0.5 * spread[4],
        level_db=0.7 * spread[5],
        words=np.exp(rng.uniform(-0.09, 0.09, words)),
        pauses=np.exp(rng.uniform(-0.3, 0.3, max(0, words - 1))),
        accents=rng.uniform(-1.3, 1.3, words),
    )
