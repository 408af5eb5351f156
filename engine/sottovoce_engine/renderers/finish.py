"""From what a renderer made to a take in the media folder: conformed, measured, adopted."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from sottovoce_engine.errors import RenderError
from sottovoce_engine.media.folder import MediaFolder
from sottovoce_engine.media.loudness import loudness_lufs, true_peak_dbtp
from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.wav import WavWriter
from sottovoce_engine.scene import PictureMode
from sottovoce_engine.take import RenderJob, SpokenWord, Take
from sottovoce_engine.timing import Span, sample_at

Sound = NDArray[np.float32]

_FRAMES_AT_ONCE = 8  # sound follows the picture in pieces of so many frames


def finished_take(
    job: RenderJob,
    media: MediaFolder,
    *,
    sound: Sound,
    frames: Iterable[VideoFrame] | None,
    words: tuple[SpokenWord, ...],
    words_estimated: bool,
    fingerprints: tuple[tuple[str, str], ...],
    notes: tuple[str, ...],
) -> Take:
    """Writes what was rendered as the media of a take.

    Sound and picture come out exactly as long as was asked for: what is beyond it is left out, missing
    sound is silence, a missing last frame is the one before it held.

    Args:
        job: What was asked for.
        media: Where the media goes.
        sound: `[2, samples]` from the window's first frame.
        frames: Scene frames from the window's first one; None where the timeline keeps its own picture.
        words: The words and where they are spoken.
        words_estimated: Whether their places are a guess.
        fingerprints: What made it, by name and version.
        notes: What the editor should know about this take.

    Raises:
        RenderError: There are no frames where the take needs a picture, or the sound is no sound.
        InputError, SetupError: The media cannot be written.
    """
    sound, own = _conformed(sound, job), job.own_samples
    if job.picture is not PictureMode.LOCK and frames is None:
        raise RenderError(f"No picture was made for the take {job.key}, which needs one. Render it again.")
    with media.staged("wav" if frames is None else "mov") as path:
        if frames is None:
            with WavWriter(path) as wav:
                wav.write(sound)
        else:
            _write_movie(path, job, sound, frames)
        name = media.adopt(path)
    return Take(
        job=job,
        media=name,
        length_frames=job.length_frames,
        length_samples=job.length_samples,
        words=words,
        words_estimated=words_estimated,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        loudness_lufs=_loudness(sound, words, job),
        true_peak_dbtp=true_peak_dbtp(sound[:, own.start : own.end]),
        fingerprints=fingerprints,
        notes=notes,
    )


def _loudness(sound: Sound, words: tuple[SpokenWord, ...], job: RenderJob) -> float | None:
    """Over the speech; over the region where no word is known."""
    speech = job.region_samples
    if words:
        speech = Span(min(word.span.start for word in words), max(word.span.end for word in words))
    return loudness_lufs(sound[:, speech.start : speech.end])


def _conformed(sound: Sound, job: RenderJob) -> Sound:
    """`sound` as float32 `[2, job.length_samples]`."""
    if sound.ndim != 2 or sound.shape[0] != 2 or not np.isfinite(sound).all():
        raise RenderError(f"The sound made for the take {job.key} is damaged. Render it again.")
    missing = max(0, job.length_samples - sound.shape[1])
    return np.pad(sound[:, : job.length_samples], ((0, 0), (0, missing))).astype(np.float32, copy=False)


def _write_movie(path: Path, job: RenderJob, sound: Sound, frames: Iterable[VideoFrame]) -> None:
    """Picture and sound side by side, a few frames at a time."""
    length = job.length_frames
    with MovieWriter(path, raster=job.raster, rate=job.rate) as movie:
        held = _held(frames, length, job)
        for start in range(0, length, _FRAMES_AT_ONCE):
            end = min(start + _FRAMES_AT_ONCE, length)
            for frame in itertools.islice(held, end - start):
                movie.write_frame(frame)
            movie.write_sound(sound[:, sample_at(start, job.rate) : sample_at(end, job.rate)])


def _held(frames: Iterable[VideoFrame], length: int, job: RenderJob) -> Iterator[VideoFrame]:
    """`length` frames: the last one given is held for those that are missing."""
    last: VideoFrame | None = None
    given = 0
    for last in itertools.islice(frames, length):
        given += 1
        yield last
    if last is None:
        raise RenderError(f"No frame was made for the take {job.key}. Render it again.")
    yield from itertools.repeat(last, length - given)
