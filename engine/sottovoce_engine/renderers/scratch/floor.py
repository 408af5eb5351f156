"""The sound of an empty room behind a synthetic voice: no real place is digitally silent.

Each location sounds a little different, so that a splice of several shows what room tone is for.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sottovoce_engine.take import RenderJob
from sottovoce_engine.timing import SAMPLE_RATE

_LEVEL_DBFS = -66.0


def room_floor(job: RenderJob) -> NDArray[np.float32]:
    """Noise for the whole window, [samples] at 48 kHz: the place's colour, the take's own grains."""
    place = hashlib.sha256(f"place:{job.region.location or job.region.look}".encode()).digest()
    own = [byte / 127.5 - 1.0 for byte in place[:4]]
    take = hashlib.sha256(f"{job.region.id}:{job.seed}:{job.content}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(take[:8], "big"))
    length = job.length_samples
    padded = fft.next_fast_len(length, real=True)
    spectrum = fft.rfft(rng.standard_normal(padded, dtype=np.float32))
    spectrum *= _colour(len(spectrum), own)
    noise = fft.irfft(spectrum, padded)[:length]
    noise *= 10 ** ((_LEVEL_DBFS + 1.5 * own[0]) / 20) / max(float(np.sqrt(np.mean(noise**2))), 1e-9)
    return np.asarray(noise, np.float32)


def _colour(bins: int, own: list[float]) -> NDArray[np.float32]:
    """Falling 3 to 6 dB an octave, with one broad hump between 120 and 900 Hz."""
    octaves = np.log2(np.maximum(np.linspace(0.0, SAMPLE_RATE / 2, bins), 20.0) / 1000.0)
    hump = (1.5 + own[2]) * 2.0 * np.exp(-0.5 * ((octaves + 1.6 - 1.4 * own[3]) / 0.5) ** 2)
    gain_db = -(4.5 + 1.5 * own[1]) * octaves + hump
    gain_db[octaves < np.log2(40.0 / 1000.0)] = -60.0
    return np.asarray(10 ** (gain_db / 20), np.float32)
