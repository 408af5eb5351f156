"""Media that say what they are: every frame shows its file's number and its own as bars, every file is one sine."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT = 320, 180
_BITS = 16
_FILE_BITS = 4


def write_coded_movie(path: Path, *, file: int, frames: int, rate: Fraction, hertz: float) -> Path:
    """A movie of `frames` frames, all-intra, with a stereo sine."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=rate)
        video.width, video.height, video.pix_fmt, video.gop_size = WIDTH, HEIGHT, "yuv420p", 1
        video.bit_rate = 4_000_000
        audio = container.add_stream("pcm_s16le", rate=48_000)
        audio.layout = "stereo"
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(bars(file, number), format="rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = round(frames * 48_000 / rate)
        sound = (0.25 * np.sin(2 * np.pi * hertz * np.arange(samples) / 48_000) * 32_767).astype(np.int16)
        block = av.AudioFrame.from_ndarray(np.repeat(sound, 2)[None, :], format="s16", layout="stereo")
        block.sample_rate = 48_000
        container.mux(audio.encode(block))
        container.mux(audio.encode(None))
    return path


def write_tone(path: Path, *, seconds: float, hertz: float, level: float = 0.01) -> Path:
    """A WAV of one quiet sine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        audio = container.add_stream("pcm_s16le", rate=48_000)
        audio.layout = "stereo"
        sound = (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 48_000)) / 48_000) * 32_767).astype(
            np.int16
        )
        block = av.AudioFrame.from_ndarray(np.repeat(sound, 2)[None, :], format="s16", layout="stereo")
        block.sample_rate = 48_000
        container.mux(audio.encode(block))
        container.mux(audio.encode(None))
    return path


def bars(file: int, number: int) -> np.ndarray:
    """[height, width, 3] uint8: 16 bars, white for 1, the file's number in the first 4."""
    code = (file << (_BITS - _FILE_BITS)) | number
    bits = [(code >> (_BITS - 1 - bit)) & 1 for bit in range(_BITS)]
    row = np.repeat(np.array(bits, np.uint8) * 219 + 16, WIDTH // _BITS)
    return np.repeat(np.tile(row, (HEIGHT, 1))[:, :, None], 3, axis=2)


def seen(path: Path) -> list[tuple[int, int]]:
    """(file, frame) of every frame of a movie."""
    with av.open(str(path)) as container:
        return [_read(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]


def _read(grey: np.ndarray) -> tuple[int, int]:
    height, width = grey.shape
    middles = grey[height // 2 - 8 : height // 2 + 8, [round((bit + 0.5) * width / _BITS) for bit in range(_BITS)]]
    code = int("".join("1" if level > 128 else "0" for level in middles.mean(axis=0)), 2)
    return code >> (_BITS - _FILE_BITS), code & ((1 << (_BITS - _FILE_BITS)) - 1)


def heard(path: Path, hertz: float, window: tuple[float, float]) -> float:
    """How loud one sine is between two seconds of a file's sound, its peak in full scale."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=48_000)
        blocks = [block.to_ndarray()[0] for frame in container.decode(audio=0) for block in resampler.resample(frame)]
    sound = np.concatenate(blocks)[round(window[0] * 48_000) : round(window[1] * 48_000)]
    at = np.exp(-2j * np.pi * hertz * np.arange(len(sound)) / 48_000)
    return float(2 * abs(np.mean(sound * at * np.hanning(len(sound)) * 2)))
