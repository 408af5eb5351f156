import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from sottovoce_engine.errors import RenderError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.frames import frame_from_rgb, planes_of
from sottovoce_engine.media.loudness import loudness_lufs
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.probe import probe
from sottovoce_engine.media.sound import SoundReader
from sottovoce_engine.registers import register_table
from sottovoce_engine.renderers.finish import Sound, finished_take
from sottovoce_engine.scene import Gender, PictureMode, Raster, Region, Voice
from sottovoce_engine.take import RenderJob, SpokenWord, Take
from sottovoce_engine.timing import Span
from sottovoce_engine.windows import window_for


def job_at(
    rate: Fraction = Fraction(24), picture: PictureMode = PictureMode.CUT, start_frame: int = 0, drop: bool = False
) -> RenderJob:
    span = Span(4, 16)
    return RenderJob(
        key="key",
        content="content",
        region=Region(id="1f0c9a42", span=span, register="normal", voice="Anna", line="Listen."),
        voice=Voice(name="Anna", gender=Gender.WOMAN),
        register=register_table().get("normal"),
        caption="",
        window=window_for(span, rate, 8),
        rate=rate,
        start_frame=start_frame,
        drop_frame=drop,
        raster=Raster(width=256, height=144),
        picture=picture,
        seed=1,
        renderer="any",
    )


def sine(samples: int, gain: float = 0.1) -> Sound:
    tone = (gain * np.sin(2 * np.pi * 997 * np.arange(samples) / 48_000)).astype(np.float32)
    return np.stack((tone, tone))


def greys(count: int) -> Iterator[VideoFrame]:
    """Frames that differ by their brightness."""
    for number in range(count):
        yield frame_from_rgb(np.full((144, 256, 3), 40 + 4 * number, np.uint8))


def finished(job: RenderJob, root: Path, sound: Sound, frames: Iterable[VideoFrame] | None, **other: Any) -> Take:
    given: dict[str, Any] = {"words": (), "words_estimated": False, "fingerprints": (), "notes": ()} | other
    return finished_take(job, MediaFolder(root), sound=sound, frames=frames, **given)


def brightness(take: Take, root: Path) -> list[int]:
    with PictureReader(MediaFolder(root).path(take.media), take.job.raster) as reader:
        return [int(planes_of(reader.frame(n / take.job.rate))[0][72, 128]) for n in range(take.length_frames)]


def heard(take: Take, root: Path) -> Sound:
    with SoundReader(MediaFolder(root).path(take.media)) as reader:
        assert reader.length_samples == take.length_samples
        return reader.read(Span(0, reader.length_samples))


@pytest.mark.parametrize(
    ("rate", "missing_samples"), [(Fraction(24), 0), (Fraction(24_000, 1001), 1520), (Fraction(60_000, 1001), -999)]
)
def test_sound_and_picture_come_out_as_long_as_the_window(rate: Fraction, missing_samples: int, tmp_path: Path) -> None:
    job = job_at(rate)
    sound = sine(job.length_samples - missing_samples)
    take = finished(job, tmp_path, sound, greys(job.window.length + 5))
    info = probe(MediaFolder(tmp_path).path(take.media))
    assert info.picture is not None
    assert info.picture.frames == take.length_frames == job.window.length
    assert info.picture.rate == rate
    there = min(sound.shape[1], job.length_samples)
    got = heard(take, tmp_path)
    assert np.abs(got[:, :there] - sound[:, :there]).max() < 2**-22
    assert not got[:, there:].any()


def test_frames_stay_in_order_and_the_last_is_held_for_missing_ones(tmp_path: Path) -> None:
    job = job_at()
    take = finished(job, tmp_path, sine(job.length_samples), greys(job.window.length - 3))
    shown = brightness(take, tmp_path)
    assert all(b > a for a, b in itertools.pairwise(shown[:-3]))
    assert len(set(shown[-4:])) == 1


def test_a_locked_picture_makes_a_take_of_sound_alone(tmp_path: Path) -> None:
    job = job_at(picture=PictureMode.LOCK)
    sound = sine(job.length_samples)
    take = finished(job, tmp_path, sound, None)
    assert not take.has_picture
    assert probe(MediaFolder(tmp_path).path(take.media)).picture is None
    assert np.abs(heard(take, tmp_path) - sound).max() < 2**-22


def test_loudness_is_that_of_the_speech_and_the_peak_that_of_the_take(tmp_path: Path) -> None:
    job = job_at(picture=PictureMode.LOCK)
    sound = sine(job.length_samples, 0.001)
    speech = Span(20_000, 50_000)
    sound[:, speech.start : speech.end] *= 100
    sound[:, 5] = 0.5
    word = SpokenWord(text="Listen.", span=speech)
    take = finished(job, tmp_path, sound, None, words=(word,))
    assert take.loudness_lufs == pytest.approx(-20.0, abs=0.1)
    assert take.loudness_lufs == loudness_lufs(sound[:, speech.start : speech.end])
    assert take.true_peak_dbtp >= -6.1
    short = SpokenWord(text="Listen.", span=Span(20_000, 30_000))
    assert finished(job, tmp_path, sound, None, words=(short,)).loudness_lufs is None


def test_the_record_says_what_it_was_told_and_when(tmp_path: Path) -> None:
    job = job_at(picture=PictureMode.LOCK)
    told = {"words_estimated": True, "fingerprints": (("model", "3"),), "notes": ("runs 2 frames over its region",)}
    take = finished(job, tmp_path, sine(job.length_samples), None, **told)
    assert take.job == job
    assert (take.words_estimated, take.fingerprints, take.notes) == tuple(told.values())
    assert datetime.fromisoformat(take.made).utcoffset() is not None
    assert take.speech == job.region_samples


def test_the_files_own_timecode_starts_at_zero(tmp_path: Path) -> None:
    """Some hosts count a clip's place from the file's first frame, whatever timecode it carries."""
    job = job_at(start_frame=86_400)
    take = finished(job, tmp_path, sine(job.length_samples), greys(1))
    with av.open(str(MediaFolder(tmp_path).path(take.media))) as container:
        assert container.streams.video[0].metadata["timecode"] == "00:00:00:00"


@pytest.mark.parametrize(
    ("sound", "frames", "message"),
    [
        (sine(1000), None, "No picture was made"),
        (sine(1000), (), "No frame was made"),
        (sine(1000)[:1], None, "The sound made for the take key is damaged"),
        (sine(1000) * np.nan, None, "The sound made for the take key is damaged"),
    ],
)
def test_what_is_no_take_is_refused_and_leaves_nothing(
    sound: Sound, frames: Iterable[VideoFrame] | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RenderError, match=message):
        finished(job_at(), tmp_path, sound, frames)
    assert not list(tmp_path.iterdir())
