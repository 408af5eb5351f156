"""Sound in memory: float32 `[channels, samples]` in ±1, from and to what files hold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from numpy.typing import NDArray

Sound = NDArray[np.float32]

_MINUS_3_DB = float(np.sqrt(0.5))
# (left, right) gain of each loudspeaker in a stereo downmix; what is not listed is left out, as the LFE is.
# Source: ITU-R BS.775-4, annex 4, table 2, the 2/0 column.
_DOWNMIX = {
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (_MINUS_3_DB, _MINUS_3_DB),
    "FLC": (1.0, 0.0),
    "FRC": (0.0, 1.0),
    "BL": (_MINUS_3_DB, 0.0),
    "BR": (0.0, _MINUS_3_DB),
    "SL": (_MINUS_3_DB, 0.0),
    "SR": (0.0, _MINUS_3_DB),
    "BC": (0.5, 0.5),
    "DL": (1.0, 0.0),
    "DR": (0.0, 1.0),
}
# Packed formats: how a value is stored, and what brings it to ±1.
_PACKED: dict[str, tuple[np.dtype[Any], float]] = {
    "u8": (np.dtype(np.uint8), 1 / 128),
    "s16": (np.dtype(np.int16), 1 / 32_768),
    "s32": (np.dtype(np.int32), 1 / 2_147_483_648),
    "flt": (np.dtype(np.float32), 1.0),
    "dbl": (np.dtype(np.float64), 1.0),
}


def float_samples(frames: Sequence[AudioFrame]) -> Sound:
    """Decoded frames of one format, one after the other, as float32 `[channels, samples]`.

    Integers at full scale come out at ±1.
    """
    name, channels = frames[0].format.name, frames[0].layout.nb_channels
    if name in _PACKED:  # many short frames are joined before anything is computed: half the time of a read
        kind, scale = _PACKED[name]
        raw = np.concatenate(
            [np.frombuffer(memoryview(frame.planes[0]), kind, frame.samples * channels) for frame in frames]
        )
        return _scaled(raw, name, scale).reshape(-1, channels).T
    given = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    name = name.removesuffix("p")
    return _scaled(given, name, _PACKED[name][1] if name in _PACKED else 1.0)


def _scaled(raw: NDArray[Any], name: str, scale: float) -> Sound:
    values = raw.astype(np.float32)
    if name == "u8":
        values -= 128.0
    if scale != 1.0:
        values *= np.float32(scale)
    return values


def stereo(sound: Sound, layout: AudioLayout) -> Sound:
    """`sound` of that channel layout as left and right.

    Mono goes to both at unity, so that a voice keeps its level. Of channels without a known place the
    first two count as left and right, as field recorders write their mix.
    """
    if sound.shape[0] == 1:
        return np.repeat(sound, 2, axis=0)
    if sound.shape[0] == 2:
        return sound
    gains = np.array([_DOWNMIX.get(channel.name, (0.0, 0.0)) for channel in layout.channels], np.float32)
    if gains.shape[0] != sound.shape[0] or not gains.any():
        return sound[:2]
    return np.ascontiguousarray(gains.T @ sound)


def pcm(sound: Sound, bits: int) -> tuple[NDArray[np.int32], int]:
    """`sound` as whole numbers of that many bits, and how many samples lay beyond ±1 and were clipped."""
    full_scale = 2 ** (bits - 1)
    clipped = int(np.count_nonzero(np.abs(sound) > 1.0))
    scaled = np.rint(sound.astype(np.float64) * full_scale)
    return np.clip(scaled, -full_scale, full_scale - 1).astype(np.int32), clipped
