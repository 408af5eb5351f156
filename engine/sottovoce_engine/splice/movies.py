"""Writing the finished movie: takes packet by packet, everything else frame by frame, sound alongside."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, assert_never

from av.video.frame import VideoFrame

from sottovoce_engine.media.movie import MovieWriter
from sottovoce_engine.media.picture import PictureReader, black_frame, mixed
from sottovoce_engine.progress import Job
from sottovoce_engine.scene import BLACK, MediaRange, PicturePiece, Raster, Scene
from sottovoce_engine.splice.pictures import BlackShot, DissolveShot, FootageShot, Shot, TakeShot
from sottovoce_engine.splice.soundtrack import Soundtrack
from sottovoce_engine.timing import Span, samples_of

_KEPT_OPEN = 3
_RUN_SECONDS = 5  # of picture before the sound that belongs to it: they lie close together in the file


class Frames:
    """Frames of shots, from a few files open at a time. Files in `missing` are black."""

    def __init__(self, raster: Raster, rate: Fraction, missing: frozenset[str] = frozenset()) -> None:
        self._raster, self._rate, self._missing = raster, rate, missing
        self._open: OrderedDict[str, tuple[PictureReader, ExitStack]] = OrderedDict()
        self._black: VideoFrame | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while self._open:
            self._open.popitem()[1][1].close()

    def of(self, shot: Shot, frame: int) -> VideoFrame:
        """What the shot shows at a scene frame, which may lie in its handles.

        Raises:
            InputError: The file is missing, damaged, or holds no picture.
        """
        match shot:
            case TakeShot():
                return self._at(shot.path, (frame - shot.origin) / self._rate)
            case FootageShot():
                return self._footage(shot.piece, frame)
            case BlackShot():
                return self._nothing()
            case DissolveShot():
                return mixed(self.of(shot.before, frame), self.of(shot.after, frame), shot.weight(frame))
            case _:
                assert_never(shot)

    def _footage(self, piece: PicturePiece, frame: int) -> VideoFrame:
        shown = self._from(piece.source, piece, frame)
        if piece.dissolve_from is None or piece.dissolve is None:
            return shown
        weight = (frame - piece.dissolve.start + 0.5) / piece.dissolve.length
        if weight >= 1.0:
            return shown
        return mixed(self._from(piece.dissolve_from, piece, frame), shown, max(0.0, weight))

    def _from(self, source: MediaRange, piece: PicturePiece, frame: int) -> VideoFrame:
        if source == BLACK or source.path in self._missing:
            return self._nothing()
        return self._at(source.path, source.start + (frame - piece.span.start) / self._rate)

    def _at(self, path: str, seconds: Fraction) -> VideoFrame:
        if path not in self._open:
            with ExitStack() as stack:
                reader = stack.enter_context(PictureReader(path, self._raster))
                self._open[path] = reader, stack.pop_all()
            if len(self._open) > _KEPT_OPEN:
                self._open.popitem(last=False)[1][1].close()
        self._open.move_to_end(path)
        return self._open[path][0].frame(seconds)

    def _nothing(self) -> VideoFrame:
        if self._black is None:
            self._black = black_frame(self._raster)
        return self._black


def write_movie(
    path: Path, scene: Scene, shots: tuple[Shot, ...], soundtrack: Soundtrack, missing: frozenset[str], job: Job
) -> None:
    """The finished movie: all-intra picture, PCM sound.

    Raises:
        InputError: Footage or a take cannot be read, or the file cannot be written there.
        SetupError: The disk is full.
        JobCancelled: Cancelling was asked for.
    """
    with (
        Frames(scene.raster, scene.rate, missing) as frames,
        MovieWriter(
            path, raster=scene.raster, rate=scene.rate, start_frame=scene.start_frame, drop_frame=scene.drop_frame
        ) as writer,
    ):
        for shot in shots:
            for run in _runs(shot.span, scene.rate):
                writer.write_sound(soundtrack.sound(samples_of(run, scene.rate)))
                if (kept := _as_kept(shot, run, scene.rate)) is not None:
                    job.step("picture", run.start, scene.length_frames)
                    writer.copy_frames(*kept)
                    continue
                for frame in range(run.start, run.end):
                    job.step("picture", frame, scene.length_frames)
                    writer.write_frame(frames.of(shot, frame))
        job.step("picture", scene.length_frames, scene.length_frames)


def write_review(path: Path, movie: Path, scene: Scene, soundtrack: Soundtrack, job: Job) -> None:
    """The same as H.264 and AAC, encoded from the finished movie.

    Raises:
        InputError: The file cannot be written there.
        SetupError: The disk is full.
        JobCancelled: Cancelling was asked for.
    """
    with (
        PictureReader(movie, scene.raster) as reader,
        MovieWriter(
            path,
            raster=scene.raster,
            rate=scene.rate,
            flavour="mp4",
            start_frame=scene.start_frame,
            drop_frame=scene.drop_frame,
        ) as writer,
    ):
        for run in _runs(Span(0, scene.length_frames), scene.rate):
            writer.write_sound(soundtrack.sound(samples_of(run, scene.rate)))
            for frame in range(run.start, run.end):
                job.step("mp4", frame, scene.length_frames)
                writer.write_frame(reader.frame(frame / scene.rate))
        job.step("mp4", scene.length_frames, scene.length_frames)


def _as_kept(shot: Shot, run: Span, rate: Fraction) -> tuple[str, Span] | None:
    """The file of ours that has these frames in the movie's own form, and which of its frames they are."""
    match shot:
        case TakeShot():
            return shot.path, run.shifted(-shot.origin)
        case FootageShot(piece=piece) if piece.is_shot:
            return piece.source.path, run.shifted(round(piece.source.start * rate) - piece.span.start)
        case _:
            return None


def _runs(span: Span, rate: Fraction) -> Iterator[Span]:
    """`span` in stretches of a few seconds."""
    step = max(1, round(_RUN_SECONDS * rate))
    for start in range(span.start, span.end, step):
        yield Span(start, min(start + step, span.end))
