"""Writing movies: takes and finished scenes as .mov, review copies as .mp4."""

import math
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc, VideoReformatter
from av.video.stream import VideoStream

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import opened_media, picture_stream, read_only, write_error
from sottovoce_engine.media.frames import Conformer, reformatted
from sottovoce_engine.media.picture import PictureReader
from sottovoce_engine.media.samples import Sound, pcm
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import SAMPLE_RATE, Span, can_drop_frames, timecode

Flavour = Literal["mov", "mp4"]

_MATRIX_709 = 1
_DNXHR_MIN = Raster(width=256, height=120)
_CHANNELS = 2
_SOUND_BLOCK = SAMPLE_RATE // 2  # samples in one packet: picture and sound lie close together in the file


# A whisper is noise, and FFmpeg's defaults replace noise by other noise, in one channel for both. Its default search
# loses single frames of steady noise altogether. Measured on whisper-like noise at this rate: 29 dB, 40 for speech.
_AAC_OPTIONS = (("aac_coder", "fast"), ("aac_pns", "0"), ("aac_is", "0"))
_AAC_BIT_RATE = 320_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCodec:
    """How a picture stream is encoded."""

    encoder: Literal["dnxhd", "prores_ks", "libx264"]
    profile: str  # as a decoder names it; part of what makes packets interchangeable
    pixel_format: str
    options: tuple[tuple[str, str], ...]


DNXHR_SQ = PictureCodec(encoder="dnxhd", profile="DNXHR SQ", pixel_format="yuv422p", options=(("profile", "dnxhr_sq"),))
PRORES_422 = PictureCodec(
    encoder="prores_ks", profile="Standard", pixel_format="yuv422p10le", options=(("profile", "standard"),)
)
H264 = PictureCodec(
    encoder="libx264", profile="High", pixel_format="yuv420p", options=(("preset", "veryfast"), ("crf", "18"))
)


def picture_codec(raster: Raster, flavour: Flavour) -> PictureCodec:
    """DNxHR SQ for .mov, ProRes 422 where DNxHR does not reach down, H.264 for .mp4."""
    if flavour == "mp4":
        return H264
    fits = raster.width >= _DNXHR_MIN.width and raster.height >= _DNXHR_MIN.height
    return DNXHR_SQ if fits else PRORES_422


