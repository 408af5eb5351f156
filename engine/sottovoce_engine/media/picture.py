"""Pictures in the one form the engine works with, and reading them from any file at any time.

That form is `av.VideoFrame`: yuv422p, 8 bit, BT.709, limited range, at the scene's raster.
"""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import opened_media, picture_stream, read_error, read_only
from sottovoce_engine.media.frames import Conformer, black_frame, frame_from_rgb, mixed
from sottovoce_engine.scene import Raster

__all__ = ["PictureReader", "black_frame", "frame_from_rgb", "mixed"]

_SEEK_AHEAD = Fraction(1)  # seconds; below that, decoding on is cheaper than going back to a key frame
_CUT_SHORT = Fraction(1, 2)  # seconds; containers may say a frame or two more than there is


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timed:
    """A decoded frame and its time, which whoever is given the frame may overwrite in it."""

    frame: VideoFrame
    ticks: int
    end: int


class PictureReader:
    """Frames of a file by time. Reading forwards is fast; reading backwards seeks.

    file      |0   |1   |2   |3   |         frame k is shown from k/rate on
    frame(at)       ^ at = 1.5 / rate gives frame 1
    """

    _container: InputContainer
    _stream: VideoStream
    _frames: Iterator[VideoFrame]
    _shown: _Timed
    _next: _Timed | None  # decoded ahead, to know until when `_shown` is shown

    def __init__(self, path: Path | str, raster: Raster, *, watched: bool = False) -> None:
        """Opens nothing yet.

        Args:
            path: The file.
            raster: Of the frames given out.
            watched: Whether frames are made as a viewer sees them: without combs, HDR in a standard range.
        """
        self._path = Path(path)
        self._conformer = Conformer(raster, watched=watched)
        self._stack = ExitStack()
        self._made_from: _Timed | None = None
        self._made: VideoFrame | None = None  # of `_made_from`; frames are often held

    def __enter__(self) -> Self:
        """Opens the file and decodes its first frame.

        Raises:
            InputError: The file is missing, damaged, or holds no picture.
        """
        try:
            self._open()
            self._first = self._shown.ticks
            self._slack = self._rounding()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def frame(self, at: Fraction) -> VideoFrame:
        """The frame shown `at` seconds after the file's first frame; past the end the last one, before 0 the first.

        The frame may be given out again: do not draw into it.

        Raises:
            InputError: The file is damaged there, or ends before the time its header says.
        """
        wanted = self._first + int((max(at, Fraction(0)) + self._slack) / self._tick)
        try:
            if wanted < self._shown.ticks or (
                self._next is not None and (wanted - self._next.ticks) * self._tick > _SEEK_AHEAD
            ):
                self._seek(wanted)
            while self._next is not None and self._next.ticks <= wanted:
                self._shown, self._next = self._next, self._decoded()
        except (FFmpegError, OSError) as error:
            raise read_error(self._path, error) from error
        if self._next is None:
            self._check_whole()
        if self._made is None or self._made_from is not self._shown:
            self._made_from = self._shown
            self._made = self._conformer.conformed(self._shown.frame, self._stream.sample_aspect_ratio)
        return self._made

    def _open(self) -> None:
        """Stands on the file's first frame."""
        self._stack.close()
        self._container = self._stack.enter_context(opened_media(self._path))
        stream = picture_stream(self._container)
        if stream is None:
            raise InputError(f"{self._path} holds no picture. Relink the clip to a file with one.")
        read_only(stream)
        stream.thread_type = "AUTO"
        self._stream = stream
        self._tick = stream.time_base or Fraction(1, 90_000)
        try:
            if not self._decode_on():
                raise InputError(f"{self._path} ends before its first frame. Export it again.")
        except FFmpegError as error:
            raise read_error(self._path, error) from error

    def _seek(self, wanted: int) -> None:
        """Stands on a frame at or before `wanted`; containers may point to a later one than was asked for."""
        back = 0
        while wanted - back > self._first:
            with suppress(FFmpegError):
                self._container.seek(wanted - back, stream=self._stream)
                if self._decode_on() and self._shown.ticks <= wanted:
                    return
            back = max(2 * back, int(1 / self._tick))
        self._open()

    def _decode_on(self) -> bool:
        """Decodes the next two frames from where the file stands; False at its end."""
        self._frames = self._container.decode(self._stream)
        first = self._decoded()
        if first is None:
            return False
        self._shown, self._next = first, self._decoded()
        return True

    def _decoded(self) -> _Timed | None:
        frame = next(self._frames, None)
        if frame is None:
            return None
        ticks = frame.pts if frame.pts is not None else frame.dts
        if ticks is None:
            raise InputError(f"{self._path} carries no times for its frames. Copy it into a .mov or .mp4.")
        return _Timed(frame=frame, ticks=ticks, end=ticks + (frame.duration or 0))

    def _rounding(self) -> Fraction:
        """Seconds by which frame times may be late because the container's ticks do not divide its frames."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        if not rate or (1 / (rate * self._tick)).denominator == 1:
            return Fraction(0)
        return min(self._tick, 1 / Fraction(4 * rate))

    def _check_whole(self) -> None:
        if self._stream.duration is None:
            return
        missing = (self._first + self._stream.duration - self._shown.end) * self._tick
        if missing > _CUT_SHORT:
            raise InputError(
                f"{self._path} ends {float(missing):.1f} s before the time its header says: it was cut short. "
                "Copy or export it again."
            )
