"""Where somebody speaks in a recording: its stretches between silences.

sound       ~~~~|####|~|###|~~~~~~~~|#####|~~~~      ~ floor, # above it
stretches       |==========|        |=====|          pauses shorter than a third of a second belong to the line
"""

import warnings
from collections.abc import Callable, Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from sottovoce_engine.timing import SAMPLE_RATE, Span

with warnings.catch_warnings(action="ignore"):  # of audioop's end in 3.13, and of ffmpeg, which nothing here runs
    from pydub import AudioSegment
    from pydub.silence import detect_nonsilent

Read = Callable[[Span], NDArray[np.float32]]

SHORTEST_PAUSE_MS = 350
SHORTEST_SPEECH_MS = 250

_RATE = 16_000  # enough for a whisper's hiss, which lies below 8 kHz
_STEP_MS = 10
_AT_ONCE = 30 * SAMPLE_RATE
_FLOOR_SHARE = 0.1  # of the recording is quieter than what counts as its floor
_OVER_FLOOR_DB = 9.0
_QUIETEST_DB, _LOUDEST_DB = -66.0, -30.0  # no silence lies above, no speech below
_FULL_SCALE = 32_767


def speech_stretches(
    read: Read,
    length_samples: int,
    *,
    shortest_pause_ms: int = SHORTEST_PAUSE_MS,
    shortest_speech_ms: int = SHORTEST_SPEECH_MS,
) -> tuple[Span, ...]:
    """The stretches of a recording that stand out of its floor, in samples, in order.

    Args:
        read: The recording's `[channels, samples]` at 48 kHz, over a span.
        length_samples: How long it is.
        shortest_pause_ms: Shorter ones belong to the line.
        shortest_speech_ms: What is shorter is no speech.
    """
    mono = np.concatenate([np.zeros(0, np.int16), *_mono(read, length_samples)])
    if not mono.any():
        return ()
    segment = AudioSegment(data=mono.tobytes(), sample_width=2, frame_rate=_RATE, channels=1)
    found = detect_nonsilent(
        segment, min_silence_len=shortest_pause_ms, silence_thresh=_threshold_dbfs(mono), seek_step=_STEP_MS
    )
    samples = SAMPLE_RATE // 1000
    spans = (Span(start * samples, min(end * samples, length_samples)) for start, end in found)
    return tuple(span for span in spans if span.length >= shortest_speech_ms * samples)


def _mono(read: Read, length: int) -> Iterator[NDArray[np.int16]]:
    """The recording as 16-bit mono at 16 kHz, read in parts."""
    stream = soxr.ResampleStream(SAMPLE_RATE, _RATE, 1, dtype="float32")
    for start in range(0, length, _AT_ONCE):
        end = min(start + _AT_ONCE, length)
        part = np.nan_to_num(read(Span(start, end)).mean(axis=0, dtype=np.float32), posinf=0.0, neginf=0.0)
        coarse = stream.resample_chunk(part, last=end == length)
        yield (np.clip(coarse, -1.0, 1.0) * _FULL_SCALE).astype(np.int16)


def _threshold_dbfs(mono: NDArray[np.int16]) -> float:
    """What silence stays below: some dB over the quietest tenth, within what rooms and voices are."""
    frame = _RATE * _STEP_MS // 1000
    whole = mono[: len(mono) // frame * frame].reshape(-1, frame).astype(np.float32) / _FULL_SCALE
    powers = np.square(whole).mean(axis=1) if len(whole) else np.zeros(1, np.float32)
    floor_db = 10.0 * np.log10(max(float(np.quantile(powers, _FLOOR_SHARE)), 1e-12))
    return float(np.clip(floor_db + _OVER_FLOOR_DB, _QUIETEST_DB, _LOUDEST_DB))