class MovieWriter:
    """A movie file, written as pictures and sound come in. Closed whole, or removed when the body raises.

    `.mov`: all-intra picture and 24-bit PCM; takes of the same kind are copied packet by packet.
    `.mp4`: H.264 and AAC, ready to stream. Both carry Rec.709 tags and a timecode track.

    Attributes:
        frames: Frames written so far.
        samples: Samples written so far.
        clipped: Those among them that lay beyond ±1.
    """

    def __init__(
        self,
        path: Path,
        *,
        raster: Raster,
        rate: Fraction,
        flavour: Flavour = "mov",
        sound: bool = True,
        start_frame: int = 0,
        drop_frame: bool = False,
    ) -> None:
        self._path, self._raster, self._rate, self._flavour = Path(path), raster, rate, flavour
        self._with_sound = sound
        self._timecode = timecode(start_frame, rate, drop=drop_frame and can_drop_frames(rate))
        self._codec = picture_codec(raster, flavour)
        self._conformer, self._converter = Conformer(raster), VideoReformatter()
        self.frames = 0
        self.samples = 0
        self.clipped = 0

    def __enter__(self) -> Self:
        """Creates the file.

        Raises:
            InputError, SetupError: It cannot be written there.
        """
        try:
            self._open()
        except (FFmpegError, OSError) as error:
            raise write_error(self._path, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._abandon()
            return
        try:
            self._finish()
        except (FFmpegError, OSError) as failed:
            self._abandon()
            raise write_error(self._path, failed) from failed

    def write_frame(self, frame: VideoFrame) -> None:
        """Appends a frame; one of another form is brought to the movie's. Its own times are overwritten.

        Raises:
            SetupError: The disk is full.
        """
        frame = self._conformer.conformed(frame)
        if self._codec.pixel_format != frame.format.name:
            frame = reformatted(self._converter, frame, frame.width, frame.height, self._codec.pixel_format)
        # The encoder would obey a picture type that a decoder left behind.
        frame.pts, frame.time_base, frame.duration, frame.pict_type = self.frames, 1 / self._rate, 1, 0
        self._mux(self._video.encode(frame))
        self.frames += 1

    def copy_frames(self, take_path: Path | str, span: Span) -> None:
        """Appends frames of a take, counted from its first: as they are where its kind allows, else encoded.

        Raises:
            InputError: The take cannot be read, or has fewer frames.
            SetupError: The disk is full.
        """
        with opened_media(take_path) as container:
            stream = picture_stream(container)
            if stream is None:
                raise InputError(f"{take_path} holds no picture. Render this take again.")
            rate = stream.average_rate or self._rate
            if self._is_same_kind(stream):
                self._copy_packets(container, stream, span, Path(take_path))
                return
        with PictureReader(take_path, self._raster) as reader:
            for index in range(span.start, span.end):
                self.write_frame(reader.frame(index / rate))

    def write_sound(self, block: Sound) -> None:
        """Appends `[2, samples]` in ±1; what lies beyond is clipped and counted.

        Raises:
            SetupError: The disk is full.
        """
        if not self._with_sound or block.shape[0] != _CHANNELS:
            raise ValueError(
                f"{block.shape[0]} channels were given to a movie of {_CHANNELS if self._with_sound else 0}"
            )
        for start in range(0, block.shape[1], _SOUND_BLOCK):
            piece = block[:, start : start + _SOUND_BLOCK]
            frame = self._sound_frame(piece)
            frame.pts, frame.time_base, frame.sample_rate = self.samples, Fraction(1, SAMPLE_RATE), SAMPLE_RATE
            self._mux(self._audio.encode(frame))
            self.samples += piece.shape[1]

    def _open(self) -> None:
        # Edit lists count in the movie's own ticks; the usual milliseconds would cut the sound short.
        options = {"movie_timescale": str(math.lcm(SAMPLE_RATE, self._rate.numerator))}
        # The caller may write all pictures before any sound: do not hold them back for it.
        options["max_interleave_delta"] = "2000000"
        if self._flavour == "mp4":
            options["movflags"] = "+faststart"
        self._container: OutputContainer = av.open(
            f"file:{self._path}",
            "w",
            format=self._flavour,
            container_options=options,
        )
        self._video: VideoStream = self._container.add_stream(
            self._codec.encoder, rate=self._rate, options=dict(self._codec.options)
        )
        self._video.width, self._video.height = self._raster.width, self._raster.height
        self._video.pix_fmt = self._codec.pixel_format
        context = self._video.codec_context
        context.colorspace, context.color_range = _MATRIX_709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        context.thread_count = os.cpu_count() or 1
        # Intra frames come out of sliced threads at once, so copied ones can follow; H.264 codes better without slices.
        context.thread_type = "AUTO" if self._flavour == "mp4" else "SLICE"
        self._video.metadata["timecode"] = self._timecode
        if self._with_sound:
            self._audio = self._sound_stream()
        self._container.start_encoding()

    def _sound_stream(self) -> AudioStream:
        if self._flavour == "mov":
            return self._container.add_stream("pcm_s24le", rate=SAMPLE_RATE, layout="stereo")
        stream = self._container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", options=dict(_AAC_OPTIONS))
        stream.bit_rate = _AAC_BIT_RATE
        return stream

    def _sound_frame(self, piece: Sound) -> AudioFrame:
        if self._flavour == "mp4":
            self.clipped += int(np.count_nonzero(np.abs(piece) > 1.0))
            return AudioFrame.from_ndarray(np.ascontiguousarray(np.clip(piece, -1.0, 1.0)), "fltp", "stereo")
        values, clipped = pcm(piece, 24)
        self.clipped += clipped
        return AudioFrame.from_ndarray(np.ascontiguousarray((values << 8).T).reshape(1, -1), "s32", "stereo")

    def _is_same_kind(self, stream: VideoStream) -> bool:
        """Whether the stream's packets can stand among this movie's own."""
        context = stream.codec_context
        ours = self._video.codec_context
        return self._flavour == "mov" and (
            context.name == ours.name.removesuffix("_ks")
            and context.profile == self._codec.profile
            and (context.width, context.height) == (self._raster.width, self._raster.height)
            and context.pix_fmt == self._codec.pixel_format
            and (context.colorspace, context.color_range) == (_MATRIX_709, ColorRange.MPEG)
        )

    def _copy_packets(self, container: InputContainer, stream: VideoStream, span: Span, path: Path) -> None:
        ticks = 1 / ((stream.average_rate or self._rate) * (stream.time_base or Fraction(1)))
        first = stream.start_time or 0
        read_only(stream)
        container.seek(first + round(span.start * ticks), stream=stream)
        expected, tick = span.start, 1 / self._rate
        for packet in container.demux(stream):
            if packet.pts is None or expected == span.end:
                break
            # round((pts - first) / ticks) in whole numbers, since it is asked for every frame
            index = (2 * (packet.pts - first) * ticks.denominator + ticks.numerator) // (2 * ticks.numerator)
            if index < expected:
                continue
            if index != expected:
                break
            packet.stream = self._video
            packet.time_base = tick
            packet.pts = packet.dts = self.frames
            packet.duration = 1
            self._mux([packet])
            self.frames += 1
            expected += 1
        if expected < span.end:
            raise InputError(f"{path} has {expected} frames and {span.end} are needed. Render this take again.")

    def _mux(self, packets: "Sequence[Packet[Any]]") -> None:
        try:
            self._container.mux(packets)
        except (FFmpegError, OSError) as error:
            raise write_error(self._path, error) from error

    def _finish(self) -> None:
        self._container.mux(self._video.encode(None))
        if self._with_sound:
            self._container.mux(self._audio.encode(None))
        self._container.close()

    def _abandon(self) -> None:
        with suppress(FFmpegError, OSError):
            self._container.close()
        if self._path.is_file():  # never a device
            self._path.unlink()
