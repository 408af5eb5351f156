"""Takes of sounds that are made in a millisecond: breath, a gap, voice."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.engine.judge.signals import voiced, whispered

from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.registers import register_table
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import RenderJob, Take, Window
from sottovoce_engine.timing import SAMPLE_RATE, Span

GAP = np.zeros(SAMPLE_RATE // 2, np.float32)
# 0 s nothing | 0.5 s breath | 1.7 s nothing | 2.2 s voice | 3.4 s nothing, up to 3.9 s
SOUND = np.concatenate([GAP, whispered(level=0.05), GAP, voiced(level=0.05), GAP])
BREATH, VOICE = slice(50, 170), slice(220, 340)  # frames of 10 ms
REGION = Region(id="0000000a", span=Span(12, 84), register="whisper", voice="Anna", line="So it is")


def take_of(sound: NDArray[np.float32], folder: Path, key: str = "k", region: Region = REGION) -> tuple[Take, Path]:
    """A take of 97 frames from the scene's first one on, and its media."""
    path = folder / f"{key}.wav"
    with WavWriter(path) as wav:
        wav.write(np.stack([sound, sound]))
    job = RenderJob(
        key=key,
        content="c",
        region=region,
        voice=Voice(name="Anna", gender=Gender.WOMAN),
        register=register_table().get("whisper"),
        caption="",
        window=Window(start=0, model_frames=97),
        rate=Fraction(24),
        start_frame=0,
        drop_frame=False,
        raster=Raster(width=320, height=180),
        picture=PictureMode.LOCK,
        seed=1,
        renderer="scratch",
    )
    take = Take(
        job=job,
        media=f"{'a' * 64}.wav",
        length_frames=97,
        length_samples=97 * 2000,
        words=(),
        words_estimated=True,
        made="",
        loudness_lufs=None,
        true_peak_dbtp=-3.0,
    )
    return take, path
