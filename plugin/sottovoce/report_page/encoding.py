"""A take's sound small enough to lie inside a page: Opus in WebM, which every current browser plays."""

import base64
import io

import av
import numpy as np
from av.audio.frame import AudioFrame

from sottovoce_engine.media.samples import Sound
from sottovoce_engine.timing import SAMPLE_RATE

_BLOCK = SAMPLE_RATE
_FAST = "0"  # of 0..10; the page is waited for, and at these rates speech hardly gains by more


def sound_uri(sound: Sound, kilobits: int) -> str:
    """`[2, samples]` at 48 kHz as a data URI; one channel where both are the same.

    Args:
        sound: The take.
        kilobits: A second and channel.
    """
    alike = np.array_equal(sound[0], sound[1])
    channels = np.ascontiguousarray(np.clip(np.nan_to_num(sound[:1] if alike else sound), -1.0, 1.0), np.float32)
    written = io.BytesIO()
    with av.open(written, "w", format="webm") as container:
        stream = container.add_stream(
            "libopus",
            rate=SAMPLE_RATE,
            layout="mono" if alike else "stereo",
            format="flt",
            options={"compression_level": _FAST},
        )
        stream.bit_rate = kilobits * 1000 * channels.shape[0]
        for start in range(0, channels.shape[1], _BLOCK):
            packed = np.ascontiguousarray(channels[:, start : start + _BLOCK].T).reshape(1, -1)
            frame = AudioFrame.from_ndarray(packed, format="flt", layout=stream.layout.name)
            frame.sample_rate, frame.pts = SAMPLE_RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return "data:audio/webm;base64," + base64.b64encode(written.getvalue()).decode("ascii")
