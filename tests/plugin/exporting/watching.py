"""Looks at a movie of the numbered scene, frame by frame and sine by sine."""

from collections.abc import Collection
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.otio_adapters.coded_media import WIDTH, bars, seen

from .numbered_scene import ANNA, BEN, GAIN_DB, HERTZ, LENGTH, MUSIC_HERTZ, TONE_HERTZ, shown, sounding

_LEVELS = dict.fromkeys(HERTZ.values(), 0.25) | {MUSIC_HERTZ: 0.05, TONE_HERTZ: 0.01}  # peaks in the files
_TAKES = (HERTZ[ANNA], HERTZ[BEN])
# Four frames each, away from the joins and the dissolve.
LISTENED_AT = (4, 14, 26, 38, 49, 66, 70, 80, 98, 110, 116)


def assert_shows_the_scene(movie: Path, *, dissolved: bool = True) -> None:
    """Every frame, those of the dissolve by the share of both sides where `dissolved`."""
    frames = seen(movie)
    assert len(frames) == LENGTH
    wrong = [
        (frame, found)
        for frame, found in enumerate(frames)
        if shown(frame).over is None and found != (shown(frame).file, shown(frame).frame)
    ]
    assert wrong == []
    if not dissolved:
        return
    greys = pictures(movie)
    shares = {frame: share_of_incoming(greys[frame], frame) for frame in range(LENGTH) if shown(frame).over}
    assert shares == {frame: pytest.approx(shown(frame).share, abs=0.03) for frame in shares}


def assert_sounds_like_the_scene(
    movie: Path, rate: Fraction, *, frames: Collection[int] = LISTENED_AT, gain_db: float = GAIN_DB
) -> None:
    """Every sine at every place: there at its level, takes moved by `gain_db`, or not there."""
    sound = samples(movie)
    assert abs(len(sound) - LENGTH * 48_000 / rate) <= 2 * 1024  # codecs pad to whole packets
    for frame in frames:
        stretch = sound[round(frame * 48_000 / rate) : round((frame + 4) * 48_000 / rate)]
        for hertz, level in _LEVELS.items():
            played = level * 10 ** (gain_db / 20) if hertz in _TAKES else level
            expected = played if hertz in sounding(frame) else 0.0
            assert abs(peak(stretch, hertz) - expected) <= 0.002 + 0.03 * expected, (frame, hertz)


def pictures(movie: Path) -> list[np.ndarray]:
    """[rows, columns] uint8 of every frame."""
    with av.open(str(movie)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def share_of_incoming(picture: np.ndarray, frame: int) -> float:
    """How far a dissolve has come, by the bars in which both sides differ."""
    incoming, outgoing = shown(frame), shown(frame).over
    assert outgoing is not None
    middles = np.arange(16) * WIDTH // 16 + WIDTH // 32
    found = picture[picture.shape[0] // 2 - 8 : picture.shape[0] // 2 + 8].mean(axis=0)[middles]
    new, old = (
        bars(file, number)[0, middles, 0].astype(float) for file, number in ((incoming.file, incoming.frame), outgoing)
    )
    differs = new != old
    return float(np.median((found - old)[differs] / (new - old)[differs]))


def samples(movie: Path) -> np.ndarray:
    """[samples] float: the left channel at 48 kHz."""
    with av.open(str(movie)) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
        blocks = [block.to_ndarray()[0] for frame in container.decode(audio=0) for block in resampler.resample(frame)]
        blocks += [block.to_ndarray()[0] for block in resampler.resample(None)]
    return np.concatenate(blocks)


def peak(sound: np.ndarray, hertz: float) -> float:
    """Of one sine."""
    at = np.exp(-2j * np.pi * hertz * np.arange(len(sound)) / 48_000)
    return float(2 * abs(np.mean(sound * at * np.hanning(len(sound)) * 2)))
