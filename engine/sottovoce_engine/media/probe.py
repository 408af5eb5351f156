"""What a media file holds, found out without reading all of it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sottovoce_engine.errors import InputError
from sottovoce_engine.media.container import opened_media, picture_stream, sound_stream
from sottovoce_engine.media.looking import remembered
from sottovoce_engine.media.standard_range import HLG, PQ
from sottovoce_engine.scene import Raster
from sottovoce_engine.timing import rate_from

_HDR = {PQ: "PQ", HLG: "HLG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureInfo:
    """A file's picture as it is shown: upright and in square pixels."""

    rate: Fraction
    raster: Raster
    frames: int | None  # None where the container does not say
    codec: str
    pixel_format: str
    rotation: int  # degrees counter-clockwise by which stored frames are turned to stand upright: 0, 90, 180 or 270
    interlaced: bool
    variable_rate: bool
    hdr: str = ""  # "PQ" or "HLG"; "" of a standard range
    bits: int = 8  # of a sample


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundInfo:
    """A file's sound."""

    sample_rate: int
    channels: int
    samples: int  # at its own sample rate


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """A media file."""

    path: str  # absolute
    seconds: Fraction  # of the longer of picture and sound; 0 for a still
    picture: PictureInfo | None
    sound: SoundInfo | None


def probe(path: Path | str) -> MediaInfo:
    """What the file holds. Asked again for a file that has not changed, the answer is remembered.

    Raises:
        InputError: The file is missing, may not be read, or holds neither picture nor sound.
    """
    return _probed(path)


@remembered
def _probed(file: Path, _size: int) -> MediaInfo:
    path = str(file)
    with opened_media(path) as container:
        picture, sound = picture_stream(container), sound_stream(container)
        if picture is None and sound is None:
            raise InputError(f"{path} holds neither picture nor sound. Relink the clip to a media file.")
        seconds = max(_seconds(stream, container) for stream in (picture, sound) if stream is not None)
        return MediaInfo(
            path=path,
            seconds=seconds,
            picture=None if picture is None else _picture(picture, container, path),
            sound=None if sound is None else _sound(sound, container),
        )


def _picture(stream: VideoStream, container: InputContainer, path: str) -> PictureInfo:
    first = next(container.decode(stream), None)
    if not isinstance(first, VideoFrame):
        raise InputError(f"{path} has a picture stream without a single frame. Export it again.")
    average, base = stream.average_rate or stream.guessed_rate or stream.base_rate, stream.base_rate
    rotation = round(first.rotation) % 360
    return PictureInfo(
        rate=rate_from(Fraction(average or 25)),
        raster=_upright(first, Fraction(stream.sample_aspect_ratio or 1), rotation),
        frames=stream.frames or None,
        codec=stream.codec_context.name,
        pixel_format=first.format.name,
        rotation=rotation,
        interlaced=first.interlaced_frame,
        variable_rate=bool(average and base and not _agree(average, base)),
        hdr=_HDR.get(first.color_trc, ""),
        bits=max(component.bits for component in first.format.components),
    )


def _upright(frame: VideoFrame, pixel_aspect: Fraction, rotation: int) -> Raster:
    """The size shown, on even numbers: turned upright, pixels made square at the stored height."""
    width, height = round(frame.width * pixel_aspect), frame.height
    if rotation in (90, 270):
        width, height = height, width
    return Raster(width=width - width % 2, height=height - height % 2)


def _agree(average: Fraction, base: Fraction) -> bool:
    """Whether the two rates a container gives describe one constant rate; fields count double."""
    return any(abs(average * times - base) < base / 500 for times in (1, 2))


def _sound(stream: AudioStream, container: InputContainer) -> SoundInfo:
    rate = stream.codec_context.sample_rate
    return SoundInfo(
        sample_rate=rate, channels=stream.codec_context.channels, samples=round(_seconds(stream, container) * rate)
    )


def _seconds(stream: VideoStream | AudioStream, container: InputContainer) -> Fraction:
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * stream.time_base
    return Fraction(container.duration or 0, 1_000_000)
